"""Working days: which days an agency works, and counting along them by look-up instead of a loop.

"工作日" are the days the State Council's yearly notice leaves to work: Monday to Friday without the days off, and the
weekend days worked in their stead; a region may add days off, add working days, or give back a make-up day
(放假办法第4条). A `WorkCalendar` is one region's days with an index over them: `rank` counts the working days up to
and including a day, so the n-th working day after it is `worked[rank + n - 1]`. A count never includes its starting
day (民法典第201条第1款).

Days of a year without a notice are projected (`app.domain.holidays`) and provisional; `scenarios` are the same
calendar under each plausible notice, for the earliest and latest date a provisional one may become.

Pure: dates in, dates out; it does not know what day it is.
"""

import hashlib
from array import array
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from itertools import accumulate, compress, repeat

from app.domain.holidays import (
    FIRST_PROJECTED_YEAR,
    LAST_PROJECTED_YEAR,
    YearPlan,
    december_before,
    plausible_years,
    project,
    statutory_days,
)
from app.domain.terms import DayKind

__all__ = [
    "LAST_YEAR",
    "Day",
    "DayKind",
    "OutsideCalendarError",
    "Overlay",
    "WorkCalendar",
    "YearPlan",
    "build_calendar",
    "doubt_notice",
    "validate_notice",
]

LAST_YEAR = 2050
FIRST_NOTICE_YEAR = 2004
NATIONAL = "CN"
STATUTORY_DAYS = 13

_WORKED = frozenset({DayKind.WORKDAY, DayKind.MAKEUP_WORKDAY, DayKind.REGIONAL_WORKDAY})


class OutsideCalendarError(ValueError):
    """A day beyond what the calendar reaches; the message is Chinese and meant for the reader."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a calendar, with the reason and the source that a clerk can show."""

    on: date
    workday: bool
    kind: DayKind
    why: str
    source: str
    provisional: bool


@dataclass(frozen=True, slots=True)
class Overlay:
    """What a region's own notice changes: days off (named, or a plain set) and days worked there.

    A day off that is a national make-up day cancels it. Of several overlays the later one wins.
    """

    off: Mapping[date, str] | frozenset[date] = frozenset()
    work: frozenset[date] = frozenset()
    source: str = ""


@dataclass(frozen=True, slots=True)
class _Mark:
    """Why a day differs from the plain week."""

    kind: DayKind
    why: str
    source: str


