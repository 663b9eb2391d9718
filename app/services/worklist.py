"""A person's work list: the cases that wait for them, most urgent first; for leaders, the cases of everybody they lead."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field
from sqlalchemy import ColumnElement, Select, and_, case, false, func, literal, or_, select
from sqlalchemy.orm import aliased, contains_eager

from app.domain import worklist as rules
from app.domain.commands import PLAIN, Command, ReviewLegality, ReviewSecrecy, Sign, Strict
from app.domain.machine import Step
from app.domain.terms import CaseKind, ReviewKind, Role, Stage, State, Urgency, WorklistView
from app.domain.workflow import WORKFLOWS
from app.domain.worklist import Turn
from app.models import Agency, Case, Draft, Review, RunningClock, User
from app.services import files, permissions, saved_filters, search, users
from app.services.desk import Desk
from app.services.facts import facts_of_all
from app.services.files import File
from app.services.permissions import CASE_ROLES, SYSTEMS_ONLY
from app.services.visibility import visible_cases

WORKERS = CASE_ROLES - SYSTEMS_ONLY
"""Whoever has work to do: people, not the systems that hand cases in or read them."""

LEADERS = frozenset({Role.REVIEWER, Role.APPROVER, Role.AGENCY_SUPERVISOR, Role.CITY_SUPERVISOR})
"""Who sees the work of others: the section's leader, the agency's, and those who supervise."""


class Narrowing(Strict):
    """What a work list is narrowed to; an absent filter means all. This much can be kept under a name."""

    view: WorklistView = Field(WorklistView.MINE, description="看谁的工作；看全部案件限科室审核人、签发人和督办员")
    kind: CaseKind | None = Field(None, description="案件类别")
    stage: Stage | None = Field(None, description="阶段")
    urgency: Urgency | None = Field(None, description="紧急程度")
    agency: str | None = Field(None, max_length=64, description="机关代码", examples=[None])
    handler: str | None = Field(None, max_length=64, description="经办人登录名", examples=[None])
    q: str | None = Field(None, max_length=100, description="在案号、申请人、申请内容中查找", examples=[None])


class Query(Narrowing):
    """One page of a work list."""

    filter: Annotated[int, Field(ge=1, le=2**53), PLAIN] | None = Field(
        None, description="常用筛选的 id；同时填写的其他条件优先"
    )
    page: Annotated[int, Field(ge=1, le=10_000), PLAIN] = Field(1, description="第几页")
    size: Annotated[int, Field(ge=1, le=50), PLAIN] = Field(20, description="每页件数")


@dataclass(frozen=True, slots=True)
class Entry:
    """A case that waits, for what and for whom."""

    file: File
    urgency: Urgency
    turns: tuple[Turn, ...]
    yours: frozenset[str]  # actions of the turns that are the caller's to take
    handler_name: str | None


@dataclass(frozen=True, slots=True)
class Load:
    """What lies on one handler's table."""

    handler: str
    name: str
    open: int
    late: int
    soon: int  # due today or within three working days


@dataclass(frozen=True, slots=True)
class Worklist:
    entries: list[Entry]
    total: int
    stages: dict[Stage, int]
    urgencies: dict[Urgency, int]
    loads: list[Load]


def listing(desk: Desk, query: Query) -> Worklist:
    """Return one page, the number of cases in each stage and urgency, and for a team the load of each handler.

    Raises Forbidden where somebody who leads nobody asks for a team, NotFound for a filter of somebody else.
    """
    wanted = narrowed(desk, query)
    if wanted.view is WorklistView.TEAM:
        permissions.require(desk.actor, LEADERS)
    grouped = desk.session.execute(tally(desk, wanted)).all()
    stages, urgencies = dict.fromkeys(Stage, 0), dict.fromkeys(Urgency, 0)
    total = 0
    for state, urgency, count in grouped:
        stages[state.stage] += count
        urgencies[Urgency(urgency)] += count
        total += count * (wanted.stage in {None, state.stage} and wanted.urgency in {None, urgency})
    rows = desk.session.execute(statement(desk, wanted, query.page, query.size)).all()
    found = files.open_files(desk, rows)
    loads = _loads(desk, wanted) if wanted.view is WorklistView.TEAM else []
    return Worklist(_entries(desk, found), total, stages, urgencies, loads)


def narrowed(desk: Desk, query: Query) -> Narrowing:
    """Put what is asked on top of the saved filter that is named."""
    given = query.model_dump(include=set(Narrowing.model_fields) & query.model_fields_set)
    kept = saved_filters.query_of(desk, saved_filters.one(desk, query.filter)) if query.filter else {}
    return Narrowing.model_validate(kept | given)


def statement(desk: Desk, wanted: Narrowing, page: int, size: int) -> files.Rows:
    """Build the statement of one page; its plan is held to an index by a test."""
    conditions = _conditions(desk, wanted)
    if wanted.stage:
        conditions.append(Case.state.in_([state for state in State if state.stage is wanted.stage]))
    if wanted.urgency:
        conditions.append(_urgency(desk) == wanted.urgency.value)
    order = (RunningClock.next_node_on.asc().nulls_last(), Case.id)
    wanted_rows = files.visible(desk).outerjoin(Case.clock).options(contains_eager(Case.clock))
    return wanted_rows.where(*conditions).order_by(*order).limit(size).offset((page - 1) * size)


def tally(desk: Desk, wanted: Narrowing) -> Select[State, str, int]:
    """Build the statement that counts the list by state and urgency, whatever stage or urgency is looked at."""
    urgency = _urgency(desk)
    counted = select(Case.state, urgency, func.count()).join(Agency, Agency.id == Case.agency_id).outerjoin(Case.clock)
    return counted.where(visible_cases(desk.actor), *_conditions(desk, wanted)).group_by(Case.state, urgency)


