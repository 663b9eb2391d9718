"""The workflow table: every state × action × role, and the table's own consistency."""

import datetime as dt
import itertools
from functools import cache
from typing import Any

import pytest

from app.domain import commands
from app.domain.acts import (
    ConsultationSent,
    CorrectionReceived,
    CorrectionRequested,
    Extended,
    FeeNotified,
    ReasonsReceived,
    ReasonsRequested,
    Replied,
)
from app.domain.facts import Facts, Past
from app.domain.machine import Reason, Refused, Step, Workflow
from app.domain.settings import AgencySettings
from app.domain.terms import (
    CaseKind,
    Channel,
    CheckCode,
    ConsultationKind,
    DeliveryMethod,
    FeeMethod,
    ReasonKind,
    Role,
    SendMethod,
    State,
)
from app.domain.workdays import WorkCalendar, build_calendar
from app.domain.workflow import WORKFLOW
from app.services.national_years import national_years

TODAY = dt.date(2026, 3, 10)
CALENDAR: WorkCalendar = build_calendar("CN", national_years())
SETTINGS = AgencySettings(
    local_limit_workdays=15,
    reconsideration_authority="海州市人民政府",
    court="海东区人民法院",
    reconsideration_url="https://fy.example.gov.cn",
)


def _example(schema: dict[str, Any], defs: dict[str, Any]) -> Any:
    if "examples" in schema:
        return schema["examples"][0]
    if "$ref" in schema:
        return _example(defs[schema["$ref"].rsplit("/", 1)[1]], defs)
    if schema.get("type") == "array":
        return [_example(schema["items"], defs)]
    if "properties" in schema:
        return {name: _example(part, defs) for name, part in schema["properties"].items()}
    return schema.get("default")


@cache
def _plain(kind: type[commands.Command]) -> dict[str, Any]:
    schema = kind.model_json_schema()
    found: dict[str, Any] = _example(schema, schema.get("$defs", {}))
    return found


def sample(kind: type[commands.Command], **changes: Any) -> Any:
    """Build a command from the examples its own schema shows to clerks."""
    return kind.model_validate(_plain(kind) | changes)


def past(kind: type[commands.Command], who: str = "jingban", **changes: Any) -> Past:
    return Past(sample(kind, **({"on": TODAY} | changes)), who)


SUBMITTED = (past(commands.Submit), past(commands.ReviewSecrecy, "baomi"))


def facts(**changes: Any) -> Facts:
    """A case in which every guard of the table holds, until `changes` say otherwise."""
    given: dict[str, Any] = {
        "today": TODAY,
        "actor": "somebody",
        "roles": frozenset(Role),
        "state": State.REGISTERED,
        "channel": Channel.IN_PERSON,
        "submitted_on": dt.date(2026, 3, 2),
        "received_on": dt.date(2026, 3, 2),
        "item_numbers": frozenset({1}),
        "handler": "jingban",
        "drafter": "jingban",
        "endorser": "shenhe",
        "secrecy_cleared": True,
        "legality_passed": True,
        "requests_in_month": 11,
        "conclusions": tuple(sample(commands.Submit).conclusions),
        "past": SUBMITTED,
        "sending": SendMethod.POST,
        "proof_of_delivery": True,
        "settings": SETTINGS,
        "calendar": CALENDAR,
    }
    return Facts(**(given | changes))


ASKED = CorrectionRequested(on=dt.date(2026, 3, 3), delivered_on=dt.date(2026, 3, 4), reply_within_workdays=3)

REASONS = ReasonsRequested(on=dt.date(2026, 3, 3), delivered_on=dt.date(2026, 3, 4), reply_within_workdays=3)
LETTER = ConsultationSent(on=dt.date(2026, 3, 5), ref="A", kind=ConsultationKind.THIRD_PARTY)
BILL = FeeNotified(on=dt.date(2026, 3, 5), delivered_on=dt.date(2026, 3, 5))
CONSULTED = past(commands.Consult)
OBJECTED = past(commands.RecordConsultationAnswer, position="objects")
PAID = past(commands.RecordPayment, amount_yuan=150)
BILLED = past(commands.NotifyFee)
LATER = dt.date(2026, 4, 10)  # past the twenty working days of BILL

