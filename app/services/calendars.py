"""Calendars in force: notices kept as versions in the database, folded into one index per region.

A process keeps the indexes of the newest notices; asking costs one look at the newest notice's id.
"""

import datetime as dt
import hashlib
import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.workdays import Day, Overlay, WorkCalendar, YearPlan, build_calendar
from app.errors import Invalid
from app.models import CalendarNotice
from app.services import national_years

NATIONAL = "CN"


def lineage(region: str) -> list[str]:
    """Return the regions whose overlays apply, widest first: CN-532300 → CN-53, CN-532300."""
    province, full = region[:5], region
    return [part for part in dict.fromkeys((province, full)) if part != NATIONAL]


@dataclass(frozen=True)
class Book:
    """The calendars of every region as of one set of notices."""

    edition: int  # id of the newest notice
    plans: tuple[YearPlan, ...]
    overlays: Mapping[str, tuple[Overlay, ...]]
    _made: dict[str, WorkCalendar] = field(default_factory=dict)

    def of(self, region: str) -> WorkCalendar:
        """Return the calendar of a region; a region without notices of its own works by the national one."""
        key = ",".join(part for part in lineage(region) if part in self.overlays)
        if key not in self._made:
            overlays = [overlay for part in key.split(",") if part for overlay in self.overlays[part]]
            self._made[key] = build_calendar(region if key else NATIONAL, self.plans, overlays)
        return self._made[key]


class Calendars:
    """The books of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._book: Book | None = None

    def book(self, session: Session) -> Book:
        """Return the book in force in this transaction."""
        newest = session.scalar(select(func.max(CalendarNotice.id))) or 0
        book = self._book
        if book is None or book.edition != newest:
            with self._lock:
                book = self._book = read_book(session, newest)
        return book


def read_book(session: Session, newest: int) -> Book:
    """Fold the newest notice of each region and year; older ones stay for the record."""
    latest = select(func.max(CalendarNotice.id)).where(CalendarNotice.id <= newest)
    latest = latest.group_by(CalendarNotice.region, CalendarNotice.year)
    notices = session.scalars(select(CalendarNotice).where(CalendarNotice.id.in_(latest)).order_by(CalendarNotice.year))
    plans: list[YearPlan] = []
    overlays: dict[str, list[Overlay]] = {}
    for notice in notices:
        off = {dt.date.fromisoformat(day): name for day, name in notice.off}
        work = frozenset(dt.date.fromisoformat(day) for day in notice.work)
        if notice.region == NATIONAL:
            plans.append(YearPlan(notice.year, off, work, notice.source, provisional=False))
        else:
            overlays.setdefault(notice.region, []).append(Overlay(off, work, notice.source))
    return Book(newest, tuple(plans), {region: tuple(found) for region, found in overlays.items()})


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
    session.add_all(fresh)
    return len(fresh)


def days(calendar: WorkCalendar, first: dt.date, last: dt.date) -> list[Day]:
    """List the days from `first` to `last`. Raises Invalid beyond the calendar or past two years at once."""
    if not calendar.first <= first <= last <= calendar.last or (last - first).days > 730:
        raise Invalid(f"日期须在 {calendar.first} 至 {calendar.last} 之间，先后有序，一次最多731天")
    return calendar.days(first, last)
