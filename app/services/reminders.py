"""Carrying the plan of `domain.reminders` out: each step of each node entered once, and read by those it is for."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field
from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, joinedload

from app.domain import reminders as rules
from app.domain.actor import Actor
from app.domain.commands import PLAIN, Strict
from app.domain.reminders import Planned
from app.domain.settings import AgencySettings
from app.domain.terms import CaseKind, NodeKind, RemedyNode, ReminderTier, Role, State
from app.errors import NotFound
from app.models import Agency, Case, Remedy, Reminder, ReminderRecipient, RunningClock, User, UserRole
from app.services import clocks, journal, remedy_dates
from app.services.calendars import Book
from app.services.desk import Desk, shanghai_date
from app.services.visibility import visible_cases

BATCH = 200
ACT = "reminder"
"""What the journal, and so the feed and webhooks, call a reminder."""

_TOLD = (Role.INTAKE_CLERK, Role.HANDLER, Role.REVIEWER, Role.AGENCY_SUPERVISOR, Role.CITY_SUPERVISOR)
_CORRECTABLE = frozenset({State.REGISTERED, State.REVIEWING})


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder that is due, with the case it is about."""

    case: Case
    planned: Planned


class People:
    """Who may be told, read once for a sweep: the active people of each agency by role."""

    def __init__(self, session: Session) -> None:
        rows = session.execute(
            select(User.agency_id, User.username, UserRole.role)
            .join(UserRole, UserRole.user_id == User.id)
            .where(User.disabled_at.is_(None), UserRole.role.in_(_TOLD))
            .order_by(User.username)
        )
        self._by_role: dict[tuple[int, Role], list[str]] = defaultdict(list)
        self._active: set[str] = set()
        for agency_id, username, role in rows:
            self._by_role[agency_id, role].append(username)
            self._active.add(username)

    def of(self, tier: ReminderTier, case: Case, agency: Agency) -> list[str]:
        """Name whom a tier means for a case; where nobody holds it, whoever stands next above."""
        if tier is ReminderTier.HANDLER:
            if case.handler in self._active:
                return [case.handler]
            clerks = self._by_role[agency.id, Role.INTAKE_CLERK] if case.state in _CORRECTABLE else []
            return clerks or self.of(ReminderTier.SECTION_LEADER, case, agency)
        if tier is ReminderTier.SECTION_LEADER:
            return self._by_role[agency.id, Role.REVIEWER] or self.of(ReminderTier.SUPERVISOR, case, agency)
        line = [int(part) for part in reversed(agency.path.strip("/").split("/"))]  # this agency first, the root last
        for role in (Role.AGENCY_SUPERVISOR, Role.CITY_SUPERVISOR):
            for agency_id in line:
                if found := self._by_role[agency_id, role]:
                    return found
        return []


def due(session: Session, book: Book, now: dt.datetime, after: int) -> tuple[list[Due], int | None]:
    """List what is due and not yet entered of the next batch of running cases, and where the next batch begins."""
    rows = session.execute(
        select(Case, Agency)
        .join(Agency, Agency.id == Case.agency_id)
        .join(RunningClock, RunningClock.case_id == Case.id)
        .where(RunningClock.case_id > after)
        .order_by(RunningClock.case_id)
        .limit(BATCH)
    ).all()
    ids = [case.id for case, _ in rows]
    acts = clocks.acts_of(session, ids)
    entered = _entered(session, ids)
    found: list[Due] = []
    for case, agency in rows:
        settings = AgencySettings.model_validate(agency.settings)
        calendar, clock_rules = book.of(agency.region), settings.clock_rules(case.kind)
        own, today = acts.get(case.id, ()), shanghai_date(now)
        reading = clocks.reading_of(case, own, clock_rules, calendar, today)
        course = clocks.course_of(case, own, clock_rules, calendar)
        nodes = [
            node
            for node in clocks.nodes_of(case, reading, course, calendar)
            if node.node is not NodeKind.CORRECTION_NOTICE
            or (case.state in _CORRECTABLE and case.kind is CaseKind.DISCLOSURE)
        ]
        since = shanghai_date(case.created_at)
        planned = rules.plan(nodes, settings.reminders, calendar, since=since, now=now)
        found += [Due(case, step) for step in planned if _key(case.id, step) not in entered]
    return found, ids[-1] if len(ids) == BATCH else None


