"""Notices of days off and make-up working days: judged, entered as a new version, and what they change."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.holidays import FIRST_PROJECTED_YEAR, statutory_days
from app.domain.workdays import Day, doubt_notice, validate_notice
from app.errors import Forbidden, Invalid
from app.models import Agency, CalendarNotice
from app.services import calendars, journal, recompute
from app.services.calendars import NATIONAL, Book
from app.services.desk import Desk, shanghai_date
from app.services.recompute import Effect
from app.services.stages import Stages


@dataclass(frozen=True, slots=True)
class Change:
    """A day that becomes a working day or ceases to be one."""

    before: Day
    after: Day


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a notice says; a day off without a name has the empty one."""

    region: str
    year: int
    source: str
    off: Sequence[tuple[dt.date, str]]
    work: Sequence[dt.date]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What importing a notice did, or would do."""

    notice: CalendarNotice
    imported: bool  # a new version was made
    effect: Effect
    changes: Sequence[Change]
    doubts: Sequence[str]


def bring_in(stages: Stages, content: Content, *, dry_run: bool) -> Outcome:
    """Import a notice and fold every running case by it, or look what that would do.

    Raises Forbidden outside the root agency and Invalid, with a reason each, for what no authority can have published. The
    notice is committed first; should the rest break off, doing it again finishes it.
    """

    def look_ahead(desk: Desk) -> tuple[CalendarNotice, Book, list[Change]]:
        _require_root(desk)
        notice = _draft(desk, content)
        book = desk.book.having(notice)
        return notice, book, _changes(desk.book, book, content)

    notice, book, changes = stages.read(look_ahead)
    notice_id, imported = 0, False
    if not dry_run:
        notice_id, imported = stages.write(lambda desk: _enter(desk, notice), hold_calendar=False)
    effect = recompute.sweep(stages, dry_run=dry_run, book=book if dry_run else None, source=content.source)
    if not dry_run:
        notice = stages.read(lambda desk: desk.session.get_one(CalendarNotice, notice_id))
    off = [day for day, _ in content.off]
    return Outcome(notice, imported, effect, changes, doubt_notice(content.region, content.year, off, content.work))


def _require_root(desk: Desk) -> None:
    """Refuse whoever is not of the root agency: a calendar moves the limits of every agency of the city."""
    if desk.actor.agency_path.strip("/").count("/"):
        message = "工作日历影响全市的期限，只能由最上级机关的系统管理员导入"
        raise Forbidden(message, reasons=[{"kind": "role", "code": "root_agency_only", "message": message}])


def warnings(session: Session, book: Book, now: dt.datetime) -> list[str]:
    """Say what an administrator should do about the calendars: for `/readyz` and `doctor`."""
    regions = session.scalars(select(Agency.region).distinct())
    found = calendars.warnings(book, regions, shanghai_date(now))
    if unfinished := recompute.pending(session):
        found.append(f"有 {unfinished} 个放假通知导入后尚未按它重算完在办案件，请运行 python -m app recompute")
    return found


def _draft(desk: Desk, content: Content) -> CalendarNotice:
    region, year = content.region, content.year
    messages = validate_notice(region, year, [day for day, _ in content.off], content.work)
    if messages:
        raise Invalid(
            "；".join(messages[:3]),
            reasons=[{"kind": "field", "code": "bad_notice", "field": "", "message": message} for message in messages],
        )
    off = _named(region, year, dict(content.off))
    return calendars.draft_notice(region, year, content.source, off, content.work, now=desk.now, by=desk.actor.name)


def _enter(desk: Desk, notice: CalendarNotice) -> tuple[int, bool]:
    """Add a notice as the newest version and journal it, unless the one in force already says the same.

    It waits for the writers that count by the old calendar (`Calendars.held_book`).
    """
    session = desk.session
    calendars.hold_alone(session)
    same = select(CalendarNotice).where(CalendarNotice.region == notice.region, CalendarNotice.year == notice.year)
    known = session.scalar(same.order_by(CalendarNotice.id.desc()).limit(1))
    if known is not None and known.sha256 == notice.sha256:
        return known.id, False
    session.add(notice)
    session.flush()
    journal.record(
        desk,
        "calendar_imported",
        "导入放假通知",
        agency_id=desk.actor.agency_id,
        data={
            "notice_id": notice.id,
            "region": notice.region,
            "year": notice.year,
            "source": notice.source,
            "sha256": notice.sha256,
            "replaces": known.sha256 if known else None,
        },
    )
    return notice.id, True


def _changes(old: Book, new: Book, content: Content) -> list[Change]:
    """List the days of the region that become working days or cease to be."""
    before, after = old.of(content.region), new.of(content.region)
    first = max(dt.date(content.year - 1, 12, 25), before.first, after.first)
    last = min(dt.date(content.year, 12, 31), before.last, after.last)
    pairs = zip(before.days(first, last), after.days(first, last), strict=True)
    return [Change(was, now) for was, now in pairs if was.workday != now.workday]


def versions(
    desk: Desk, region: str | None, year: int | None, page: int, size: int
) -> tuple[Sequence[CalendarNotice], set[int], int]:
    """Return one page of all notices ever imported, newest first; which ids are in force; and how many there are."""
    wanted = select(CalendarNotice)
    if region:
        wanted = wanted.where(CalendarNotice.region == region)
    if year:
        wanted = wanted.where(CalendarNotice.year == year)
    total = desk.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    newest_first = wanted.order_by(CalendarNotice.id.desc()).offset((page - 1) * size).limit(size)
    grouped = select(func.max(CalendarNotice.id)).group_by(CalendarNotice.region, CalendarNotice.year)
    return desk.session.scalars(newest_first).all(), set(desk.session.scalars(grouped)), total


def _named(region: str, year: int, off: Mapping[dt.date, str]) -> dict[dt.date, str]:
    """Name the days the notice lists without a name after the statutory holiday in the same unbroken run of days off."""
    if region != NATIONAL or year < FIRST_PROJECTED_YEAR:
        return dict(off)
    statutory = statutory_days(year)
    named: dict[dt.date, str] = {}
    run: list[dt.date] = []
    for day in [*sorted(off), None]:
        if run and (day is None or day - run[-1] > dt.timedelta(days=1)):
            name = "、".join(dict.fromkeys(statutory[d] for d in run if d in statutory))
            named |= {d: off[d] or name for d in run}
            run = []
        if day is not None:
            run.append(day)
    return named
