"""Calendars in force: notices kept as versions in the database, folded into one index per region.

A process keeps the indexes of the newest notices; asking costs one look at the newest notice's id.
"""

import datetime as dt
import hashlib
import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.workdays import LAST_YEAR, Day, Overlay, WorkCalendar, YearPlan, build_calendar
from app.errors import Invalid
from app.models import CalendarNotice, Case
from app.models.direct import PreparedStatement
from app.services import national_years

NATIONAL = "CN"
WARN_BELOW_WORKDAYS = 60
"""Fewer published working days ahead than this and new cases get dates that no notice has settled."""

LOCK = 4530364  # of PostgreSQL, shared by writers that count days, exclusive for an import


def lineage(region: str) -> list[str]:
    """Return the regions whose overlays apply, widest first: CN-532300 → CN-53, CN-532300."""
    province, full = region[:5], region
    return [part for part in dict.fromkeys((province, full)) if part != NATIONAL]


@dataclass(frozen=True)
class Book:
    """The calendars of every region as of one set of notices."""

    edition: int  # id of the newest notice
    plans: Mapping[int, YearPlan]
    overlays: Mapping[str, Mapping[int, Overlay]]
    _made: dict[str, WorkCalendar] = field(default_factory=dict)
    _past: dict[int, "Book"] = field(default_factory=dict)

    def of(self, region: str) -> WorkCalendar:
        """Return the calendar of a region; a region without notices of its own works by the national one.

        A region that has once published days of its own is expected to do so every year: until its notice is here, the
        days of such a year are provisional.
        """
        own = [part for part in lineage(region) if part in self.overlays]
        key = ",".join(own)
        if key not in self._made:
            overlays = [self.overlays[part][year] for part in own for year in sorted(self.overlays[part])]
            awaited = {
                year
                for part in own
                for year in range(min(self.overlays[part]), LAST_YEAR + 1)
                if year not in self.overlays[part]
            }
            self._made[key] = build_calendar(
                own[-1] if own else NATIONAL, self.plans.values(), overlays, awaited=awaited
            )
        return self._made[key]

    def at(self, session: Session, edition: int | None) -> "Book":
        """Return the book as it was at an earlier edition, by which a stopped clock stays counted; None is this one."""
        if edition is None or edition >= self.edition:
            return self
        if edition not in self._past:
            self._past[edition] = read_book(session, edition)
        return self._past[edition]

    def having(self, notice: CalendarNotice) -> "Book":
        """Return the book as it would be with one more notice, for a look ahead."""
        if notice.region == NATIONAL:
            plans = {**self.plans, notice.year: _plan(notice)}
            return replace(self, plans=dict(sorted(plans.items())), _made={}, _past={})
        own = {**self.overlays.get(notice.region, {}), notice.year: _overlay(notice)}
        return replace(self, overlays={**self.overlays, notice.region: own}, _made={}, _past={})


_NEWEST = PreparedStatement(select(func.max(CalendarNotice.id)))
_SHARED = PreparedStatement(select(func.pg_advisory_xact_lock_shared(LOCK)))


class Calendars:
    """The books of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._book: Book | None = None

    def book(self, session: Session) -> Book:
        """Return the book in force in this transaction."""
        newest = _NEWEST.one_or_none(session) or 0
        book = self._book
        if book is None or book.edition != newest:
            with self._lock:
                book = self._book = read_book(session, newest)
        return book

    def held_book(self, session: Session) -> Book:
        """Return the book in force, which no import replaces before this writing transaction has ended.

        Without it a clerk's act on PostgreSQL could fold by the old calendar, be committed after the import's own
        recomputation had passed the case, and leave the old dates in its columns. SQLite has one writer at a time.
        """
        if session.get_bind().dialect.name == "postgresql":
            _SHARED.rows(session)
        return self.book(session)


def hold_alone(session: Session) -> None:
    """Wait for the writers that count by what is about to be replaced, and keep new ones out until the transaction ends.

    A calendar, or the readings and limits an agency counts by. On SQLite this writer is the only one.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(LOCK)))


