"""Folding every running case again after a notice, in short steps, and saying which of them moved.

A step is one transaction's work over the next cases by id: fold them by the calendar in force and write the columns of
those that differ. Every GET folds afresh anyway, so that answers are right from the moment the notice is committed; only
the columns that lists and polls query lag until the sweep has passed.

* **The same answer as one case at a time.** Both come from `clocks.projection`. A case without acts depends on its agency's
  region and rules and on its day of receipt alone: such cases are counted, compared and written in groups, inside the
  database. The others are read and folded one by one.
* **Nothing stale is written.** While a step runs no import can replace its calendar (`Calendars.held_book`). Rows are
  written only if they still say what they said when they were folded; whoever changed one meanwhile, a clerk or another
  sweep, folded it by the same calendar. Cases with acts are locked before their acts are read.
* **`version` is not counted up, `updated_at` not touched.** The projection is not the clerk's data. An act that was decided
  on an older sight of the case is judged by the newest calendar in its own transaction, so nothing is lost by accepting its
  If-Match; counting up would refuse every pending act of the city for a change its author could not have contradicted.
* **Again is the same as once.** A case already folded by this calendar does not differ; a broken-off sweep is begun anew.
* **Stopped clocks are not read at all.** They stay counted by the edition they stopped under.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Select,
    Table,
    and_,
    case,
    exists,
    func,
    select,
    update,
)
from sqlalchemy.orm import Session

from app.domain.limits import ClockRules
from app.domain.settings import AgencySettings
from app.domain.terms import CaseKind
from app.domain.workdays import WorkCalendar
from app.models import Agency, CalendarNotice, Case, ClockEntry
from app.services import clocks, journal, remedies
from app.services.calendars import Book
from app.services.clocks import Dates, Projection
from app.services.desk import Desk, shanghai_date
from app.services.stages import Stages

STEP = 10_000
SHOWN = 500
REMEMBERED = 50_000  # folds of one scheme, some 20 MB
ACT, LABEL = "deadline_moved", "期限随工作日历变动"

# As a table: the mapping would cost time, and count the version up.
_CASES = cast("Table", Case.__table__)
_CASE = _CASES.c
_COLUMNS = [_CASE[name] for name in Projection._fields]
_HAS_ENTRIES = exists().where(ClockEntry.case_id == _CASE.id)
_PLAIN = and_(_CASE.received_on.is_not(None), ~_HAS_ENTRIES)


@dataclass(frozen=True, slots=True)
class Moved:
    """One case whose limits moved, without anything that says whose or about what it is."""

    case_id: int
    case_no: str
    agency_code: str
    before: Dates
    after: Dates


@dataclass(slots=True)
class Effect:
    """What a calendar does to the running cases; `settled` ones did not move but are no longer provisional."""

    open_cases: Counter[str] = field(default_factory=Counter)  # by region
    moved: Counter[str] = field(default_factory=Counter)
    settled: Counter[str] = field(default_factory=Counter)
    shown: list[Moved] = field(default_factory=list)  # the first SHOWN of the moved ones


@dataclass(slots=True)
class _Scheme:
    """Agencies that count alike, with the folds already made."""

    region: str
    rules: ClockRules
    calendar: WorkCalendar
    folded: dict[tuple[Any, ...], Projection] = field(default_factory=dict)

    def fold(self, received_on: dt.date | None, submitted_on: dt.date, entries: tuple[str, ...] = ()) -> Projection:
        """Fold a case by its day of receipt and the text of its entries; cases that went the same way fold alike."""
        key = (received_on or submitted_on, received_on is None, *entries)
        fresh = self.folded.get(key)
        if fresh is None:
            acts = [clocks.act_of(text) for text in entries]
            fresh = clocks.projection(received_on, submitted_on, acts, self.rules, self.calendar)
            if len(self.folded) > REMEMBERED:
                self.folded.clear()
            self.folded[key] = fresh
        return fresh


class _Change(NamedTuple):
    """What cases say in their columns and what they ought to say."""

    stored: Projection
    fresh: Projection

    @property
    def moves(self) -> dict[str, Any]:
        return clocks.moved(self.stored[:2], self.fresh[:2])


@dataclass(frozen=True, slots=True)
class _Group:
    """Cases that change alike: which they are as a condition, and how many of each region."""

    change: _Change
    where: ColumnElement[bool]
    region: str


def sweep(stages: Stages, *, dry_run: bool, book: Book | None = None, source: str = "") -> Effect:
    """Fold every running case by the calendars in force, or in a dry run by `book`; returns what that moved or would move.

    `source` is the notice that gave rise to it, for the journal.
    """
    if dry_run:
        run = Sweep(dry_run=True)
        while stages.read(lambda desk: run.step(desk, book or desk.book)):
            pass
        return run.effect
    run = Sweep(dry_run=False, source=source)
    while stages.write(lambda desk: run.step(desk, desk.book)):
        pass
    stages.write(_finished)
    return run.effect


class Sweep:
    """One pass over all running cases. Call `step` until it says that nothing is left, each time in a transaction."""

    def __init__(self, *, dry_run: bool, source: str = "") -> None:
        self.effect = Effect()
        self._dry_run, self._source = dry_run, source
        self._after = 0
        self._book: Book | None = None
        self._known: dict[int, tuple[str, Mapping[str, Any], dict[CaseKind, _Scheme]]] = {}  # by agency id
        self._schemes: dict[tuple[str, ClockRules], _Scheme] = {}

    def step(self, desk: Desk, book: Book) -> bool:
        """Fold the next cases by `book`, which must be held unless this is a dry run; False when none are left."""
        session = desk.session
        if book is not self._book:
            self._book, self._known, self._schemes = book, {}, {}
        following = select(_CASE.id).where(_CASE.stopped_on.is_(None), _CASE.id > self._after)
        last = session.scalar(select(func.max(following.order_by(_CASE.id).limit(STEP).subquery().c.id)))
        if last is None:
            return False
        self._learn_agencies(session, book)
        span = and_(_CASE.id > self._after, _CASE.id <= last, _CASE.stopped_on.is_(None))
        for group in self._plain_groups(session, span):
            self._treat(desk, group)
        # After the plain ones: whoever got a first act in the middle of those is found here, and put right.
        for group in self._single_groups(session, span):
            self._treat(desk, group)
        self._after = last
        return True

    def _learn_agencies(self, session: Session, book: Book) -> None:
        """Read which agency counts how; settings may change between two steps."""
        for agency_id, region, settings in session.execute(select(Agency.id, Agency.region, Agency.settings)):
            known = self._known.get(agency_id)
            if known is None or known[:2] != (region, settings):
                given = AgencySettings.model_validate(settings)
                schemes = {
                    kind: self._schemes.setdefault((region, rules), _Scheme(region, rules, book.of(region)))
                    for kind in CaseKind
                    for rules in (given.clock_rules(kind),)
                }
                self._known[agency_id] = (region, settings, schemes)

    def _plain_groups(self, session: Session, span: ColumnElement[bool]) -> list[_Group]:
        """Let the database count the cases without acts by agency, day of receipt and columns; fold each kind once."""
        kinds = (_CASE.agency_id, _CASE.kind, _CASE.received_on, *_COLUMNS)
        counted = select(*kinds, func.count()).where(span, _PLAIN).group_by(*kinds)
        agencies: dict[tuple[str, CaseKind, dt.date, _Change], list[int]] = defaultdict(list)
        for agency_id, kind, received_on, *stored, count in session.execute(counted):
            region, _, schemes = self._known[agency_id]
            self.effect.open_cases[region] += count
            change = _Change(Projection(*stored), schemes[kind].fold(received_on, received_on))
            if change.stored != change.fresh:
                agencies[region, kind, received_on, change].append(agency_id)
        return [
            _Group(
                change,
                and_(span, _PLAIN, _CASE.kind == kind, _CASE.received_on == received_on, _CASE.agency_id.in_(ids)),
                region,
            )
            for (region, kind, received_on, change), ids in agencies.items()
        ]

    def _single_groups(self, session: Session, span: ColumnElement[bool]) -> list[_Group]:
        """Fold the cases with acts, and those whose receipt is not confirmed, one by one."""
        sent_at = case((_CASE.received_on.is_(None), _CASE.submitted_at))
        wanted: Any = select(_CASE.id, _CASE.agency_id, _CASE.kind, _CASE.received_on, sent_at, *_COLUMNS).where(
            span, ~_PLAIN
        )
        rows = session.execute(self._held(wanted)).all()
        entries = clocks.entries_of(session, [row.id for row in rows])
        found: dict[tuple[str, _Change], list[int]] = defaultdict(list)
        for case_id, agency_id, kind, received_on, submitted_at, *stored in rows:
            region, _, schemes = self._known[agency_id]
            self.effect.open_cases[region] += 1
            sent_on = received_on or shanghai_date(submitted_at)
            change = _Change(Projection(*stored), schemes[kind].fold(received_on, sent_on, entries.get(case_id, ())))
            if change.stored != change.fresh:
                found[region, change].append(case_id)
        return [_Group(change, _CASE.id.in_(ids), region) for (region, change), ids in found.items()]

    def _treat(self, desk: Desk, group: _Group) -> None:
        """Write one group and its lines of the journal, unless this is a dry run; note what it does."""
        session, (stored, fresh) = desk.session, group.change
        still = [column.is_not_distinct_from(value) for column, value in zip(_COLUMNS, stored, strict=True)]
        where = and_(group.where, *still)
        if self._dry_run:
            count = session.scalar(select(func.count()).select_from(_CASES).where(where)) or 0
            self._show(session, where, group.change)
            self._note(group, count)
            return
        moves = group.change.moves
        self._show(session, where, group.change)
        changed = {name: new for name, old, new in zip(Projection._fields, stored, fresh, strict=True) if old != new}
        writing = update(_CASES).where(where).values(changed)
        if moves:
            # Of the rows that were written, whoever else writes meanwhile.
            written = session.execute(writing.returning(*(_CASE[name] for name in ("id", "agency_id", "state"))))
            data = dict(moves) | ({"source": self._source} if self._source else {})
            cases = sorted((case_id, agency_id, state) for case_id, agency_id, state in written)
            self._note(group, journal.record_many(desk, ACT, LABEL, [(*case, data) for case in cases]))
        else:
            self._note(group, cast("CursorResult[Any]", session.execute(writing)).rowcount)

    def _held(self, wanted: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
        """Lock the selected rows until the step ends, so that what is read next is what is written."""
        return wanted if self._dry_run else wanted.with_for_update(key_share=True)

    def _note(self, group: _Group, count: int) -> None:
        if group.change.moves:
            self.effect.moved[group.region] += count
        elif group.change.stored.provisional and not group.change.fresh.provisional:
            self.effect.settled[group.region] += count

    def _show(self, session: Session, where: ColumnElement[bool], change: _Change) -> None:
        room = SHOWN - len(self.effect.shown)
        if room <= 0 or not change.moves:
            return
        numbers = select(_CASE.id, _CASE.case_no, Agency.code).join(Agency, Agency.id == _CASE.agency_id)
        rows = session.execute(numbers.where(where).order_by(_CASE.id).limit(room))
        before, after = change.stored[:2], change.fresh[:2]
        self.effect.shown += [Moved(case_id, case_no, code, before, after) for case_id, case_no, code in rows]


def _finished(desk: Desk) -> None:
    """Work out the remedies anew, and note that all has been folded by the notices up to the ones in force."""
    remedies.recompute(desk.session, desk.book)
    desk.session.execute(
        update(CalendarNotice)
        .where(CalendarNotice.id <= desk.book.edition, CalendarNotice.recomputed_at.is_(None))
        .values(recomputed_at=desk.now)
    )


def pending(session: Session, *, before: dt.datetime | None = None) -> int:
    """Count the notices, imported `before` a moment, by which the running cases have not all been folded yet."""
    unfinished = select(func.count()).select_from(CalendarNotice).where(CalendarNotice.recomputed_at.is_(None))
    if before is not None:
        unfinished = unfinished.where(CalendarNotice.imported_at < before)
    return session.scalar(unfinished) or 0