def due_in_remedies(session: Session, book: Book, now: dt.datetime, after: int) -> tuple[list[Due], int | None]:
    """List the same of the next batch of remedies in which the agency still has to act, whatever became of their cases."""
    rows = session.execute(
        select(Remedy, Case, Agency)
        .join(Case, Case.id == Remedy.case_id)
        .join(Agency, Agency.id == Remedy.agency_id)
        .where(Remedy.id > after, Remedy.next_on.is_not(None))
        .order_by(Remedy.id)
        .limit(BATCH)
    ).all()
    entered = _entered(session, [case.id for _, case, _ in rows])
    found: list[Due] = []
    for remedy, case, agency in rows:
        rules_here, calendar = AgencySettings.model_validate(agency.settings).reminders, book.of(agency.region)
        since = shanghai_date(remedy.recorded_at)
        planned = rules.plan(remedy_dates.falls_due(remedy, agency, book), rules_here, calendar, since=since, now=now)
        found += [Due(case, step) for step in planned if _key(case.id, step) not in entered]
    return found, rows[-1][0].id if len(rows) == BATCH else None


def enter(session: Session, actor: Actor, now: dt.datetime, found: Sequence[Due], people: People) -> int:
    """Enter reminders with their recipients and a row of the journal each; returns how many nobody else had entered."""
    made = 0
    agencies = {agency.id: agency for agency in session.scalars(select(Agency))}
    for one in sorted(found, key=lambda due: (due.case.id, _key(due.case.id, due.planned))):  # one order: no deadlock
        made += _enter(session, actor, now, one, people, agencies[one.case.agency_id])
    return made


def _enter(session: Session, actor: Actor, now: dt.datetime, one: Due, people: People, agency: Agency) -> bool:
    case, planned = one.case, one.planned
    values = {
        "case_id": case.id,
        "agency_id": case.agency_id,
        "node": planned.node,
        "ref": planned.ref,
        "due_on": planned.due_on,
        "step": planned.step,
        "due_at": planned.due_at,
        "created_at": now,
    }
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    entered = session.scalar(insert(Reminder).values(values).on_conflict_do_nothing().returning(Reminder.id))
    if entered is None:  # another process was first
        return False
    told: dict[str, ReminderTier] = {}
    for tier in planned.tiers:
        for username in people.of(tier, case, agency):
            told.setdefault(username, tier)
    session.add_all(ReminderRecipient(reminder_id=entered, username=who, tier=tier) for who, tier in told.items())
    journal.append(
        session,
        actor,
        now,
        ACT,
        "提醒",
        case=case,
        on=shanghai_date(planned.due_at),
        data={
            "node": planned.node.value,
            "node_label": planned.node.label,
            "due_on": planned.due_on.isoformat(),
            "left_workdays": planned.step,
            "tiers": [tier.value for tier in planned.tiers],
        }
        | ({"remedy_id": int(planned.ref)} if isinstance(planned.node, RemedyNode) else {}),
    )
    return True


_Key = tuple[int, str, str, dt.date, int]


def _key(case_id: int, planned: Planned) -> _Key:
    return case_id, planned.node.value, planned.ref, planned.due_on, planned.step


def _entered(session: Session, case_ids: Sequence[int]) -> set[_Key]:
    columns = (Reminder.case_id, Reminder.node, Reminder.ref, Reminder.due_on, Reminder.step)
    rows = session.execute(select(*columns).where(Reminder.case_id.in_(case_ids)))
    return {(case_id, node.value, ref, due_on, step) for case_id, node, ref, due_on, step in rows}


class Query(Strict):
    """Which reminders are looked at."""

    unread: bool = Field(False, description="true 只看没有阅知的")
    page: Annotated[int, Field(ge=1, le=10_000), PLAIN] = Field(1, description="第几页")
    size: Annotated[int, Field(ge=1, le=100), PLAIN] = Field(20, description="每页条数")