OPENED_BY: dict[str, dict[str, Any]] = {
    "confirm_receipt": {"channel": Channel.INTERNET, "received_on": None},
    "record_correction_delivery": {"acts": (ASKED.model_copy(update={"delivered_on": None}),)},
    "receive_correction": {"acts": (ASKED.model_copy(update={"reply_within_workdays": 10}),)},
    "close_uncorrected": {"acts": (ASKED,)},
    "record_reasons_delivery": {"acts": (REASONS.model_copy(update={"delivered_on": None}),)},
    "receive_reasons": {"acts": (REASONS,)},
    "set_excessive_period": {
        "acts": (REASONS, ReasonsReceived(on=dt.date(2026, 3, 9))),
        "past": (past(commands.ReceiveReasons),),
    },
    "split": {"item_numbers": frozenset({1, 2})},
    "record_consultation_delivery": {"acts": (LETTER,), "past": (CONSULTED,)},
    "record_consultation_answer": {"acts": (LETTER,), "past": (CONSULTED,)},
    "notify_third_party": {"acts": (LETTER,), "past": (CONSULTED, OBJECTED)},
    "notify_fee": {"wanted": DeliveryMethod.EMAIL},
    "record_fee_delivery": {"acts": (BILL.model_copy(update={"delivered_on": None}),)},
    "record_payment": {"acts": (BILL,), "past": (BILLED,)},
    "close_unpaid": {"acts": (BILL,), "today": LATER},
    "refund_fee": {"past": (BILLED, PAID)},
    "submit": {"actor": "jingban"},
    "confirm_delivery": {"acts": (Replied(on=dt.date(2026, 3, 9)),)},
}
"""What must be so for an action's guards to hold, where the plain case is not enough."""

LATE_BUT_LET_PASS = {
    "today": dt.date(2026, 3, 31),
    "past": (
        past(commands.Submit),
        past(commands.ReviewSecrecy, "baomi"),
        past(commands.Override, "lingdao", on=dt.date(2026, 3, 31)),
    ),
}

CELLS = list(itertools.product(WORKFLOW.rows, State))


@pytest.mark.parametrize(("step", "state"), CELLS, ids=lambda value: getattr(value, "action", value))
def test_an_action_is_open_in_its_own_states_to_its_own_roles_and_nowhere_else(step: Step, state: State) -> None:
    for role in Role:
        case = facts(state=state, roles=frozenset({role}), **OPENED_BY.get(step.action, {}))
        kinds = {reason.kind for reason in step.obstacles(case)}
        assert (ReasonKind.ROLE in kinds) == (role not in step.roles), role
        assert (ReasonKind.STATE in kinds) == (state not in step.sources), role
        assert (not kinds) == (role in step.roles and state in step.sources), role


@pytest.mark.parametrize("step", WORKFLOW.rows, ids=lambda step: step.action)
def test_the_button_and_the_verdict_agree(step: Step) -> None:
    for state, role in itertools.product(State, Role):
        case = facts(state=state, roles=frozenset({role}), **OPENED_BY.get(step.action, {}))
        option = next(option for option in WORKFLOW.options(case) if option.step is step)
        assert list(option.obstacles) == verdict(step, case), f"{step.action} in {state} by {role}"


def verdict(step: Step, case: Facts) -> list[Reason]:
    """Decide the step with its own example body; returns what the machine refuses it for."""
    try:
        WORKFLOW.decide(example(step), case)
    except Refused as refused:
        return list(refused.reasons)
    return []


def example(step: Step) -> commands.Command:
    found: commands.Command = sample(step.command)
    return found


def test_every_refusal_speaks_chinese_and_every_rule_names_its_article() -> None:
    for step in WORKFLOW.rows:
        assert step.basis
        assert step.about.endswith("。")
        for rule in step.rules:
            assert any("一" <= letter <= "鿿" for letter in rule.message), rule.code
            assert rule.basis, f"{step.action}: {rule.code} rests on nothing"


