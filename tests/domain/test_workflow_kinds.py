"""The tables of rectification and complaint: every state × action × role, and what only they demand."""

import datetime as dt
import itertools
from typing import Any

import pytest
from pydantic import ValidationError

from app.domain import commands
from app.domain.acts import Replied, Served, Withdrawn
from app.domain.facts import Facts
from app.domain.handling import follow
from app.domain.machine import Refused, Step, Workflow
from app.domain.settings import AgencySettings
from app.domain.terms import CaseKind, Channel, ClockState, Doc, NodeKind, ReasonKind, Role, State
from app.domain.workflow import COMMANDS, WORKFLOW, WORKFLOWS
from app.services.effects import EFFECTS
from tests.domain.test_workflow import CALENDAR, TODAY, facts, past, sample

FURTHER = [WORKFLOWS[CaseKind.RECTIFICATION], WORKFLOWS[CaseKind.COMPLAINT]]
ROWS = [(workflow, step) for workflow in FURTHER for step in workflow.rows]
CONCLUDED = {"past": (past(commands.ConcludeComplaint),)}
OPENED_BY: dict[str, dict[str, Any]] = {
    "confirm_receipt": {"channel": Channel.INTERNET, "received_on": None},
    "decide_rectification": {"actor": "jingban"},
    "conclude_complaint": {"actor": "jingban"},
    "confirm_delivery": {"acts": (Replied(on=dt.date(2026, 3, 9)),)},
    "record_follow_up": CONCLUDED,
}


def named(value: object) -> str:
    return getattr(value, "action", None) or str(getattr(value, "kind", value))


def case(workflow: Workflow, step: Step | None = None, **changes: Any) -> Facts:
    opened = OPENED_BY.get(step.action, {}) if step else {}
    return facts(**({"kind": workflow.kind, "conclusions": (), "past": (), "supervises": True} | opened | changes))


@pytest.mark.parametrize(("workflow", "step"), ROWS, ids=named)
def test_an_action_is_open_in_its_own_states_to_its_own_roles_and_nowhere_else(workflow: Workflow, step: Step) -> None:
    for state, role in itertools.product(State, Role):
        here = case(workflow, step, state=state, roles=frozenset({role}))
        kinds = {reason.kind for reason in step.obstacles(here)}
        assert (ReasonKind.ROLE in kinds) == (role not in step.roles), (state, role)
        assert (ReasonKind.STATE in kinds) == (state not in step.sources), (state, role)
        assert (not kinds) == (role in step.roles and state in step.sources), (state, role)


@pytest.mark.parametrize(("workflow", "step"), ROWS, ids=named)
def test_the_button_and_the_verdict_agree(workflow: Workflow, step: Step) -> None:
    for state, role in itertools.product(State, Role):
        here = case(workflow, step, state=state, roles=frozenset({role}))
        [option] = [option for option in workflow.options(here) if option.step is step]
        assert list(option.obstacles) == verdict(workflow, sample(step.command), here), (state, role)


def verdict(workflow: Workflow, command: commands.Command, here: Facts) -> list[object]:
    try:
        workflow.decide(command, here)
    except Refused as refused:
        return list(refused.reasons)
    return []


@pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=named)
def test_a_step_of_another_kind_is_refused_as_a_matter_of_state_and_is_no_button(workflow: Workflow) -> None:
    foreign = COMMANDS.keys() - workflow.steps.keys()
    assert foreign
    here = case(workflow)
    assert not foreign & {option.step.action for option in workflow.options(here)}
    for action in sorted(foreign):
        with pytest.raises(Refused) as refused:
            workflow.decide(sample(COMMANDS[action]), here)
        [reason] = refused.value.reasons
        assert (reason.kind, reason.code) == (ReasonKind.STATE, "not_for_this_kind")
        assert reason.message == f"{workflow.kind.label}没有这一步"


def test_one_action_is_one_body_in_every_table() -> None:
    for workflow in WORKFLOWS.values():
        assert all(COMMANDS[step.action] is step.command for step in workflow.rows)
    assert set(EFFECTS) == set(COMMANDS.values())


def test_the_main_table_uses_every_state_and_the_others_fewer() -> None:
    assert WORKFLOW.states == set(State)
    rectification, complaint = FURTHER
    assert set(State) - rectification.states == {State.AWAITING_CORRECTION, State.AWAITING_PAYMENT}
    assert set(State) - complaint.states == {*(State.AWAITING_CORRECTION, State.AWAITING_PAYMENT, State.SECTION_REVIEW)}


@pytest.mark.parametrize(("workflow", "step"), ROWS, ids=named)
def test_every_row_rests_on_something_and_speaks_chinese(workflow: Workflow, step: Step) -> None:
    assert step.basis
    assert step.about.endswith("。")
    assert step.issues <= {Doc.RECTIFICATION, Doc.COMPLAINT}, "the other templates speak of requests for information"
    assert all(rule.basis and any("一" <= letter <= "鿿" for letter in rule.message) for rule in step.rules)


R, C = FURTHER


