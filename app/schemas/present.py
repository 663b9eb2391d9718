"""Turning open files into answers: the one place where a case becomes JSON."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from app.domain.agenda import OCCASIONAL
from app.domain.days import dated
from app.domain.identifiers import mask_name
from app.domain.machine import Option, Reason, Step
from app.domain.masking import Veil
from app.domain.terms import CaseKind, CaseOrigin, ClockState, Role, State
from app.domain.worklist import Turn
from app.models import JournalEntry
from app.schemas.case_parts import (
    applicant_out,
    complaint_out,
    decision_out,
    delivery_out,
    draft_out,
    label_of,
    rectification_out,
    reply_out,
    supplement_out,
)
from app.schemas.cases import (
    ActionOut,
    Actions,
    AwaitedOut,
    BlockedBy,
    CaseOut,
    CaseSummary,
    ItemOut,
    Missing,
    NextNode,
    NextStepOut,
    RegisteredCase,
    TimelineEntry,
)
from app.schemas.charges import fee_out
from app.services import cases, clocks, review_list
from app.services.desk import Desk
from app.services.files import File, Standing
from app.services.persons import veil_of

_MISSING_BASIS = {
    CaseKind.DISCLOSURE: "条例第29条第2款",
    CaseKind.RECTIFICATION: "条例第41条",
    CaseKind.COMPLAINT: "条例第51条",
}


def summary(standing: Standing, veil: Veil | None = None) -> dict[str, Any]:
    veil = veil or veil_of(standing)
    case, reading, who = standing.case, standing.reading, standing.applicant
    clock = standing.clock
    origin = CaseOrigin.LEDGER if case.ledger_id is not None else CaseOrigin.REGISTERED
    return {
        "id": case.id,
        "kind": case.kind,
        "kind_label": case.kind.label,
        "case_no": case.case_no,
        "version": case.version,
        "agency_code": standing.agency.code,
        "agency_name": standing.agency.name,
        "stage": case.state.stage,
        "stage_label": case.state.stage.label,
        "state": case.state,
        "state_label": case.state.label,
        "channel": case.channel,
        "channel_label": case.channel.label,
        "applicant_name": who.name and mask_name(who.name),
        "applicant_kind": who.kind,
        "applicant_kind_label": who.kind.label,
        "title": veil.over(case.title),
        "submitted_at": clocks.in_shanghai(case.submitted_at),
        "received_on": case.received_on,
        "due_on": reading.due_on if reading else None,
        "due_label": reading and _limit(standing, reading.due_on, reading.left_workdays),
        "target_on": reading.target_on if reading else None,
        "target_label": reading and reading.target_on and _limit(standing, reading.target_on, _target_left(standing)),
        "left_workdays": reading.left_workdays if reading and clock is not ClockState.STOPPED else None,
        "clock": clock,
        "clock_label": clock.label,
        "provisional": reading.provisional if reading else False,
        "projected": reading.projected if reading else False,
        "next_node": _next_node(standing),
        "handler": case.handler,
        "outcome": case.outcome,
        "outcome_label": label_of(case.outcome),
        "origin": origin,
        "origin_label": origin.label,
        "updated_at": clocks.in_shanghai(case.updated_at),
    }


def _next_node(standing: Standing) -> NextNode | None:
    node = clocks.next_node(standing.nodes, standing.case.stopped_on)
    if node is None or node.due_on is None:
        return None
    left = standing.calendar.count(standing.today, node.due_on)
    said = dated(node.due_on, standing.today, left)
    return NextNode(
        node=node.node, label=node.label, due_on=node.due_on, due_label=said, left_workdays=left, basis=node.basis
    )


def _limit(standing: Standing, day: dt.date, left: int) -> str:
    """Write a limit of the case; once it is answered only the date."""
    if standing.clock is ClockState.STOPPED:
        return dated(day, standing.today, None)
    return dated(day, standing.today, left, standing=standing.clock in {ClockState.PAUSED, ClockState.ABANDONED})


def _target_left(standing: Standing) -> int:
    """Count the working days left of the local limit, which counts the same days from the same base."""
    limit = standing.rules.local_limit
    assert limit, "asked only where there is a local limit"
    assert standing.reading, "asked only where a period runs"
    return limit - standing.reading.used_workdays


def case_summary(standing: Standing) -> CaseSummary:
    return CaseSummary(**summary(standing))


def case_out(desk: Desk, file: File) -> CaseOut:
    return CaseOut(**_whole(desk, file, cases.next_steps(desk, file)))


def registered_case(desk: Desk, file: File, query_code: str | None) -> RegisteredCase:
    return RegisteredCase(**_whole(desk, file, cases.next_steps(desk, file)), query_code=query_code)


def _whole(desk: Desk, file: File, steps: Sequence[Turn]) -> dict[str, Any]:
    case, reading, veil = file.case, file.reading, veil_of(file)
    base = f"/api/v1/cases/{case.id}"
    return {
        **summary(file, veil),
        "external_no": case.external_no,
        "carrier": case.carrier,
        "carrier_label": label_of(case.carrier),
        "delivery_method": case.delivery_method,
        "delivery_method_label": label_of(case.delivery_method),
        "purpose": case.purpose and veil.over(case.purpose),
        "conservative_due_on": reading.conservative_due_on if reading else None,
        "items": [
            ItemOut(
                no=item.no,
                title=veil.over_all(item.title),
                document_no=item.document_no,
                description=veil.over_all(item.description),
            )
            for item in file.items
        ],
        "applicant": applicant_out(file.applicant),
        "missing": missing(file),
        "waiting_label": reading.waiting.label if reading and reading.waiting else None,
        "awaits": _awaits(file),
        "next_steps": [_next_step(found, desk, case.id) for found in steps],
        "draft": draft_out(file, veil),
        "reply": reply_out(file),
        "rectification": rectification_out(file, veil),
        "complaint": complaint_out(desk, file, veil),
        "decision": decision_out(file),
        "supplements": [supplement_out(found, veil) for found in file.supplements],
        "fee": fee_out(file),
        "delivery": delivery_out(file, veil),
        "held_at": case.held_at and clocks.in_shanghai(case.held_at),
        "erased_at": case.erased_at and clocks.in_shanghai(case.erased_at),
        "volume_no": case.volume_no,
        "retention_years": case.retention_years,
        "archived_on": case.archived_on,
        "links": {
            "self": base,
            "actions": f"{base}/actions",
            "clock": f"{base}/clock",
            "timeline": f"{base}/timeline",
            "checks": f"{base}/checks",
        },
    }


def _awaits(file: File) -> list[AwaitedOut]:
    return [
        AwaitedOut(
            due_label=node.due_on and dated(node.due_on, file.today, node.left_workdays(file.today, file.calendar)),
            node=node.node,
            label=node.label,
            party=node.party,
            party_label=node.party.label,
            due_on=node.due_on,
            left_workdays=node.left_workdays(file.today, file.calendar),
            basis=node.basis,
            ref=node.ref,
        )
        for node in clocks.awaited(file.nodes, file.case.stopped_on)
    ]


def _next_step(found: Turn, desk: Desk, case_id: int) -> NextStepOut:
    return NextStepOut(
        **step_out(found.step, case_id),
        yours=bool(found.step.roles & desk.actor.roles),
        occasional=found.step.command in OCCASIONAL,
        ready=not found.lacks,
        lacks=[blocked_by(bar) for bar in found.lacks],
    )


def step_out(step: Step, case_id: int) -> dict[str, Any]:
    """Say a step with its address."""
    roles = [role for role in Role if role in step.roles]
    return {
        "action": step.action,
        "label": step.label,
        "roles": roles,
        "roles_label": "、".join(role.label for role in roles),
        "href": f"/api/v1/cases/{case_id}/{step.action}",
    }


def blocked_by(bar: Reason) -> BlockedBy:
    return BlockedBy(kind=bar.kind, code=bar.code, message=bar.message, basis=bar.basis)


def missing(file: File) -> list[Missing]:
    """List what the application lacks."""
    basis = _MISSING_BASIS[file.case.kind]
    return [Missing(field=gap.field, label=gap.label, basis=basis) for gap in review_list.gaps(file)]


def actions(file: File, options: list[Option]) -> Actions:
    """List every action with the Chinese reason for each that is closed."""
    open_ = "、".join(f"“{option.step.label}”" for option in options if option.allowed)
    return Actions(
        headline=f"您现在能做：{open_}" if open_ else "您现在没有能做的操作，原因见下面各项",
        items=[
            ActionOut(
                action=option.step.action,
                label=option.step.label,
                basis=option.step.basis,
                allowed=option.allowed,
                blocked_by=[blocked_by(bar) for bar in option.obstacles],
                href=f"/api/v1/cases/{file.case.id}/{option.step.action}",
                body_schema=f"/openapi.json#/components/schemas/{option.step.command.__name__}",
            )
            for option in options
        ],
    )


def timeline_entry(entry: JournalEntry, veil: Veil) -> TimelineEntry:
    state = State(entry.state) if entry.state else None
    return TimelineEntry(
        act=entry.act,
        label=entry.label,
        on=entry.on,
        at=clocks.in_shanghai(entry.at),
        actor=entry.actor,
        actor_label=entry.actor_label,
        state=state,
        state_label=label_of(state),
        data=veil.over_all(entry.whole),
    )