@pytest.mark.parametrize(
    ("step", "changes", "code"),
    [
        ("accept", {"received_on": None, "channel": Channel.INTERNET}, "receipt_not_confirmed"),
        ("confirm_receipt", {"channel": Channel.IN_PERSON, "received_on": None}, "receipt_needs_no_confirmation"),
        ("confirm_receipt", {"channel": Channel.INTERNET, "received_on": TODAY}, "receipt_already_confirmed"),
        ("request_correction", {"acts": (ASKED, CorrectionReceived(on=TODAY))}, "correction_already_requested"),
        ("record_correction_delivery", {"acts": (ASKED,)}, "correction_delivery_known"),
        ("close_uncorrected", {"today": dt.date(2026, 3, 9), "acts": (ASKED,)}, "correction_period_running"),
        ("extend", {"today": dt.date(2026, 3, 31)}, "due_date_passed"),
        ("request_reasons", {"acts": (REASONS,)}, "reasons_already_requested"),
        ("receive_reasons", {"acts": ()}, "reasons_not_requested"),
        ("withdraw", {"acts": (Replied(on=dt.date(2026, 3, 9)),)}, "already_answered"),
        ("record_reasons_delivery", {"acts": ()}, "reasons_delivery_known"),
        ("record_reasons_delivery", {"acts": (REASONS,)}, "reasons_delivery_known"),
        ("set_excessive_period", {"past": (past(commands.ReceiveReasons, reasonable=False),)}, "reasons_not_accepted"),
        ("transfer", {"acts": (LETTER,)}, "clock_is_waiting"),
        ("notify_fee", {"acts": (BILL,), "state": State.HANDLING}, "fee_already_notified"),
        ("notify_fee", {"today": dt.date(2026, 3, 31)}, "fee_notice_too_late"),
        ("record_fee_delivery", {"acts": (BILL,)}, "fee_delivery_known"),
        ("close_unpaid", {"today": TODAY}, "payment_period_running"),
        ("refund_fee", {"past": ()}, "nothing_paid"),
        ("submit", {"actor": "jingban2"}, "not_the_handler"),
        ("endorse", {"actor": "jingban"}, "drafter_cannot_review"),
        ("review_secrecy", {"actor": "jingban"}, "handler_cannot_review"),
        ("return_draft", {"actor": "jingban"}, "drafter_cannot_review"),
        ("override", {"actor": "jingban"}, "drafter_cannot_review"),
        ("override", {"actor": "shenhe"}, "reviewer_cannot_sign"),
        ("endorse", {"actor": "lingdao", "past": (past(commands.Override, "lingdao"),)}, "approver_cannot_review"),
        ("endorse", {"actor": "former", "past": (past(commands.Assign, handler="former"),)}, "drafter_cannot_review"),
        ("sign", {"actor": "former", "past": (*SUBMITTED, past(commands.Endorse, "former"))}, "reviewer_cannot_sign"),
        ("supplement", {"actor": "jingban"}, "drafter_cannot_review"),
        ("supplement", {"actor": "shenhe"}, "reviewer_cannot_sign"),
        ("sign", {"actor": "jingban"}, "drafter_cannot_review"),
        ("sign", {"actor": "shenhe"}, "reviewer_cannot_sign"),
        ("review_legality", {"actor": "jingban"}, "handler_cannot_review"),
        ("sign", {"secrecy_cleared": False}, "check_blocked"),
        ("archive", {"state": State.DELIVERED, "proof_of_delivery": False}, "check_blocked"),
    ],
)
def test_each_guard_closes_its_action_and_says_why(step: str, changes: dict[str, Any], code: str) -> None:
    row = WORKFLOW.steps[step]
    case = facts(**({"state": min(row.sources)} | OPENED_BY.get(step, {}) | changes))
    assert [reason.code for reason in row.obstacles(case)] == [code]


def test_every_guard_of_the_table_has_a_case_that_trips_it() -> None:
    tripped = {
        mark.args[1][i][2]
        for mark in test_each_guard_closes_its_action_and_says_why.pytestmark
        for i in range(len(mark.args[1]))
    }
    assert tripped >= {guard.code for step in WORKFLOW.rows for guard in step.guards}