@pytest.mark.parametrize(
    ("workflow", "action", "changes", "code"),
    [
        (R, "decide_rectification", {"actor": "jingban2"}, "not_the_handler"),
        (R, "endorse", {"actor": "jingban"}, "drafter_cannot_review"),
        (R, "sign", {"actor": "jingban"}, "drafter_cannot_review"),
        (R, "sign", {"actor": "shenhe"}, "reviewer_cannot_sign"),
        (R, "archive", {"state": State.DELIVERED, "proof_of_delivery": False}, "no_proof_of_delivery"),
        (C, "conclude_complaint", {"actor": "duban2"}, "not_the_handler"),
        (C, "sign", {"actor": "jingban"}, "drafter_cannot_review"),
        (C, "record_follow_up", {"past": ()}, "nothing_demanded"),
        (
            C,
            "record_follow_up",
            {"past": (past(commands.ConcludeComplaint, outcome="unfounded", demand=None),)},
            "nothing_demanded",
        ),
        (C, "archive", {"state": State.DELIVERED, "proof_of_delivery": False}, "no_proof_of_delivery"),
    ],
    ids=named,
)
def test_each_guard_closes_its_action(workflow: Workflow, action: str, changes: dict[str, Any], code: str) -> None:
    step = workflow.steps[action]
    here = case(workflow, step, **({"state": min(step.sources)} | changes))
    assert [reason.code for reason in step.obstacles(here)] == [code]


@pytest.mark.parametrize(
    ("workflow", "action", "changes", "body", "code"),
    [
        (C, "conclude_complaint", {"supervises": False}, {}, "not_our_subordinate"),
        (R, "deliver", {}, {"carrier": "某某速运"}, "carrier_not_postal"),
        (R, "deliver", {"signed_on": TODAY}, {"on": dt.date(2026, 3, 9)}, "sent_before_signing"),
        (C, "deliver", {}, {"method": "email"}, "electronic_without_consent"),
        (R, "accept", {}, {"on": dt.date(2026, 3, 11)}, "date_in_future"),
    ],
    ids=named,
)
def test_each_check_refuses_its_body(
    workflow: Workflow, action: str, changes: dict[str, Any], body: dict[str, Any], code: str
) -> None:
    step = workflow.steps[action]
    here = case(workflow, step, **({"state": min(step.sources)} | changes))
    found = verdict(workflow, sample(step.command, **body), here)
    assert code in [getattr(reason, "code", "") for reason in found]


def test_a_complaint_about_an_agency_not_below_ours_may_be_transferred() -> None:
    body = sample(commands.ConcludeComplaint, outcome="transferred", demand=None, authority="省人民政府办公厅")
    here = case(C, C.steps["conclude_complaint"], state=State.HANDLING, supervises=False)
    assert C.decide(body, here).target is State.LEADER_REVIEW


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        (commands.DecideRectification, {"corrected": None}),
        (commands.DecideRectification, {"outcome": "refused"}),
        (commands.DecideRectification, {"outcome": "forwarded", "corrected": None}),
        (commands.DecideRectification, {"outcome": "told_whom", "corrected": None}),
        (commands.DecideRectification, {"authority": "市公安局"}),
        (commands.ConcludeComplaint, {"demand": None}),
        (commands.ConcludeComplaint, {"outcome": "criticised", "demand": None}),
        (commands.ConcludeComplaint, {"outcome": "unfounded"}),
        (commands.ConcludeComplaint, {"outcome": "transferred", "demand": None}),
        (commands.ConcludeComplaint, {"authority": "省人民政府办公厅"}),
    ],
)
def test_a_decision_says_what_its_outcome_needs_and_nothing_else(kind: Any, changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        sample(kind, **changes)


RECEIVED = dt.date(2026, 3, 2)


@pytest.mark.parametrize(
    ("received_on", "settings", "kind", "due_on"),
    [
        (RECEIVED, {}, CaseKind.RECTIFICATION, dt.date(2026, 5, 2)),  # a holiday: the floor is not moved
        (dt.date(2025, 12, 31), {}, CaseKind.RECTIFICATION, dt.date(2026, 2, 28)),
        (RECEIVED, {"rectification_workdays": 15}, CaseKind.RECTIFICATION, dt.date(2026, 3, 23)),
        (RECEIVED, {"rectification_workdays": 15}, CaseKind.COMPLAINT, dt.date(2026, 5, 2)),
        (RECEIVED, {"complaint_workdays": 15}, CaseKind.COMPLAINT, dt.date(2026, 3, 23)),
    ],
)
def test_the_node_is_the_agencys_own_period_or_two_months_and_never_called_law(
    received_on: dt.date, settings: dict[str, int], kind: CaseKind, due_on: dt.date
) -> None:
    rules = AgencySettings.model_validate(settings).clock_rules(kind)
    [node] = follow(received_on, (), rules, CALENDAR).nodes
    assert (node.node, node.due_on, node.met_on) == (NodeKind.HANDLING_LIMIT, due_on, None)
    assert "法定" in node.basis
    assert "非法定" in node.basis or "不是法定" in node.basis


def test_an_answer_stops_it_and_only_a_rectification_opens_remedies() -> None:
    acts = (Replied(on=dt.date(2026, 3, 12)), Served(on=dt.date(2026, 3, 16)))
    courses = [follow(RECEIVED, acts, AgencySettings().clock_rules(workflow.kind), CALENDAR) for workflow in FURTHER]
    assert [course.stopped_on for course in courses] == [dt.date(2026, 3, 12)] * 2
    assert [[node.node for node in course.nodes] for course in courses] == [
        [NodeKind.HANDLING_LIMIT, NodeKind.RECONSIDERATION, NodeKind.LITIGATION],
        [NodeKind.HANDLING_LIMIT],
    ]
    withdrawn = follow(RECEIVED, (Withdrawn(on=TODAY),), AgencySettings().clock_rules(CaseKind.COMPLAINT), CALENDAR)
    assert (withdrawn.clock, withdrawn.nodes[0].met_on) == (ClockState.STOPPED, TODAY)