def _conditions(desk: Desk, wanted: Narrowing) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool] | None] = [
        Case.archived_on.is_(None),
        _mine(desk) if wanted.view is WorklistView.MINE else None,
        Case.kind == wanted.kind if wanted.kind else None,
        Agency.code == wanted.agency if wanted.agency else None,
        Case.handler == wanted.handler if wanted.handler else None,
        search.matching(desk.session, wanted.q) if wanted.q else None,
    ]
    return [condition for condition in found if condition is not None]


def _mine(desk: Desk) -> ColumnElement[bool]:
    """Build the condition that a case of the caller's own agency waits for the caller, as `domain.worklist` says."""
    turns = [
        and_(Case.kind == kind, Case.state == state, condition)
        for kind, workflow in WORKFLOWS.items()
        for state in workflow.states
        for step in rules.main_line(kind, state)
        if (condition := _turn(desk, step, kind)) is not None
    ]
    return and_(Case.agency_id == desk.actor.agency_id, or_(false(), *turns))


def _turn(desk: Desk, step: Step, kind: CaseKind) -> ColumnElement[bool] | None:
    """Build the condition that a step is the caller's to take now; None where it never is."""
    due = _DUE.get(step.command, literal(value=True))
    if step.command is Sign and kind is not CaseKind.DISCLOSURE:
        due = literal(value=True)  # no review comes before it
    if rules.by_the_handler(step, kind):
        own = Case.handler == desk.actor.name
        anyone = Case.handler.is_(None) if step.roles & desk.actor.roles else false()
        return and_(due, or_(own, anyone))
    return due if step.roles & desk.actor.roles else None


def _passed(kind: ReviewKind) -> ColumnElement[bool]:
    """Build the condition that the newest draft of a case has passed a review, by the last verdict of that kind."""
    newer = aliased(Draft)
    newest = select(func.max(newer.id)).where(newer.case_id == Case.id).scalar_subquery()
    verdict = select(Review.passed).where(Review.case_id == Case.id, Review.draft_id == newest, Review.kind == kind)
    return func.coalesce(verdict.order_by(Review.id.desc()).limit(1).scalar_subquery(), false())


_LEGAL_REQUIRED = func.coalesce(Agency.settings["legal_review_required"].as_boolean(), false())
_DUE: dict[type[Command], ColumnElement[bool]] = {
    ReviewSecrecy: ~_passed(ReviewKind.SECRECY),
    ReviewLegality: and_(_LEGAL_REQUIRED, ~_passed(ReviewKind.LEGAL)),
    Sign: and_(_passed(ReviewKind.SECRECY), or_(~_LEGAL_REQUIRED, _passed(ReviewKind.LEGAL))),
}
"""When the reviews and the signature, which share a state, are whose turn."""


def _urgency(desk: Desk) -> ColumnElement[str]:
    """Build `domain.worklist.urgency` over `next_node_on`, by the working days of each agency's region."""
    regions = desk.session.scalars(select(Agency.region).distinct().order_by(Agency.region)).all()
    soon: dict[str, dt.date] = {
        region: desk.book.of(region).nth_after(desk.today, rules.SOON_WORKDAYS) for region in regions
    }
    within = or_(
        false(), *(and_(Agency.region == region, RunningClock.next_node_on <= day) for region, day in soon.items())
    )
    return case(
        (RunningClock.next_node_on.is_(None), literal(Urgency.NONE.value)),
        (RunningClock.next_node_on < desk.today, literal(Urgency.LATE.value)),
        (RunningClock.next_node_on == desk.today, literal(Urgency.TODAY.value)),
        (within, literal(Urgency.SOON.value)),
        else_=literal(Urgency.LATER.value),
    )


def _entries(desk: Desk, found: Sequence[File]) -> list[Entry]:
    names = users.names(desk, {file.case.handler for file in found if file.case.handler})
    entries = []
    for file, facts in zip(found, facts_of_all(desk, found), strict=True):
        turns = rules.turns(facts)
        yours = frozenset(turn.step.action for turn in turns if _is_yours(desk, turn.step, file))
        urgency = rules.urgency(file.case.next_node_on, desk.today, file.newest)
        entries.append(Entry(file, urgency, turns, yours, names.get(file.case.handler or "")))
    return entries


def _is_yours(desk: Desk, step: Step, file: File) -> bool:
    if file.agency.id != desk.actor.agency_id or not step.roles & desk.actor.roles:
        return False
    handler = file.case.handler if rules.by_the_handler(step, file.case.kind) else None
    return handler in {None, desk.actor.name}


def _loads(desk: Desk, wanted: Narrowing) -> list[Load]:
    """Count what lies on each handler's table, the one most behind first."""
    urgency = _urgency(desk)
    grouped = (
        select(Case.handler, User.display_name, urgency, func.count())
        .join(Case.clock)
        .join(Agency, Agency.id == Case.agency_id)
        .join(User, User.username == Case.handler)
        .where(visible_cases(desk.actor), *_conditions(desk, wanted))
        .group_by(Case.handler, User.display_name, urgency)
    )
    tables: dict[tuple[str, str], dict[str, int]] = {}
    for handler, name, how, count in desk.session.execute(grouped):
        assert handler, "joined to a person"
        tables.setdefault((handler, name), {})[how] = count
    loads = [
        Load(
            handler,
            name,
            open=sum(table.values()),
            late=table.get(Urgency.LATE, 0),
            soon=table.get(Urgency.TODAY, 0) + table.get(Urgency.SOON, 0),
        )
        for (handler, name), table in tables.items()
    ]
    return sorted(loads, key=lambda load: (-load.late, -load.soon, -load.open, load.handler))[:200]