def read_book(session: Session, newest: int) -> Book:
    """Fold the newest notice of each region and year; older ones stay for the record."""
    latest = select(func.max(CalendarNotice.id)).where(CalendarNotice.id <= newest)
    latest = latest.group_by(CalendarNotice.region, CalendarNotice.year)
    notices = session.scalars(select(CalendarNotice).where(CalendarNotice.id.in_(latest)).order_by(CalendarNotice.year))
    plans: dict[int, YearPlan] = {}
    overlays: dict[str, dict[int, Overlay]] = {}
    for notice in notices:
        if notice.region == NATIONAL:
            plans[notice.year] = _plan(notice)
        else:
            overlays.setdefault(notice.region, {})[notice.year] = _overlay(notice)
    return Book(newest, plans, overlays)


def _plan(notice: CalendarNotice) -> YearPlan:
    return YearPlan(notice.year, _off(notice), _work(notice), notice.source, provisional=False)


def _overlay(notice: CalendarNotice) -> Overlay:
    return Overlay(_off(notice), _work(notice), notice.source)


def _off(notice: CalendarNotice) -> dict[dt.date, str]:
    return {dt.date.fromisoformat(day): name for day, name in notice.off}


def _work(notice: CalendarNotice) -> frozenset[dt.date]:
    return frozenset(dt.date.fromisoformat(day) for day in notice.work)


def draft_notice(
    region: str,
    year: int,
    source: str,
    off: Mapping[dt.date, str],
    work: Iterable[dt.date],
    *,
    now: dt.datetime,
    by: str,
) -> CalendarNotice:
    """Build a notice's row, its content sorted and hashed; the same content gives the same hash."""
    off_rows = [[day.isoformat(), off[day]] for day in sorted(off)]
    work_rows = [day.isoformat() for day in sorted(work)]
    content = json.dumps([region, year, off_rows, work_rows], ensure_ascii=False)
    digest = hashlib.sha256(content.encode()).hexdigest()
    return CalendarNotice(
        region=region,
        year=year,
        source=source,
        off=off_rows,
        work=work_rows,
        sha256=digest,
        imported_at=now,
        imported_by=by,
    )


@lru_cache(maxsize=1)
def _national() -> tuple[YearPlan, ...]:
    return national_years.national_years()


def seed(session: Session, now: dt.datetime) -> int:
    """Enter the national years of `chinese_calendar` that the database has no notice for; returns how many."""
    known = set(session.scalars(select(CalendarNotice.year).where(CalendarNotice.region == NATIONAL)))
    fresh = [
        draft_notice(NATIONAL, plan.year, plan.source, plan.off, plan.work, now=now, by="system")
        for plan in _national()
        if plan.year not in known
    ]
    if session.scalar(select(Case.id).limit(1)) is None:
        for notice in fresh:  # nothing to fold by them; otherwise a sweep is due
            notice.recomputed_at = now
    session.add_all(fresh)
    return len(fresh)


def days(calendar: WorkCalendar, first: dt.date, last: dt.date) -> list[Day]:
    """List the days from `first` to `last`. Raises Invalid beyond the calendar or past two years at once."""
    if not calendar.first <= first <= last <= calendar.last or (last - first).days > 730:
        raise Invalid(f"日期须在 {calendar.first} 至 {calendar.last} 之间，先后有序，一次最多731天")
    return calendar.days(first, last)


def warnings(book: Book, regions: Iterable[str], today: dt.date) -> list[str]:
    """Say, for `/readyz` and `doctor`, where the published calendar ends too soon and whose own notice is missing."""
    found: list[str] = []
    calendar = book.of(NATIONAL)
    ahead = max(0, calendar.count(today, calendar.published_through))
    if ahead < WARN_BELOW_WORKDAYS:
        found.append(
            f"已公布的工作日历只到 {calendar.published_through}，往后还有 {ahead} 个工作日"
            f"（少于 {WARN_BELOW_WORKDAYS} 个）；其后的期限为暂定，请在放假通知公布后导入"
        )
    own = {part for region in regions for part in lineage(region)} & set(book.overlays)
    found += [
        f"{part} 以前公布过本地区的假日，{today.year} 年的通知尚未导入，该地区期限为暂定"
        for part in sorted(own)
        if today.year not in book.overlays[part]
    ]
    return found
