"""The workflow table: every state × action × role, and the table's own consistency."""

import datetime as dt
import itertools
from typing import Any

import pytest

from app.domain import commands
from app.domain.acts import CorrectionReceived, CorrectionRequested, Extended, Replied
from app.domain.facts import Facts
from app.domain.limits import ClockRules
from app.domain.machine import Reason, Refused, Step, Workflow
from app.domain.terms import Channel, DeliveryMethod, ReasonKind, ReplyKind, Role, State
from app.domain.workdays import WorkCalendar, build_calendar
from app.domain.workflow import WORKFLOW
from app.services.national_years import national_years

TODAY = dt.date(2026, 3, 10)
CALENDAR: WorkCalendar = build_calendar("CN", national_years())


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
        "assignees": frozenset({"jingban", "jingban2"}),
        "handler": "jingban",
        "drafter": "jingban",
        "endorser": "shenhe",
        "secrecy_cleared": True,
        "proposed": frozenset({ReplyKind.GRANT}),
        "outcome": None,
        "delivery": DeliveryMethod.POST,
        "proof_of_delivery": True,
        "rules": ClockRules(local_limit=15),
        "calendar": CALENDAR,
    }
    return Facts(**(given | changes))


ASKED = CorrectionRequested(on=dt.date(2026, 3, 3), delivered_on=dt.date(2026, 3, 4), reply_within_workdays=3)

OPENED_BY: dict[str, dict[str, Any]] = {
    "confirm_receipt": {"channel": Channel.INTERNET, "received_on": None},
    "record_correction_delivery": {"acts": (ASKED.model_copy(update={"delivered_on": None}),)},
    "close_uncorrected": {"acts": (ASKED,)},
    "receive_correction": {"acts": (ASKED.model_copy(update={"reply_within_workdays": 10}),)},
    "submit": {"actor": "jingban"},
    "confirm_delivery": {"acts": (Replied(on=dt.date(2026, 3, 9)),)},
}
"""What must be so for an action's guards to hold, where the plain case is not enough."""

CELLS = list(itertools.product(WORKFLOW.rows, State, Role))


@pytest.mark.parametrize(("step", "state", "role"), CELLS, ids=lambda value: getattr(value, "action", value))
def test_an_action_is_open_in_its_own_states_to_its_own_roles_and_nowhere_else(
    step: Step, state: State, role: Role
) -> None:
    case = facts(state=state, roles=frozenset({role}), **OPENED_BY.get(step.action, {}))
    kinds = {reason.kind for reason in step.obstacles(case)}
    assert (ReasonKind.ROLE in kinds) == (role not in step.roles)
    assert (ReasonKind.STATE in kinds) == (state not in step.sources)
    assert (not kinds) == (role in step.roles and state in step.sources)


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
    """Build the command from the examples its own schema shows to clerks."""
    fields = step.command.model_json_schema()
    return step.command.model_validate(_example(fields, fields.get("$defs", {})))


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
        ("submit", {"actor": "jingban2"}, "not_the_handler"),
        ("endorse", {"actor": "jingban"}, "drafter_cannot_review"),
        ("review_secrecy", {"actor": "jingban"}, "handler_cannot_clear"),
        ("return_draft", {"actor": "jingban"}, "drafter_cannot_review"),
        ("sign", {"actor": "jingban"}, "drafter_cannot_review"),
        ("sign", {"actor": "shenhe"}, "reviewer_cannot_sign"),
        ("sign", {"secrecy_cleared": False}, "secrecy_review_missing"),
        ("archive", {"state": State.DELIVERED, "proof_of_delivery": False}, "proof_of_delivery_missing"),
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
        ("assign", {}, {"handler": "nobody"}, "no_such_handler"),
        ("reassign", {}, {"handler": "nobody"}, "no_such_handler"),
        ("receive_correction", {"acts": (ASKED,)}, {"late_reason": None}, "late_correction_unexplained"),
        ("extend", {}, {"approved_on": TODAY, "on": dt.date(2026, 3, 9)}, "approved_after_notice"),
        ("submit", {"item_numbers": frozenset({1, 2})}, {}, "items_without_conclusion"),
        ("deliver", {}, {"carrier": "某某速运"}, "carrier_not_postal"),
        ("deliver", {}, {"tracking_no": None}, "carrier_not_postal"),
        ("deliver", {"today": dt.date(2026, 3, 31)}, {}, "late_reply_unexplained"),
        (
            "confirm_delivery",
            {"today": dt.date(2026, 3, 31), "delivery": DeliveryMethod.PICKUP, "acts": ()},
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
    assert [reason.code for reason in refused.value.reasons] == [code]


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
            Workflow(start=State.REGISTERED, ends=frozenset({State.ARCHIVED}), common=(), rows=broken)
