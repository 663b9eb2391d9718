"""Folding every running case again after a notice, or one agency's after its settings changed, in short steps; and saying
which of them moved.

A step is one transaction's work over the next cases by id: fold them by the calendar in force and write the columns of
those that differ. Every GET folds afresh anyway, so that answers are right from the moment the notice is committed; only
the columns that lists and polls query lag until the sweep has passed.

* **The same answer as one case at a time.** Both come from `clocks.projection`. A case without acts depends on its agency's
  region and rules and on its day of receipt alone: the database puts such cases into groups, and each group is folded once.
  The others are read; those that went the same way are folded once too.
* **Narrow rows, one statement a step.** The dates stand in `running_clocks`, where a change writes four entries of indexes
  and not those of the whole case; all that changes in a step is written at once, and its lines of the journal, each with its mark.
* **Nothing stale is written.** While a step runs no import can replace its calendar and no administrator the settings it
  counts by (`Calendars.held_book`). On PostgreSQL it locks the clocks of its cases before it reads them, as every act does
  after its case: a clerk's act, or another sweep, comes wholly before or wholly after. The cases themselves are not locked,
  which would write to each of their pages. SQLite has one writer at a time anyway.
* **Two lanes on PostgreSQL** (`Stages.lanes`), each in transactions of its own over the next cases nobody has claimed.
* **The case itself is not written**, neither `version` nor `updated_at`. The projection is not the clerk's data. An act that
  was decided on an older sight of the case is judged by the newest calendar in its own transaction, so nothing is lost by
  accepting its If-Match; counting up would refuse every pending act for a change its author could not have contradicted.
* **Again is the same as once.** A case already folded by this calendar does not differ; a broken-off sweep is begun anew.
* **Stopped clocks are not there at all.** They left their last dates in the case, counted by the edition they stopped under.
"""

import datetime as dt
import threading
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from heapq import nsmallest
from itertools import chain
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, Table, Text, and_, case, func, select, true, update
from sqlalchemy import cast as as_type
from sqlalchemy.orm import Session

from app.domain.limits import ClockRules
from app.domain.settings import AgencySettings
from app.domain.terms import CaseKind
from app.domain.workdays import WorkCalendar
from app.models import Agency, CalendarNotice, Case, ClockEntry
from app.services import clock_rows, clocks, journal, remedy_dates
from app.services.calendars import Book
from app.services.clock_rows import CLOCKS, COLUMNS, Change, Group, Member, projection
from app.services.clocks import Dates, Projection
from app.services.desk import Desk, shanghai_date
from app.services.stages import Stages
from app.services.visibility import everywhere

STEP = 10_000
SHOWN = 500
REMEMBERED = 50_000  # folds of one scheme, some 20 MB
ACT = "deadline_moved"
REMEDY_ACT = "remedy_deadline_moved"

# As a table: the mapping would cost time.
_CASES = cast("Table", Case.__table__)
_CASE, _CLOCK = _CASES.c, CLOCKS.c
_BOTH = CLOCKS.join(_CASES, _CASE.id == _CLOCK.case_id)


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
    in_remedies: list[remedy_dates.Moved] = field(default_factory=list)  # whatever became of their cases


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


class Span(NamedTuple):
    """The next cases, beyond `first` and up to `last`: as a condition over their clocks, over clocks and cases, and what
    tells those that are plain: received, and without acts.
    """

    first: int
    last: int
    clocks: ColumnElement[bool]
    cases: ColumnElement[bool]
    plain: ColumnElement[bool]


class Spans:
    """Hands out the running cases by id, STEP at a time, to whichever lane asks next."""

    def __init__(self, agency_id: int | None = None) -> None:
        self._scope: ColumnElement[bool] = true() if agency_id is None else _CLOCK.agency_id == agency_id
        self._after = 0
        self._lock = threading.Lock()

    def claim(self, session: Session) -> Span | None:
        """Claim the next cases nobody has claimed; None when none are left."""
        with self._lock:
            following = select(_CLOCK.case_id).where(self._scope, _CLOCK.case_id > self._after)
            batch = following.order_by(_CLOCK.case_id).limit(STEP).subquery()
            last = session.scalar(select(func.max(batch.c.case_id)))
            if last is None:
                return None
            first, self._after = self._after, last
        # Over the same ids on all sides: neither database carries the range from one table to the other.
        acted_on = select(ClockEntry.case_id).where(ClockEntry.case_id > first, ClockEntry.case_id <= last)
        running = and_(_CLOCK.case_id > first, _CLOCK.case_id <= last, self._scope)
        return Span(
            first,
            last,
            running,
            and_(running, _CASE.id > first, _CASE.id <= last),
            and_(_CASE.received_on.is_not(None), _CASE.id.not_in(acted_on)),
        )

    def close(self) -> None:
        """Leave nothing for the others, because one of them failed."""
        with self._lock:
            self._scope &= ~true()