@pytest.mark.parametrize(
    ("step", "changes", "body", "code"),
    [
        ("accept", {}, {"on": dt.date(2026, 3, 11)}, "date_in_future"),
        ("accept", {}, {"on": dt.date(2026, 3, 1)}, "date_before_receipt"),
        ("receive_correction", {"acts": (ASKED,)}, {"late_reason": None}, "late_correction_unexplained"),
        ("extend", {}, {"approved_on": TODAY, "on": dt.date(2026, 3, 9)}, "approved_after_notice"),
        ("submit", {"item_numbers": frozenset({1, 2})}, {}, "items_without_conclusion"),
        ("assign", {}, {"handler": "shenhe"}, "judge_cannot_handle"),
        ("reassign", {}, {"handler": "shenhe"}, "judge_cannot_handle"),
        ("reassign", {"past": (past(commands.ReturnDraft, "back"),)}, {"handler": "back"}, "judge_cannot_handle"),
        ("reassign", {"past": (past(commands.Override, "boss"),)}, {"handler": "boss"}, "judge_cannot_handle"),
        ("split", {}, {"item_nos": [1, 2]}, "items_cannot_be_split"),
        ("split", {}, {"item_nos": [3]}, "items_cannot_be_split"),
        ("consult", {"past": (CONSULTED,)}, {}, "consultation_ref_taken"),
        ("record_consultation_delivery", {}, {"ref": "B"}, "no_such_consultation"),
        ("record_consultation_answer", {}, {"ref": "B"}, "no_such_consultation"),
        ("notify_third_party", {"past": (CONSULTED,)}, {}, "third_party_did_not_object"),
        ("notify_fee", {}, {"pages": None}, "fee_methods_mixed"),
        (
            "notify_fee",
            {"requests_in_month": None},
            {"method": FeeMethod.PER_REQUEST, "pages": None},
            "applicant_unknown",
        ),
        (
            "notify_fee",
            {"requests_in_month": 10},
            {"method": FeeMethod.PER_REQUEST, "pages": None},
            "fee_within_allowance",
        ),
        ("notify_fee", {}, {"pages": 30}, "fee_within_allowance"),
        ("notify_fee", {"wanted": DeliveryMethod.POST}, {}, "fee_notice_way"),
        ("record_payment", {}, {"amount_yuan": 149}, "amount_differs"),
        ("refund_fee", {}, {"amount_yuan": 151}, "refund_exceeds_payment"),
        ("override", {}, {"check": CheckCode.K21}, "check_cannot_be_overridden"),
        ("deliver", {}, {"carrier": "某某速运"}, "carrier_not_postal"),
        ("deliver", {}, {"tracking_no": None}, "carrier_not_postal"),
        ("deliver", {}, {"freight_collect": True}, "carrier_not_postal"),
        ("deliver", {}, {"method": SendMethod.EMAIL}, "electronic_without_consent"),
        ("deliver", {}, {"method": SendMethod.PUBLIC_NOTICE}, "public_notice_too_early"),
        ("confirm_delivery", {"sending": SendMethod.PUBLIC_NOTICE}, {}, "public_notice_running"),
        ("sign", {"today": dt.date(2026, 3, 31)}, {}, "reply_is_late"),
        ("deliver", {"today": dt.date(2026, 3, 31)}, {}, "reply_is_late"),
        ("deliver", LATE_BUT_LET_PASS, {}, "late_reply_unexplained"),
        (
            "confirm_delivery",
            {"today": dt.date(2026, 3, 31), "sending": SendMethod.PICKUP, "acts": ()},
            {},
            "late_reply_unexplained",
        ),
    ],
)
def test_each_check_refuses_its_body_and_says_why(
    step: str, changes: dict[str, Any], body: dict[str, Any], code: str
) -> None:
    row = WORKFLOW.steps[step]
    case = facts(**({"state": min(row.sources)} | OPENED_BY.get(step, {}) | changes))
    with pytest.raises(Refused) as refused:
        WORKFLOW.decide(example(row).model_copy(update=body), case)
    assert code in [reason.code for reason in refused.value.reasons]


@pytest.mark.parametrize(
    ("conclusion", "code", "words"),
    [
        ({"kind": "closed_no_correction", "citations": ["条例第30条"]}, "closing_is_not_a_reply", "结案"),
        ({"kind": "unable_unclear", "citations": ["条例第30条"]}, "unclear_without_correction", "补正"),
        ({"kind": "grant", "citations": ["条例第14条"]}, "citation_wrong", "第1项"),
    ],
)
def test_a_conclusion_must_fit_its_history_and_its_law(conclusion: dict[str, Any], code: str, words: str) -> None:
    row = WORKFLOW.steps["submit"]
    submitted = example(row)
    assert isinstance(submitted, commands.Submit)
    changed = commands.Conclusion.model_validate(submitted.conclusions[0].model_dump() | conclusion)
    case = facts(state=State.HANDLING, actor="jingban")
    with pytest.raises(Refused) as refused:
        WORKFLOW.decide(submitted.model_copy(update={"conclusions": [changed]}), case)
    found = {reason.code: reason.message for reason in refused.value.reasons}
    assert words in found[code]


def test_an_extension_beyond_twenty_days_is_the_clocks_objection() -> None:
    case = facts(state=State.HANDLING, acts=(Extended(on=dt.date(2026, 3, 9), workdays=15),))
    with pytest.raises(Refused) as refused:
        WORKFLOW.decide(commands.Extend(workdays=6, reason="仍需时间"), case)
    assert refused.value.reasons[0].kind is ReasonKind.GUARD


def test_a_table_that_contradicts_itself_does_not_come_into_being() -> None:
    rows = WORKFLOW.rows
    without_archive = tuple(step for step in rows if step.action != "archive")
    for broken, fault in (
        ((*rows, rows[0]), "duplicate action"),
        (without_archive, "unreachable state"),
        (without_archive, "no way out"),
    ):
        with pytest.raises(ValueError, match=fault):
            Workflow(
                kind=CaseKind.DISCLOSURE,
                start=State.REGISTERED,
                ends=frozenset({State.ARCHIVED}),
                common=(),
                rows=broken,
            )
