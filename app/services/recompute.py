"""Folding every running case again after a notice, or one agency's after its settings changed, in short steps; and saying
which of them moved.

A step is one transaction's work over the next cases by id: fold them by the calendar in force and write the columns of
those that differ. Every GET folds afresh anyway, so that answers are right from the moment the notice is committed; only
the columns that lists and polls query lag until the sweep has passed.

* **The same answer as one case at a time.** Both come from `clocks.projection`. A case without acts depends on its agency's
  region and rules and on its day of receipt alone: the database puts such cases into groups, and each group is folded once.
  The others are read; those that went the same way are folded once too.
* **One statement for all that change alike**, which names them by id and says which rows it wrote: no row is looked at
  twice, and exactly those are journalled, each line with its mark.
* **Nothing stale is written.** While a step runs no import can replace its calendar and no administrator the settings it
  counts by (`Calendars.held_book`). Rows are written only if they are still of the version that was read and still say
  the same; whoever changed one meanwhile, a clerk or another sweep, folded it by the same calendar.
* **Two lanes on PostgreSQL** (`Stages.lanes`), each in transactions of its own over the next cases nobody has claimed.
* **`version` is not counted up, `updated_at` not touched.** The projection is not the clerk's data. An act that was decided
  on an older sight of the case is judged by the newest calendar in its own transaction, so nothing is lost by accepting its
  If-Match; counting up would refuse every pending act of the city for a change its author could not have contradicted.
* **Again is the same as once.** A case already folded by this calendar does not differ; a broken-off sweep is begun anew.
* **Stopped clocks are not read at all.** They stay counted by the edition they stopped under.
"""

import datetime as dt
import threading
from collections import Counter, defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Table,
    Text,
    and_,
    case,
    func,
    literal,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy import cast as as_type
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from app.domain.limits import ClockRules
from app.domain.settings import AgencySettings
from app.domain.terms import CaseKind
from app.domain.workdays import WorkCalendar
from app.models import Agency, CalendarNotice, Case, ClockEntry
from app.models.base import BigId
from app.services import clocks, journal, remedy_dates
from app.services.calendars import Book
from app.services.clocks import Dates, Projection
from app.services.desk import Desk, shanghai_date
from app.services.stages import Stages
from app.services.visibility import everywhere

STEP = 10_000
SHOWN = 500
REMEMBERED = 50_000  # folds of one scheme, some 20 MB
ACT = "deadline_moved"
REMEDY_ACT = "remedy_deadline_moved"

# As a table: the mapping would cost time, and count the version up.
_CASES = cast("Table", Case.__table__)
_CASE = _CASES.c
_COLUMNS = [_CASE[name] for name in Projection._fields]


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


class _Change(NamedTuple):
    """What cases say in their columns and what they ought to say."""

    stored: Projection
    fresh: Projection

    @property
    def moves(self) -> dict[str, Any]:
        return clocks.moved(self.stored[:2], self.fresh[:2])


@dataclass(frozen=True, slots=True)
class _Group:
    """Cases of a region that change alike: their ids and versions, as text for an array; one way for each of the two."""

    change: _Change
    region: str
    ids: str
    versions: str

    @property
    def count(self) -> int:
        return self.ids.count(",") + 1

    def chosen(self, session: Session) -> ColumnElement[bool]:
        """Build the condition that a row is one of these, as it was read."""
        still = [column.is_not_distinct_from(value) for column, value in zip(_COLUMNS, self.change.stored, strict=True)]
        if session.get_bind().dialect.name == "postgresql":
            numbers = (as_type(literal(f"{{{text}}}"), ARRAY(BigId)) for text in (self.ids, self.versions))
            same: ColumnElement[bool] = tuple_(_CASE.id, _CASE.version).in_(select(*map(func.unnest, numbers)))
        else:  # one writer at a time: nobody has written since
            same = _CASE.id.in_(select(func.json_each(literal(f"[{self.ids}]")).table_valued("value").c.value))
        return and_(same, *still)


class Span(NamedTuple):
    """The next cases as a condition, and what tells those of them that are plain: received, and without acts."""

    cases: ColumnElement[bool]
    plain: ColumnElement[bool]