@dataclass(frozen=True, slots=True)
class Told:
    """A reminder as one person sees it."""

    reminder: Reminder
    copy: ReminderRecipient
    case: Case
    region: str
    settled: bool
    """Whether there is nothing left to do about it: the case was answered, it was done, or its date has moved since."""


def listing(desk: Desk, query: Query) -> tuple[list[Told], int, int]:
    """Return one page of the caller's reminders, the newest first, the number of all and that of the unread."""
    own = _own(desk)
    counts = own.with_only_columns(func.count(), func.count().filter(ReminderRecipient.read_at.is_(None)))
    total, unread = desk.session.execute(counts).one()
    wanted = own.where(ReminderRecipient.read_at.is_(None)) if query.unread else own
    page = wanted.options(joinedload(Case.clock)).order_by(Reminder.due_at.desc(), Reminder.id.desc())
    rows = desk.session.execute(page.limit(query.size).offset((query.page - 1) * query.size)).all()
    waiting = _waiting_in_remedies(desk, [reminder for reminder, *_ in rows])
    told = [Told(*row, settled=_settled(row[0], row[2], waiting)) for row in rows]
    return told, unread if query.unread else total, unread


def _waiting_in_remedies(desk: Desk, shown: Sequence[Reminder]) -> set[tuple[str, str, dt.date]]:
    """Name what still falls due in the remedies these reminders are of: the remedy's id, the node, the day."""
    ids = {int(reminder.ref) for reminder in shown if isinstance(reminder.node, RemedyNode)}
    if not ids:
        return set()
    rows = desk.session.execute(
        select(Remedy, Agency).join(Agency, Agency.id == Remedy.agency_id).where(Remedy.id.in_(ids))
    )
    return {
        (str(remedy.id), due.node.value, due.due_on)
        for remedy, agency in rows
        for due in remedy_dates.falls_due(remedy, agency, desk.book)
        if due.met_on is None
    }


def _settled(reminder: Reminder, case: Case, waiting: set[tuple[str, str, dt.date]]) -> bool:
    if isinstance(reminder.node, RemedyNode):
        return (reminder.ref, reminder.node.value, reminder.due_on) not in waiting
    if case.stopped_on is not None:
        return True
    current: Mapping[NodeKind, dt.date | None] = {
        NodeKind.STATUTORY: case.due_on,
        NodeKind.LOCAL_LIMIT: case.target_on,
    }
    return reminder.node in current and current[reminder.node] != reminder.due_on


def read(desk: Desk, reminder_id: int | None) -> int:
    """Mark one of the caller's reminders, or all, as read; returns how many were not. Raises NotFound for a strange one."""
    mine = ReminderRecipient.username == desk.actor.name
    if reminder_id is not None:
        one: ColumnElement[bool] = ReminderRecipient.reminder_id == reminder_id
        if desk.session.scalar(select(ReminderRecipient.reminder_id).where(mine, one)) is None:
            raise NotFound("没有这条提醒")
        mine = mine & one
    marked = desk.session.scalars(
        update(ReminderRecipient)
        .where(mine, ReminderRecipient.read_at.is_(None))
        .values(read_at=desk.now)
        .returning(ReminderRecipient.reminder_id)
    ).all()
    if marked:
        journal.record(desk, "reminders_read", "阅知提醒", data={"reminder_ids": sorted(marked)})
    return len(marked)


def _own(desk: Desk) -> Select[Reminder, ReminderRecipient, Case, str]:
    """Select the caller's reminders of cases the caller may still see."""
    return (
        select(Reminder, ReminderRecipient, Case, Agency.region)
        .join(ReminderRecipient, ReminderRecipient.reminder_id == Reminder.id)
        .join(Case, Case.id == Reminder.case_id)
        .join(Agency, Agency.id == Case.agency_id)
        .where(ReminderRecipient.username == desk.actor.name, visible_cases(desk.actor))
    )
