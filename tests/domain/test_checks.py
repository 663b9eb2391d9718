"""Every check, by a case that passes it and cases that trip it and nothing else."""

import pytest

from app.domain import checks, commands
from app.domain.acts import Closed
from app.domain.checks import CHECKS
from app.domain.terms import CheckCode, CheckGate, CheckLevel, DeliveryMethod, Position, State
from tests.domain.check_cases import TODAY, day, facts, item
from tests.domain.check_trials import ANSWERED, TRIALS, C, K, Trial, answer, asked, consult, posted


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: f"{trial.code}: {trial.name}")
def test_a_case_trips_the_check_it_should_and_no_other(trial: Trial) -> None:
    findings = {finding.code: finding for finding in checks.run(trial.facts)}
    failed = {code: finding.messages for code, finding in findings.items() if finding.messages}
    assert set(failed) == ({trial.code} if trial.says else set()), failed
    assert findings[trial.code].applicable
    assert findings[trial.code].passed == (not trial.says)
    for words in trial.says:
        assert words in "".join(failed[trial.code])


@pytest.mark.parametrize("code", CheckCode)
def test_every_check_has_a_case_that_passes_and_one_that_trips(code: CheckCode) -> None:
    assert {bool(trial.says) for trial in TRIALS if trial.code is code} == {True, False}


@pytest.mark.parametrize("trial", [trial for trial in TRIALS if trial.says], ids=lambda t: f"{t.code}: {t.name}")
def test_a_blocker_stops_at_its_own_gates_and_a_warning_nowhere(trial: Trial) -> None:
    rule = CHECKS[trial.code]
    stopped = {gate for gate in CheckGate if checks.blockers(trial.facts, gate)}
    assert stopped == (set(rule.gates) if rule.level is CheckLevel.BLOCKER else set())
    for gate in stopped:
        for message in checks.blockers(trial.facts, gate):
            assert message.startswith(f"{trial.code.value} {trial.code.label}：")


def test_the_table_is_complete_and_every_check_asks_in_chinese_on_a_ground() -> None:
    assert list(CHECKS) == list(CheckCode)
    for rule in CHECKS.values():
        assert rule.asks.endswith(("？", "）"))
        assert rule.basis
        assert rule.gate is rule.gates[-1]
    assert {code for code, rule in CHECKS.items() if rule.level is CheckLevel.WARNING} == {
        *(C.K02, C.K15, C.K22, C.K24, C.K25, C.K30)
    }


def test_before_there_is_a_draft_only_the_deadline_and_the_address_are_judged() -> None:
    case = facts(state=State.REGISTERED, conclusions=(), past=(), wanted=DeliveryMethod.EMAIL)
    assert {finding.code for finding in checks.run(case) if finding.applicable} == {C.K01, C.K30}
    assert not [finding for finding in checks.run(case) if finding.passed and not finding.applicable]


def test_before_receipt_is_confirmed_and_after_a_withdrawal_no_deadline_is_judged() -> None:
    for case in (facts(received_on=None), facts(acts=[Closed(on=TODAY)], today=day(6, 1))):
        assert C.K01 not in {finding.code for finding in checks.run(case) if finding.applicable}


def test_a_case_under_review_without_conclusions_does_not_pass_for_answered() -> None:
    assert any(text.startswith("K10") for text in checks.blockers(facts(conclusions=(), past=()), CheckGate.SIGN))


def test_a_clock_that_waits_for_a_third_party_is_not_late() -> None:
    case = facts(before=[consult()], acts=[asked()], today=day(4, 20))
    assert case.due_on is not None
    assert case.today <= case.due_on
    assert not [finding for finding in checks.run(case) if finding.code is C.K01 and finding.messages]


def test_an_objector_whose_part_is_spared_need_not_be_told() -> None:
    objected = [consult(), answer(Position.OBJECTS)]
    for items in ([item(K.PARTIAL)], [item(), item(K.DENY_THIRD_PARTY, 2)], [item(K.DENY_THIRD_PARTY)]):
        case = facts(*items, before=objected, acts=ANSWERED["acts"])
        assert checks.blockers(case, CheckGate.DELIVER) == []


def test_a_reply_that_came_back_is_judged_by_how_it_goes_out_anew() -> None:
    once = posted(carrier="某某速运", on=day(3, 9))
    back = commands.RecordReturn(on=TODAY, reason="地址不详")
    case = facts(**(once | {"state": State.SIGNED, "after": [*once["after"], back]}))
    assert checks.blockers(case, CheckGate.DELIVER) == []


def test_a_grant_needs_no_long_reason() -> None:
    assert all(checks.blockers(facts(item(reason="可以公开")), gate) == [] for gate in CheckGate)