class Spans:
    """Hands out the running cases by id, STEP at a time, to whichever lane asks next."""

    def __init__(self, agency_id: int | None = None) -> None:
        self._scope: ColumnElement[bool] = _CASE.stopped_on.is_(None)
        if agency_id is not None:
            self._scope &= _CASE.agency_id == agency_id
        self._after = 0
        self._lock = threading.Lock()

    def claim(self, session: Session) -> Span | None:
        """Claim the next cases nobody has claimed; None when none are left."""
        with self._lock:
            following = select(_CASE.id).where(self._scope, _CASE.id > self._after).order_by(_CASE.id).limit(STEP)
            last = session.scalar(select(func.max(following.subquery().c.id)))
            if last is None:
                return None
            first, self._after = self._after, last
        # Over the same ids on both sides: neither database carries the range from one table to the other.
        acted_on = select(ClockEntry.case_id).where(ClockEntry.case_id > first, ClockEntry.case_id <= last)
        return Span(
            and_(_CASE.id > first, _CASE.id <= last, self._scope),
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
        self._learn_agencies(session, book)
        room = SHOWN - len(self.effect.shown)
        shown: list[Moved] = []
        for group in (*self._plain_groups(session, span), *self._single_groups(session, span)):
            if room and group.change.moves:
                shown += self._first_of(session, group, room)
            self._note(group, group.count if self._dry_run else self._write(desk, group))
        self.effect.shown += sorted(shown, key=lambda moved: moved.case_id)[:room]
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

    def _plain_groups(self, session: Session, span: Span) -> list[_Group]:
        """Let the database group the cases without acts by agency, day of receipt and columns; fold each kind once."""
        kinds = (_CASE.agency_id, _CASE.kind, _CASE.received_on, *_COLUMNS)
        members = (func.aggregate_strings(as_type(column, Text), ",") for column in (_CASE.id, _CASE.version))
        found: dict[tuple[str, _Change], list[tuple[str, str]]] = defaultdict(list)
        grouped = select(*kinds, func.count(), *members).where(*span).group_by(*kinds)
        for agency_id, kind, received_on, *stored, count, ids, versions in session.execute(grouped):
            region, _, schemes = self._known[agency_id]
            self.effect.open_cases[region] += count
            change = _Change(Projection(*stored), schemes[kind].fold(received_on, received_on))
            if change.stored != change.fresh:
                found[region, change].append((ids, versions))
        return _groups(found)

    def _single_groups(self, session: Session, span: Span) -> list[_Group]:
        """Fold the cases with acts, and those whose receipt is not confirmed, by the way each of them went."""
        sent_at = case((_CASE.received_on.is_(None), _CASE.submitted_at))
        wanted: Any = select(
            _CASE.id, _CASE.version, _CASE.agency_id, _CASE.kind, _CASE.received_on, sent_at, *_COLUMNS
        ).where(span.cases, ~span.plain)
        rows = session.execute(wanted).all()
        # Read after the versions: who has got one more act since is of another version, and not written.
        entries = clocks.entries_of(session, [row.id for row in rows])
        found: dict[tuple[str, _Change], list[tuple[str, str]]] = defaultdict(list)
        for case_id, version, agency_id, kind, received_on, submitted_at, *stored in rows:
            region, _, schemes = self._known[agency_id]
            self.effect.open_cases[region] += 1
            sent_on = received_on or shanghai_date(submitted_at)
            change = _Change(Projection(*stored), schemes[kind].fold(received_on, sent_on, entries.get(case_id, ())))
            if change.stored != change.fresh:
                found[region, change].append((str(case_id), str(version)))
        return _groups(found)

    def _write(self, desk: Desk, group: _Group) -> int:
        """Write one group and its lines of the journal; returns how many cases that were."""
        session, (stored, fresh), moves = desk.session, group.change, group.change.moves
        changed = {name: new for name, old, new in zip(Projection._fields, stored, fresh, strict=True) if old != new}
        writing = update(_CASES).where(group.chosen(session)).values(changed)
        if not moves:
            return cast("CursorResult[Any]", session.execute(writing)).rowcount
        # Of the rows that were written, whoever else writes meanwhile.
        written = session.execute(writing.returning(*(_CASE[name] for name in ("id", "agency_id", "state"))))
        noted = dict(moves) | ({"source": self._source} if self._source else {})
        cases = sorted((case_id, agency_id, state) for case_id, agency_id, state in written)
        return journal.record_many(desk, ACT, self._label, [(*case, noted) for case in cases])

    def _note(self, group: _Group, count: int) -> None:
        if group.change.moves:
            self.effect.moved[group.region] += count
        elif group.change.stored.provisional and not group.change.fresh.provisional:
            self.effect.settled[group.region] += count

    def _first_of(self, session: Session, group: _Group, room: int) -> list[Moved]:
        numbers = select(_CASE.id, _CASE.case_no, Agency.code).join(Agency, Agency.id == _CASE.agency_id)
        rows = session.execute(numbers.where(group.chosen(session)).order_by(_CASE.id).limit(room))
        before, after = group.change.stored[:2], group.change.fresh[:2]
        return [Moved(case_id, case_no, code, before, after) for case_id, case_no, code in rows]


def _groups(found: Mapping[tuple[str, _Change], list[tuple[str, str]]]) -> list[_Group]:
    return [
        _Group(change, region, *(",".join(texts) for texts in zip(*members, strict=True)))
        for (region, change), members in found.items()
    ]


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