class WorkCalendar:
    """The working days of one region, `first` to `last`, immutable and safe to share between threads.

    `build_calendar` makes it. Methods raise OutsideCalendarError when a day, or a result, lies beyond the calendar.
    """

    def __init__(
        self, region: str, plans: tuple[YearPlan, ...], overlays: tuple[Overlay, ...], awaited: frozenset[int]
    ) -> None:
        self.region = region
        self._plans, self._overlays, self._awaited = plans, overlays, awaited
        self.first, self.last = date(plans[0].year, 1, 1), date(plans[-1].year, 12, 31)
        self._marks = _overlaid(_national_marks(plans), overlays)
        self._zero = self.first.toordinal()
        calendar_days = _dates(self.first, self.last)
        self._open = bytearray(
            n % 7 < 5 for n in range(self.first.weekday(), self.first.weekday() + len(calendar_days))
        )
        self._number(self._marks)
        self._below: tuple[WorkCalendar, Overlay] | None = None
        guesses = _guessed_days(plans)
        self.published_through = min(guesses, default=self.last + timedelta(1)) - timedelta(1)
        guessed = bytearray(day in guesses or day.year in awaited for day in calendar_days)
        self._guesses = _running_total(guessed)
        first_guess = guessed.find(1)
        self._settled_through = self.last if first_guess < 0 else self.first + timedelta(days=first_guess - 1)

    def _number(self, days: Iterable[date]) -> None:
        """Take over from the marks whether these days are worked, and number the working days afresh."""
        for day in days:
            if self.first <= day <= self.last and day in self._marks:
                self._open[day.toordinal() - self._zero] = self._marks[day].kind in _WORKED
        self._worked = tuple(compress(_dates(self.first, self.last), self._open))
        self._rank = _running_total(self._open)

    @cached_property
    def version(self) -> str:
        """A short hash of everything a date can depend on: equal versions give equal dates."""
        digest = hashlib.sha256(f"{self.region} {self.first} {self.last} {sorted(self._awaited)}".encode())
        for day in sorted(self._marks):
            mark = self._marks[day]
            digest.update(f"{day} {mark.kind} {mark.why}\n".encode())
        digest.update(" ".join(str(plan.year) for plan in self._plans if plan.provisional).encode())
        return digest.hexdigest()[:12]

    def is_workday(self, day: date) -> bool:
        """Whether the agency works on `day`."""
        return bool(self._open[self._index(day)])

    def nth_after(self, base: date, n: int) -> date:
        """The n-th working day strictly after `base`, n ≥ 1: the last day of an n-working-day period begun by it."""
        i = base.toordinal() - self._zero
        if i >= 0 and n > 0:
            try:
                return self._worked[self._rank[i] + n - 1]
            except IndexError:
                pass
        if n < 1:
            raise ValueError("工作日天数应当为正整数")
        raise self._outside(base)

    def count(self, a: date, b: date) -> int:
        """How many working days d have a < d ≤ b; negative, of b < d ≤ a, when b is before a."""
        i, j = a.toordinal() - self._zero, b.toordinal() - self._zero
        if i >= 0 and j >= 0:
            try:
                return self._rank[j] - self._rank[i]
            except IndexError:
                pass
        raise self._outside(min(a, b) if min(i, j) < 0 else max(a, b))

    def roll_forward(self, day: date) -> date:
        """`day` itself if it is worked, else the first working day after it (民法典第203条第1款)."""
        return day if self.is_workday(day) else self.nth_after(day, 1)

    def day(self, on: date) -> Day:
        """What kind of day it is, why, and on whose word."""
        i = self._index(on)
        workday = bool(self._open[i])
        mark = self._marks.get(on)
        if mark is None:
            kind = DayKind.WORKDAY if workday else DayKind.REST_DAY
            mark = _Mark(kind, kind.label, self._year_source(on.year))
        return Day(on, workday, mark.kind, mark.why, mark.source, self.is_provisional(on))

    def days(self, frm: date, to: date) -> list[Day]:
        """Every day from `frm` to `to`, both included; empty when `to` is earlier."""
        return [self.day(date.fromordinal(n)) for n in range(frm.toordinal(), to.toordinal() + 1)]

    def is_provisional(self, day: date) -> bool:
        """Whether the kind of `day` is not yet settled by a notice."""
        i = self._index(day)
        return self._guesses[i] != (self._guesses[i - 1] if i else 0)

    def rests_on_projection(self, a: date, b: date) -> bool:
        """Whether any day d with a < d ≤ b is provisional, so that a count over them is too."""
        if b <= self._settled_through:
            return False
        return self._guesses[self._index(b)] > self._guesses[self._index(a)]

    def with_overrides(self, off: Iterable[date], work: Iterable[date]) -> "WorkCalendar":
        """The same calendar with some days freed and some worked, for a what-if question."""
        overlay = Overlay(frozenset(off), frozenset(work), "本次试算指定")
        if not overlay.off and not overlay.work:
            return self
        twin = copy(self)  # anybody may ask, so only what the overlay changes is made anew
        twin._cover(self, overlay)  # noqa: SLF001 — its own copy
        return twin

    def _cover(self, below: "WorkCalendar", overlay: Overlay) -> None:
        """Become the calendar `below`, of which this is a copy, with one more overlay on top."""
        for remembered in ("version", "scenarios"):
            self.__dict__.pop(remembered, None)
        self._overlays = (*self._overlays, overlay)
        self._marks = _overlaid(self._marks, (overlay,))
        self._open = self._open.copy()
        self._number({*overlay.off, *overlay.work})
        self._below = below, overlay

    @cached_property
    def scenarios(self) -> "tuple[WorkCalendar, ...]":
        """The same region under each plausible arrangement of the years without a notice; empty if there are none."""
        if not any(plan.provisional for plan in self._plans):
            return ()
        if self._below:
            below, overlay = self._below
            return tuple(scenario.with_overrides(overlay.off, overlay.work) for scenario in below.scenarios)
        years = (plausible_years(plan.year) if plan.provisional else repeat(plan) for plan in self._plans)
        choices = zip(*years, strict=False)  # repeat() has no end
        return tuple(WorkCalendar(self.region, plans, self._overlays, self._awaited) for plans in choices)

    def _index(self, day: date) -> int:
        i = day.toordinal() - self._zero
        if 0 <= i < len(self._open):
            return i
        raise self._outside(day)

    def _outside(self, day: date) -> OutsideCalendarError:
        return OutsideCalendarError(f"{day} 起算的日期超出工作日历（{self.first} 至 {self.last}）")

    def _year_source(self, year: int) -> str:
        return next(plan.source for plan in self._plans if plan.year == year)


def build_calendar(
    region: str, plans: Iterable[YearPlan], overlays: Iterable[Overlay] = (), *, awaited: Iterable[int] = ()
) -> WorkCalendar:
    """A region's calendar from the first plan's year to LAST_YEAR, the years without a plan projected.

    Of two plans for one year the later in `plans` wins (a corrected notice). `awaited` are years in which the
    region's own notice is expected and missing: their days are provisional. Raises ValueError when no plan is given,
    or when a year before 2025 is missing (an earlier decree, which cannot be projected).
    """
    published = {plan.year: plan for plan in plans}
    if not published:
        raise ValueError("没有任何年度放假安排，无法建立工作日历")
    years = range(min(published), max(LAST_YEAR, *published) + 1)
    missing = [year for year in years if year not in published and year < FIRST_PROJECTED_YEAR]
    if missing:
        raise ValueError(f"缺少 {'、'.join(map(str, missing))} 年的放假安排")
    complete = tuple(published.get(year) or project(year) for year in years)
    return WorkCalendar(region, complete, tuple(overlays), frozenset(awaited))


