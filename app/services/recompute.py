"""Folding every running case again after a notice, in short steps, and saying which of them moved.

A step is one transaction's work over the next cases by id: read them, fold them by the calendar in force, and write the
columns of those that differ. Every GET folds afresh anyway, so that answers are right from the moment the notice is
committed; only the columns that lists and polls query lag until the sweep has passed.

* **The same answer as one case at a time.** Both come from `clocks.projection`. A case without acts depends on its region,
  its agency's rules and its day of receipt alone, so one fold serves all of that day; the others are folded one by one.
* **Nothing stale is written.** While a step runs no import can replace its calendar (`Calendars.held_book`). Rows that
  differ are locked before they are written, and those that have changed since they were read are left out: whoever
  changed them, a clerk or another sweep, folded them by the same calendar.
* **`version` is not counted up, `updated_at` not touched.** The projection is not the clerk's data. An act that was decided
  on an older sight of the case is judged by the newest calendar in its own transaction, so nothing is lost by accepting its
  If-Match; counting up would refuse every pending act of the city for a change its author could not have contradicted.
* **Again is the same as once.** A case already folded by this calendar does not differ; a broken-off sweep is begun anew.
* **Stopped clocks are not read at all.** They stay counted by the edition they stopped under.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import Row, Table, func, insert, literal, select, update
from sqlalchemy.orm import Session

from app.domain.limits import ClockRules
from app.domain.settings import AgencySettings
from app.domain.workdays import WorkCalendar
from app.models import Agency, CalendarNotice, Case, ClockEntry, JournalEntry
from app.models.base import Instant
from app.services import clocks
from app.services.calendars import Book
from app.services.clocks import Dates, Projection
from app.services.desk import Desk, shanghai_date
from app.services.stages import Stages

STEP = 10_000
SHOWN = 500
ACT, LABEL = "deadline_moved", "期限随工作日历变动"

_CASES = cast(Table, Case.__table__)  # written as a table: the mapping would count the version up
_COLUMNS = [getattr(Case, name) for name in Projection._fields]


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
    """Agencies that count alike, with the folds already made for cases without acts."""

    region: str
    rules: ClockRules
    calendar: WorkCalendar
    plain: dict[tuple[dt.date | None, dt.date | None], Projection] = field(default_factory=dict)


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

    def __init__(self, *, dry_run: bool, source: str = "", size: int = STEP) -> None:
        self.effect = Effect()
        self._dry_run, self._source, self._size = dry_run, source, size
        self._after = 0
        self._book: Book | None = None
        self._known: dict[int, tuple[str, Mapping[str, Any], _Scheme]] = {}  # by agency id
        self._schemes: dict[tuple[str, ClockRules], _Scheme] = {}

    def step(self, desk: Desk, book: Book) -> bool:
        """Fold the next cases by `book`, which must be held unless this is a dry run; False when none are left."""
        session = desk.session
        if book is not self._book:
            self._book, self._known, self._schemes = book, {}, {}
        codes = self._learn_agencies(session, book)
        rows = session.execute(
            select(Case.id, Case.version, Case.agency_id, Case.received_on, Case.submitted_at, *_COLUMNS)
            .where(Case.stopped_on.is_(None), Case.id > self._after)
            .order_by(Case.id)
            .limit(self._size)
        ).all()
        if not rows:
            return False
        self._after = rows[-1].id
        differing = self._differing(session, rows)
        if self._dry_run:
            found = [(row, fresh) for group in differing.values() for row, fresh in group]
        else:
            found = self._write(desk, differing)
        self._note(session, rows, found, codes)
        return len(rows) == self._size

    def _learn_agencies(self, session: Session, book: Book) -> dict[int, str]:
        """Read which agency counts how; settings may change between two steps."""
        codes: dict[int, str] = {}
        for agency_id, code, region, settings in session.execute(
            select(Agency.id, Agency.code, Agency.region, Agency.settings)
        ):
            codes[agency_id] = code
            known = self._known.get(agency_id)
            if known is None or known[:2] != (region, settings):
                rules = AgencySettings.model_validate(settings).clock_rules()
                scheme = self._schemes.setdefault((region, rules), _Scheme(region, rules, book.of(region)))
                self._known[agency_id] = (region, settings, scheme)
        return codes

    def _differing(
        self, session: Session, rows: Sequence[Row[Any]]
    ) -> dict[tuple[Projection, Projection], list[tuple[Row[Any], Projection]]]:
        """Fold the rows; returns those whose columns say something else, grouped by what they say and ought to say."""
        with_acts = _with_acts(session, rows[0].id, rows[-1].id)
        acts = clocks.acts_of(session, with_acts) if with_acts else {}
        differing: dict[tuple[Projection, Projection], list[tuple[Row[Any], Projection]]] = defaultdict(list)
        for row in rows:
            scheme = self._known[row.agency_id][2]
            if row.id in acts:
                fresh = clocks.projection(
                    row.received_on, shanghai_date(row.submitted_at), acts[row.id], scheme.rules, scheme.calendar
                )
            else:
                fresh = _plain(scheme, row)
            stored = row[-len(_COLUMNS) :]
            if stored != fresh:
                differing[Projection(*stored), fresh].append((row, fresh))
        return differing

    def _write(
        self,
        desk: Desk,
        differing: Mapping[tuple[Projection, Projection], Sequence[tuple[Row[Any], Projection]]],
    ) -> list[tuple[Row[Any], Projection]]:
        """Write what differs, a group at a time; returns what was written."""
        if not differing:
            return []
        session = desk.session
        seen = {row.id: (row.version, *row[-len(_COLUMNS) :]) for group in differing.values() for row, _ in group}
        held = select(Case.id, Case.version, *_COLUMNS).where(Case.id.in_(seen)).order_by(Case.id)
        now_there = session.execute(held.with_for_update(key_share=True))
        unchanged = {case_id for case_id, *there in now_there if seen[case_id] == tuple(there)}
        written: list[tuple[Row[Any], Projection]] = []
        for (stored, fresh), group in differing.items():
            ours = [(row, new) for row, new in group if row.id in unchanged]
            ids = [row.id for row, _ in ours]
            if not ids:
                continue
            written += ours
            if data := clocks.moved(stored[:2], fresh[:2]):
                self._journal(desk, ids, data)
            session.execute(update(_CASES).where(_CASES.c.id.in_(ids)).values(fresh._asdict()))
        return written

    def _journal(self, desk: Desk, ids: Sequence[int], data: Mapping[str, Any]) -> None:
        """Keep old and new dates of cases that moved alike, one row each, in one statement."""
        content = dict(data) | ({"source": self._source} if self._source else {})
        entry: dict[str, Any] = {
            "act": literal(ACT),
            "label": literal(LABEL),
            "actor": literal(desk.actor.name),
            "actor_label": literal(desk.actor.label),
            "on": literal(desk.today),
            "at": literal(desk.now, Instant()),
            "data": literal(content, JournalEntry.data.type),
            "agency_id": Case.agency_id,
            "case_id": Case.id,
            "state": Case.state,
        }
        lines = select(*entry.values()).where(Case.id.in_(ids)).order_by(Case.id)
        desk.session.execute(insert(JournalEntry).from_select(list(entry), lines))

    def _note(
        self,
        session: Session,
        rows: Sequence[Row[Any]],
        found: Sequence[tuple[Row[Any], Projection]],
        codes: Mapping[int, str],
    ) -> None:
        effect = self.effect
        for agency_id, count in Counter(row.agency_id for row in rows).items():
            effect.open_cases[self._known[agency_id][0]] += count
        shown: list[tuple[Row[Any], Projection]] = []
        for row, fresh in found:
            region = self._known[row.agency_id][0]
            if (row.due_on, row.target_on) != fresh[:2]:
                effect.moved[region] += 1
                shown.append((row, fresh))
            elif row.provisional and not fresh.provisional:
                effect.settled[region] += 1
        shown = sorted(shown, key=lambda pair: pair[0].id)[: SHOWN - len(effect.shown)]
        if shown:
            numbers = select(Case.id, Case.case_no).where(Case.id.in_([row.id for row, _ in shown]))
            case_no = {case_id: number for case_id, number in session.execute(numbers)}
            effect.shown += [
                Moved(row.id, case_no[row.id], codes[row.agency_id], (row.due_on, row.target_on), fresh[:2])
                for row, fresh in shown
            ]


def _plain(scheme: _Scheme, row: Row[Any]) -> Projection:
    """Fold a case without acts; all of one day fold alike."""
    submitted_on = None if row.received_on else shanghai_date(row.submitted_at)
    key = (row.received_on, submitted_on)
    fresh = scheme.plain.get(key)
    if fresh is None:
        sent_on = submitted_on or row.received_on
        fresh = clocks.projection(row.received_on, sent_on, (), scheme.rules, scheme.calendar)
        scheme.plain[key] = fresh
    return fresh


def _with_acts(session: Session, first: int, last: int) -> list[int]:
    """List the cases of a range of ids that have any entry."""
    return list(session.scalars(select(ClockEntry.case_id).where(ClockEntry.case_id.between(first, last)).distinct()))


def _finished(desk: Desk) -> None:
    """Note that every running case has been folded by the notices up to the ones in force."""
    desk.session.execute(
        update(CalendarNotice)
        .where(CalendarNotice.id <= desk.book.edition, CalendarNotice.recomputed_at.is_(None))
        .values(recomputed_at=desk.now)
    )


def pending(session: Session) -> int:
    """Count the notices by which the running cases have not all been folded yet (an import that was broken off)."""
    unfinished = select(func.count()).select_from(CalendarNotice).where(CalendarNotice.recomputed_at.is_(None))
    return session.scalar(unfinished) or 0
