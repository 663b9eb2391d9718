"""What a leader may let pass, and for how long; and what no override can change."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import checks, commands
from app.domain.acts import Extended
from app.domain.checks import CHECKS, Finding
from app.domain.facts import Facts
from app.domain.machine import Refused
from app.domain.terms import CheckCode, CheckGate, ReplyKind, Role, SendMethod, State
from app.domain.workflow import WORKFLOW
from tests.domain.check_cases import DUE, day, facts, item, let_pass, past, settings
from tests.domain.check_trials import TRIALS

C = CheckCode
LATE = day(3, 31)
THIN = item(ReplyKind.DENY_INTERNAL, reason="属于内部事务")
AGAIN = item(ReplyKind.REJECT_REPEAT, earlier_case_no="规依〔2019〕7号（纸质）")
EXTENSION = commands.Extend(on=day(3, 5), workdays=5, reason="调档", approved_on=day(3, 6))
EXTENDED = [Extended(on=day(3, 5), workdays=5)]


def found(case: Facts, code: CheckCode) -> Finding:
    return next(finding for finding in checks.run(case) if finding.code is code)


def test_only_what_cannot_be_mended_or_is_no_law_may_be_let_pass() -> None:
    assert {code for code, rule in CHECKS.items() if rule.overridable} == {C.K01, C.K03, C.K07, C.K14}


@pytest.mark.parametrize(
    ("code", "case"),
    [
        (C.K01, facts(today=LATE, after=[let_pass(C.K01)])),
        (C.K03, facts(before=[EXTENSION], acts=EXTENDED, after=[let_pass(C.K03)])),
        (C.K07, facts(THIN, after=[let_pass(C.K07)])),
        (C.K14, facts(AGAIN, after=[let_pass(C.K14)])),
    ],
)
def test_a_leaders_reason_lets_pass_what_it_names_and_leaves_the_fault_on_record(code: CheckCode, case: Facts) -> None:
    assert all(checks.blockers(case, gate) == [] for gate in CheckGate)
    finding = found(case, code)
    assert not finding.passed
    assert finding.messages
    assert finding.overridden_by == "负责人已核实"


@pytest.mark.parametrize(
    ("code", "case"),
    [
        (C.K01, facts(today=LATE, after=[let_pass(C.K01, on=DUE)])),  # in advance, on the last day
        (C.K03, facts(before=[let_pass(C.K03), EXTENSION], acts=EXTENDED)),
        (C.K07, facts(THIN, before=[let_pass(C.K07)])),  # for an earlier draft
        (C.K14, facts(AGAIN, before=[let_pass(C.K14)])),
        (C.K07, facts(THIN, after=[let_pass(C.K14)])),  # for another check
    ],
)
def test_an_override_does_not_reach_what_came_after_it_nor_another_check(code: CheckCode, case: Facts) -> None:
    assert found(case, code).overridden_by is None
    assert [text[:3] for text in checks.blockers(case, CheckGate.SIGN)] == [code.value]


def test_the_newest_reason_is_shown() -> None:
    case = facts(THIN, after=[let_pass(C.K07, "先前的理由"), let_pass(C.K07, "最后的理由")])
    assert found(case, C.K07).overridden_by == "最后的理由"


def test_an_override_of_a_check_that_passes_says_nothing() -> None:
    assert found(facts(after=[let_pass(C.K01)]), C.K01).overridden_by is None


CASES = st.sampled_from([trial.facts for trial in TRIALS])


@given(CASES, st.lists(st.sampled_from(CheckCode), max_size=4))
def test_what_blocks_is_what_was_found(case: Facts, let: list[CheckCode]) -> None:
    case = dataclasses.replace(case, past=(*case.past, *past(*map(let_pass, let), today=case.today)))
    findings = {finding.code: finding for finding in checks.run(case)}
    for gate in CheckGate:
        for text in checks.blockers(case, gate):
            finding = findings[CheckCode(text[:3])]
            assert finding.blocks
            assert gate in CHECKS[finding.code].gates
            assert text.partition("：")[2] in finding.messages


@given(CASES, st.sampled_from([code for code, rule in CHECKS.items() if not rule.overridable]))
def test_overriding_what_nobody_may_let_pass_changes_nothing(case: Facts, code: CheckCode) -> None:
    forced = dataclasses.replace(case, past=(*case.past, *past(let_pass(code), today=case.today)))
    assert checks.run(forced) == checks.run(case)


@pytest.mark.parametrize("code", CheckCode)
def test_the_leader_is_told_at_once_what_may_not_be_let_pass(code: CheckCode) -> None:
    command = let_pass(code)
    if CHECKS[code].overridable:
        assert WORKFLOW.decide(command, facts()).step.command is commands.Override
        return
    with pytest.raises(Refused) as refused:
        WORKFLOW.decide(command, facts())
    assert [reason.code for reason in refused.value.reasons] == ["check_cannot_be_overridden"]


def test_a_leader_cannot_sign_past_a_blocker_but_can_once_it_is_let_pass() -> None:
    with pytest.raises(Refused) as refused:
        WORKFLOW.decide(commands.Sign(), facts(THIN))
    assert [reason.message[:3] for reason in refused.value.reasons] == ["K07"]
    passed = facts(THIN, after=[let_pass(C.K07)])
    assert WORKFLOW.decide(commands.Sign(), passed).target is State.SIGNED


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"method": "email", "address": "a@example.com", "consent": "申请表"}, "no_online_reconsideration"),
        (
            {"method": "post", "carrier": "邮政", "tracking_no": "EX1", "on": day(3, 9)},
            "sent_before_signing",
        ),
        ({"method": "post", "carrier": "某某速运", "tracking_no": "EX1"}, "carrier_not_postal"),
    ],
)
def test_a_sending_is_refused_for_what_only_the_sender_knows(body: dict[str, Any], code: str) -> None:
    case = facts(state=State.SIGNED, signed_on=day(3, 10), roles=frozenset({Role.HANDLER}))
    with pytest.raises(Refused) as refused:
        WORKFLOW.decide(commands.Deliver.model_validate(body), case)
    assert [reason.code for reason in refused.value.reasons] == [code]


def test_a_sending_online_with_the_online_remedy_goes_out() -> None:
    case = facts(
        state=State.SIGNED,
        signed_on=day(3, 10),
        roles=frozenset({Role.HANDLER}),
        settings=settings(reconsideration_url="复议网上渠道"),
    )
    command = commands.Deliver(method=SendMethod.EMAIL, address="a@example.com", consent="申请表")
    assert WORKFLOW.decide(command, case).target is State.DELIVERING