def validate_notice(region: str, year: int, off: Sequence[date], work: Sequence[date]) -> list[str]:
    """Why a notice cannot be what an authority published for `year`, in Chinese; empty when it can.

    A national notice (region `CN`) must cover every day of 《放假办法》第2条 and make up on weekends only; a region's
    notice only has to be consistent. The last week of the December before is allowed, where 元旦 is arranged.
    """
    reasons: list[str] = []
    if not FIRST_NOTICE_YEAR <= year <= LAST_PROJECTED_YEAR:
        return [f"年份 {year} 不在可接受的范围（{FIRST_NOTICE_YEAR}—{LAST_PROJECTED_YEAR}）"]
    if not off and (region == NATIONAL or not work):
        reasons.append("通知内容为空：没有放假日期")
    for name, listed in (("放假日", off), ("上班日", work)):
        reasons += [f"{name} {day} 重复" for day in sorted(set(listed)) if listed.count(day) > 1]
        reasons += [
            f"{name} {day} 不属于 {year} 年"
            for day in sorted(set(listed))
            if not date(year - 1, 12, 25) <= day <= date(year, 12, 31)
        ]
    reasons += [f"{day} 同时列为放假日和上班日" for day in sorted({*off} & {*work})]
    if region == NATIONAL:
        reasons += [f"调休上班日 {day} 是周一至周五，本来就应上班" for day in sorted({*work}) if day.weekday() < 5]
        if off and year >= FIRST_PROJECTED_YEAR:
            reasons += [
                f"缺少法定节假日 {day}（{name}），通知可能不完整"
                for day, name in statutory_days(year).items()
                if day not in off
            ]
    return reasons


def doubt_notice(region: str, year: int, off: Sequence[date], work: Sequence[date]) -> list[str]:
    """What is unusual in a valid notice and deserves a second look, in Chinese; not a ground to refuse it.

    调休 only moves days, so a national notice frees thirteen weekdays more than it takes weekend days.
    """
    if region != NATIONAL or year < FIRST_PROJECTED_YEAR:
        return []
    freed = sum(day.weekday() < 5 for day in {*off}) - len({*work})
    if freed == STATUTORY_DAYS:
        return []
    return [f"放假占用的工作日比调休上班日多 {freed} 天，按办法应多 {STATUTORY_DAYS} 天，请核对是否漏录放假日或上班日"]


def _national_marks(plans: tuple[YearPlan, ...]) -> dict[date, _Mark]:
    marks: dict[date, _Mark] = {}
    for plan in plans:
        for day, name in plan.off.items():
            why = name if name.endswith("补假") else f"{name}放假"
            marks[day] = _Mark(DayKind.HOLIDAY, why, plan.source)
        for day in plan.work:
            marks[day] = _Mark(DayKind.MAKEUP_WORKDAY, DayKind.MAKEUP_WORKDAY.label, plan.source)
    return marks


def _overlaid(national: dict[date, _Mark], overlays: tuple[Overlay, ...]) -> dict[date, _Mark]:
    marks = dict(national)
    for overlay in overlays:
        for day in overlay.off:
            mark = marks.get(day)
            if mark is not None and mark.kind is DayKind.HOLIDAY:
                continue
            name = overlay.off[day] if isinstance(overlay.off, Mapping) else ""
            why = f"区域假日：{name}" if name else "区域假日"
            if mark is not None and mark.kind is DayKind.MAKEUP_WORKDAY:
                why += "（全国调休上班日在本地区改为休息）"
            marks[day] = _Mark(DayKind.REGIONAL_HOLIDAY, why, overlay.source)
        for day in overlay.work:
            mark = marks.get(day)
            if (mark.kind not in _WORKED) if mark else day.weekday() >= 5:
                marks[day] = _Mark(DayKind.REGIONAL_WORKDAY, DayKind.REGIONAL_WORKDAY.label, overlay.source)
    return marks


def _guessed_days(plans: tuple[YearPlan, ...]) -> frozenset[date]:
    """Every day of a projected year, and what its notice may yet change in the December before."""
    guessed: set[date] = set()
    for plan in plans:
        if plan.provisional:
            guessed.update(_dates(date(plan.year, 1, 1), date(plan.year, 12, 31)))
            guessed |= december_before(plan.year)
    return frozenset(guessed)


def _running_total(flags: bytearray) -> "array[int]":
    return array("H", accumulate(flags))


@lru_cache(maxsize=256)
def _dates(first: date, last: date) -> tuple[date, ...]:
    """Every day from first to last; remembered, so that all calendars share one set of date objects."""
    return tuple(date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1))
