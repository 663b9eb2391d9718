"""The public holidays of a year: what a notice said, and what the decree says while there is no notice yet.

《全国年节及纪念日放假办法》（2024年修订）第2条 gives thirteen days, 第6条 gives a working day back for each of them
that falls on a weekend. The State Council's yearly notice then moves weekends about (调休, 第7条), usually in
November. A year without a notice is *projected* from the decree alone: the thirteen days plus, for each one on a
weekend, the next working day after it. That is the whole of what the law promises, so it is what a provisional date
rests on.

`arrangements` lists the whole-year plans the coming notice may plausibly turn out to be; the earliest and the latest
date under any of them bound a provisional date. They follow the notices of 2014–2026:

* one day (元旦, 清明, 端午, 中秋) on a Tuesday or Thursday is bridged to the weekend, and the far day of that weekend
  worked; on a Wednesday it stands alone; otherwise it is a three-day weekend;
* 劳动节 5 days, 国庆节 7 (8 with 中秋 beside it), 春节 8 or 9, from the first day or from the weekend just before it;
* the make-up days lie on the nearest free weekend days: all before, all after, or divided.

Pure: knows dates and the decree, nothing of regions or of databases.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Literal

from app.domain.lunar import LAST_YEAR, lunar_days

DECREE = "《全国年节及纪念日放假办法》（2024年修订）"
FIRST_PROJECTED_YEAR = 2025
LAST_PROJECTED_YEAR = LAST_YEAR

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class YearPlan:
    """What one year's notice says.

    `off` maps every day off to the holiday's Chinese name, the weekend days inside the holiday included; `work` holds
    the weekend days worked instead (调休上班). Either may reach into the last days of the December before, where 元旦
    asks for it.
    """

    year: int
    off: Mapping[date, str]
    work: frozenset[date]
    source: str
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class _Holiday:
    """One continuous holiday: its statutory days, and the working days the decree owes for it."""

    name: str
    days: tuple[date, ...]
    owed: int

    @property
    def long(self) -> bool:
        """Whether notices make a week of it, rather than a weekend."""
        return self.name == "春节" or self.name in _USUAL_LENGTH


def statutory_days(year: int) -> dict[date, str]:
    """The days of 《放假办法》第2条 in `year`, by date; thirteen, fewer only when 中秋 falls inside 国庆.

    Raises ValueError before 2025 (an earlier decree) and after the lunar table.
    """
    found: dict[date, str] = {}
    for name, days in _named_days(year):
        for day in days:
            found[day] = f"{found[day]}、{name}" if day in found else name
    return dict(sorted(found.items()))


def project(year: int) -> YearPlan:
    """The plan of `year` as far as the decree alone settles it: 第2条 days plus 第6条 compensation, no 调休."""
    off = statutory_days(year)
    for holiday in _holidays(year):
        for day in _compensation(holiday, off):
            off[day] = f"{holiday.name}补假"
    return YearPlan(
        year, dict(sorted(off.items())), frozenset(), f"按{DECREE}推定，待国务院办公厅通知", provisional=True
    )


def arrangements(year: int) -> tuple[YearPlan, ...]:
    """The plausible notices for `year`; always the same number and in the same order, so that years can be combined."""
    return tuple(_arrange(year, choice) for choice in _CHOICES)


def _named_days(year: int) -> list[tuple[str, list[date]]]:
    if not FIRST_PROJECTED_YEAR <= year <= LAST_PROJECTED_YEAR:
        raise ValueError(
            f"只能按现行办法推定 {FIRST_PROJECTED_YEAR}—{LAST_PROJECTED_YEAR} 年的节假日，不能推定 {year} 年"
        )
    moon = lunar_days(year)
    return [
        ("元旦", [date(year, 1, 1)]),
        ("春节", [moon.spring_festival + _DAY * n for n in (-1, 0, 1, 2)]),
        ("清明节", [moon.qingming]),
        ("劳动节", [date(year, 5, 1), date(year, 5, 2)]),
        ("端午节", [moon.dragon_boat]),
        ("中秋节", [moon.mid_autumn]),
        ("国庆节", [date(year, 10, n) for n in (1, 2, 3)]),
    ]


def _holidays(year: int) -> list[_Holiday]:
    """The holidays of a year in order, 中秋 and 国庆 as one when less than a weekend lies between them."""
    holidays = [_Holiday(name, tuple(days), len(days)) for name, days in _named_days(year)]
    autumn, national = holidays[-2:]
    if national.days[0] - _DAY * 2 <= autumn.days[0] <= national.days[-1] + _DAY * 4:
        days = sorted({*autumn.days, *national.days})
        holidays[-2:] = [_Holiday("国庆节、中秋节", tuple(days), autumn.owed + national.owed)]
    return holidays


def _compensation(holiday: _Holiday, off: Mapping[date, str]) -> list[date]:
    """第6条: a working day after the holiday for each of its days that fell on a weekend (or on another holiday)."""
    missing = holiday.owed - sum(day.weekday() < 5 for day in holiday.days)
    day, found = holiday.days[0], list[date]()
    while len(found) < missing:
        day += _DAY
        if day.weekday() < 5 and day not in off:
            found.append(day)
    return found


Side = Literal["before", "after", "divided"]


@dataclass(frozen=True, slots=True)
class _Choice:
    """How a notice might arrange the long holidays: where the make-up days lie (by turns from one holiday to the next),

    whether the days off begin early, and how long 春节 is. `None` stands for the decree alone.
    """

    makeup: tuple[Side, ...] | None
    lie: Literal["early", "late"] = "early"
    spring_festival: int = 8


_MAKE_UPS: tuple[tuple[Side, ...], ...] = (
    ("before",),
    ("after",),
    ("divided",),
    ("before", "after"),
    ("after", "before"),
)
_LAYINGS: tuple[tuple[Literal["early", "late"], int], ...] = (("early", 9), ("late", 9), ("early", 8), ("late", 8))
_CHOICES = (_Choice(None), *(_Choice(makeup, lie, length) for makeup in _MAKE_UPS for lie, length in _LAYINGS))


def _arrange(year: int, choice: _Choice) -> YearPlan:
    if choice.makeup is None:
        return project(year)
    holidays = _holidays(year)
    spans = [_span(holiday, choice) for holiday in holidays]
    off = {day: holiday.name for holiday, span in zip(holidays, spans, strict=True) for day in span}
    work: set[date] = set()
    long = 0
    for holiday, span in zip(holidays, spans, strict=True):
        borrowed = _borrowed(holiday, span)
        if not holiday.long:
            work.update(_bridge_day(span) for _ in range(borrowed))
        else:
            work.update(_make_up(span, borrowed, choice.makeup[long % len(choice.makeup)], {*off, *work}))
            long += 1
    return YearPlan(year, off, frozenset(work), "按惯例推演的放假安排", provisional=True)


_USUAL_LENGTH = {"劳动节": 5, "国庆节": 7, "国庆节、中秋节": 8}
_ONE_DAY_SPANS = ((-2, 1), (-2, 1), (0, 1), (0, 3), (0, 3), (0, 3), (-1, 2))  # (first, end) around it, Monday first


def _span(holiday: _Holiday, choice: _Choice) -> tuple[date, ...]:
    """The days off of one holiday: from its first day, or from the weekend just before it."""
    first = holiday.days[0]
    if not holiday.long:
        start, end = _ONE_DAY_SPANS[first.weekday()]
        return tuple(first + _DAY * n for n in range(start, end))
    if choice.lie == "early":
        while (first - _DAY).weekday() >= 5:
            first -= _DAY
    span = [first + _DAY * n for n in range(_USUAL_LENGTH.get(holiday.name, choice.spring_festival))]
    while span[-1] < holiday.days[-1] or _borrowed(holiday, span) < 0:
        span.append(span[-1] + _DAY)
    return tuple(span)


def _borrowed(holiday: _Holiday, span: Iterable[date]) -> int:
    """How many working days a span takes beyond what the decree owes; as many weekend days are worked instead."""
    return sum(day.weekday() < 5 for day in span) - holiday.owed


def _bridge_day(span: tuple[date, ...]) -> date:
    """The other day of the weekend that a bridged single-day holiday leans on."""
    return span[0] - _DAY if span[0].weekday() == 6 else span[-1] + _DAY


def _make_up(span: tuple[date, ...], borrowed: int, side: Side, taken: set[date]) -> list[date]:
    before = 0 if side == "after" else borrowed if side == "before" else (borrowed + 1) // 2
    return [*_free(span[0], -1, before, taken), *_free(span[-1], 1, borrowed - before, taken)]


def _free(start: date, step: int, count: int, taken: set[date]) -> Iterator[date]:
    day = start
    while count > 0:
        day += _DAY * step
        if day.weekday() >= 5 and day not in taken:
            count -= 1
            yield day


@cache
def december_before(year: int) -> frozenset[date]:
    """The days of the December before `year` that its notice may change: those about 元旦, which all arrangements lay alike."""
    plan = _arrange(year, _CHOICES[-1])
    return frozenset(day for day in (*plan.off, *plan.work) if day.year < year)


@cache
def plausible_years(year: int) -> tuple[YearPlan, ...]:
    """`arrangements`, remembered: every region's calendar of a process asks for the same years."""
    return arrangements(year)