def sweep(
    stages: Stages, *, dry_run: bool, book: Book | None = None, source: str = "", agency_id: int | None = None
) -> Effect:
    """Fold every running case by the calendars in force, or in a dry run by `book`; returns what that moved or would move.

    `source` is what gave rise to it, for the journal: a notice, or with `agency_id` that agency's settings.
    """
    spans = Spans(agency_id)
    if dry_run:
        run = Sweep(spans, dry_run=True)
        while stages.read(lambda desk: run.step(desk, book or desk.book)):
            pass
        run.effect.in_remedies = stages.read(
            lambda desk: _in_remedies(desk, book or desk.book, agency_id, dry_run=True)
        )
        return run.effect
    label = "期限随工作日历变动" if agency_id is None else "期限随机关设置变动"
    runs = [Sweep(spans, dry_run=False, source=source, label=label) for _ in range(stages.lanes)]
    if len(runs) == 1:
        runs[0].run(stages)
    else:
        with ThreadPoolExecutor(len(runs)) as lanes:
            for done in [lanes.submit(run.run, stages) for run in runs]:
                done.result()
    whole = _together([run.effect for run in runs])
    whole.in_remedies = stages.write(lambda desk: _finished(desk, agency_id, source, label))
    return whole


def _together(effects: list[Effect]) -> Effect:
    whole = Effect()
    for effect in effects:
        whole.open_cases += effect.open_cases
        whole.moved += effect.moved
        whole.settled += effect.settled
        whole.shown += effect.shown
    whole.shown = sorted(whole.shown, key=lambda moved: moved.case_id)[:SHOWN]
    return whole


class Sweep:
    """One lane's pass over running cases. Call `step` until it says that nothing is left, each time in a transaction."""

    def __init__(self, spans: Spans, *, dry_run: bool, source: str = "", label: str = "") -> None:
        self.effect = Effect()
        self._spans, self._dry_run, self._source, self._label = spans, dry_run, source, label
        self._book: Book | None = None
        self._known: dict[int, tuple[str, Mapping[str, Any], dict[CaseKind, _Scheme]]] = {}  # by agency id
        self._schemes: dict[tuple[str, ClockRules], _Scheme] = {}

    def run(self, stages: Stages) -> None:
        """Take one step after the other, each committed before the next, until nothing is left."""
        try:
            while stages.write(lambda desk: self.step(desk, desk.book)):
                pass
        except BaseException:
            self._spans.close()
            raise

    def step(self, desk: Desk, book: Book) -> bool:
        """Fold the next cases by `book`, which must be held unless this is a dry run; False when none are left."""
        with everywhere(desk.session):  # a calendar moves the limits of every agency; nothing but dates is read
            return self._step(desk, book)

    def _step(self, desk: Desk, book: Book) -> bool:
        session = desk.session
        if book is not self._book:
            self._book, self._known, self._schemes = book, {}, {}
        span = self._spans.claim(session)
        if span is None:
            return False
        if not self._dry_run:
            _hold(session, span)
        self._learn_agencies(session, book)
        groups = [*self._plain_groups(session, span), *self._single_groups(session, span)]
        self._show(session, groups)
        for group in groups:
            if group.change.moves:
                self.effect.moved[group.region] += group.count
            elif group.change.stored.provisional and not group.change.fresh.provisional:
                self.effect.settled[group.region] += group.count
        if groups and not self._dry_run:
            clock_rows.write(session, groups, span.first, span.last)
            self._tell(desk, groups)
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

    def _plain_groups(self, session: Session, span: Span) -> list[Group]:
        """Let the database group the cases without acts by agency, day of receipt and columns; fold each kind once."""
        kinds = (_CASE.agency_id, _CASE.kind, _CASE.state, _CASE.received_on, *COLUMNS)
        members = func.aggregate_strings(as_type(_CASE.id, Text), ",")
        grouped = (
            select(*kinds, func.count(), members).select_from(_BOTH).where(span.cases, span.plain).group_by(*kinds)
        )
        found: _Found = defaultdict(list)
        for agency_id, kind, state, received_on, *stored, count, ids in session.execute(grouped):
            region, _, schemes = self._known[agency_id]
            self.effect.open_cases[region] += count
            change = Change(projection(stored), schemes[kind].fold(received_on, received_on))
            if change.stored != change.fresh:
                found[region, change].append((agency_id, state, ids))
        return _groups(found)

    def _single_groups(self, session: Session, span: Span) -> list[Group]:
        """Fold the cases with acts, and those whose receipt is not confirmed, by the way each of them went."""
        sent_at = case((_CASE.received_on.is_(None), _CASE.submitted_at))
        columns = (_CASE.id, _CASE.agency_id, _CASE.kind, _CASE.state, _CASE.received_on, sent_at, *COLUMNS)
        wanted: Any = select(*columns).select_from(_BOTH).where(span.cases, ~span.plain)
        rows = session.execute(wanted).all()
        entries = clocks.entries_between(session, span.first, span.last)
        found: _Found = defaultdict(list)
        alike: dict[tuple[Any, ...], list[Member] | None] = {}  # where those go that went the same way
        for case_id, agency_id, kind, state, received_on, submitted_at, *stored in rows:
            region, _, schemes = self._known[agency_id]
            self.effect.open_cases[region] += 1
            scheme, own = schemes[kind], entries.get(case_id, ())
            way = (id(scheme), received_on, submitted_at, own, *stored)
            if way not in alike:
                sent_on = received_on or shanghai_date(submitted_at)
                change = Change(projection(stored), scheme.fold(received_on, sent_on, own))
                alike[way] = found[region, change] if change.stored != change.fresh else None
            members = alike[way]
            if members is not None:
                members.append((agency_id, state, str(case_id)))
        return _groups(found)

    def _tell(self, desk: Desk, groups: Sequence[Group]) -> None:
        """Append a line to the journal for each case whose limits moved."""
        source = {"source": self._source} if self._source else {}
        moved = [group for group in groups if group.change.moves]
        lines = sorted(chain.from_iterable(group.lines(place) for place, group in enumerate(moved)))  # by case
        journal.record_lines(desk, ACT, self._label, lines, [group.change.moves | source for group in moved])

    def _show(self, session: Session, groups: Sequence[Group]) -> None:
        """Keep the first of those that moved, for whoever asked."""
        room = SHOWN - len(self.effect.shown)
        if not room:
            return
        changes = {line[0]: group.change for group in groups if group.change.moves for line in group.lines(0)}
        first = select(_CASE.id, _CASE.case_no, Agency.code).join(Agency, Agency.id == _CASE.agency_id)
        first = first.where(_CASE.id.in_(nsmallest(room, changes))).order_by(_CASE.id)
        for case_id, case_no, code in session.execute(first):
            stored, fresh = changes[case_id]
            self.effect.shown.append(Moved(case_id, case_no, code, stored[:2], fresh[:2]))


_Found = defaultdict[tuple[str, Change], list[Member]]


def _groups(found: _Found) -> list[Group]:
    return [Group(change, region, members) for (region, change), members in found.items()]


def _hold(session: Session, span: Span) -> None:
    """Lock the clocks of a step until its transaction ends (PostgreSQL)."""
    if session.get_bind().dialect.name == "postgresql":
        rows = select(_CLOCK.case_id).where(span.clocks).order_by(_CLOCK.case_id)
        session.execute(select(func.count()).select_from(rows.with_for_update(key_share=True).subquery()))


def _finished(desk: Desk, agency_id: int | None, source: str, label: str) -> list[remedy_dates.Moved]:
    """Work out the remedies anew; after all agencies, note that the notices up to the ones in force have been counted by."""
    moved = _in_remedies(desk, desk.book, agency_id)
    noted = {"source": source} if source else {}
    rows = [(one.case_id, one.agency_id, one.state, one.noted | noted) for one in moved]
    journal.record_many(desk, REMEDY_ACT, label, rows)
    if agency_id is None:
        desk.session.execute(
            update(CalendarNotice)
            .where(CalendarNotice.id <= desk.book.edition, CalendarNotice.recomputed_at.is_(None))
            .values(recomputed_at=desk.now)
        )
    return moved


def _in_remedies(desk: Desk, book: Book, agency_id: int | None, *, dry_run: bool = False) -> list[remedy_dates.Moved]:
    with everywhere(desk.session):
        return remedy_dates.recompute(desk.session, book, agency_id, dry_run=dry_run)


def pending(session: Session, *, before: dt.datetime | None = None) -> int:
    """Count the notices, imported `before` a moment, by which the running cases have not all been folded yet."""
    unfinished = select(func.count()).select_from(CalendarNotice).where(CalendarNotice.recomputed_at.is_(None))
    if before is not None:
        unfinished = unfinished.where(CalendarNotice.imported_at < before)
    return session.scalar(unfinished) or 0
