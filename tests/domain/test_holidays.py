"""Years without a notice: the decree's days, the lunar table, and whether the real notices fell inside the envelope."""

from datetime import date, timedelta

import pytest
from lunar_python import Lunar, Solar

from app.domain.holidays import arrangements, december_before, project, statutory_days
from app.domain.lunar import FIRST_YEAR, LAST_YEAR, lunar_days
from app.domain.workdays import build_calendar
from app.services.national_years import national_years

PUBLISHED = national_years()
CN = build_calendar("CN", PUBLISHED)


def written(days: str, year: int) -> set[date]:
    return {date(year, int(cell[:2]), int(cell[2:])) for cell in days.split()}


def gregorian(solar: Solar) -> date:
    return date(solar.getYear(), solar.getMonth(), solar.getDay())


@pytest.mark.parametrize("year", range(FIRST_YEAR, LAST_YEAR + 1))
def test_the_lunar_table_agrees_with_an_almanac(year: int) -> None:
    days = lunar_days(year)
    assert days.spring_festival == gregorian(Lunar.fromYmd(year, 1, 1).getSolar())
    assert days.dragon_boat == gregorian(Lunar.fromYmd(year, 5, 5).getSolar())
    assert days.mid_autumn == gregorian(Lunar.fromYmd(year, 8, 15).getSolar())
    assert days.qingming == gregorian(Solar.fromYmd(year, 6, 1).getLunar().getJieQiTable()["清明"])


def test_the_statutory_days_of_2027_are_the_thirteen_of_the_decree() -> None:
    assert set(statutory_days(2027)) == written(
        "0101 0205 0206 0207 0208 0405 0501 0502 0609 0915 1001 1002 1003", 2027
    )


# Worked out by hand from the decree: a * marks the working day given back for a day that falls on a weekend.
@pytest.mark.parametrize(
    ("year", "statutory", "given_back"),
    [
        (2027, "0101 0205 0206 0207 0208 0405 0501 0502 0609 0915 1001 1002 1003", "0209 0210 0503 0504 1004 1005"),
        (2028, "0101 0125 0126 0127 0128 0404 0501 0502 0528 1001 1002 1003", "0103 0529 1004 1005"),
        (2029, "0101 0212 0213 0214 0215 0404 0501 0502 0616 0922 1001 1002 1003", "0618 0924"),
        (2030, "0101 0202 0203 0204 0205 0405 0501 0502 0605 0912 1001 1002 1003", "0206 0207"),
    ],
)
def test_a_projected_year_is_the_decree_and_nothing_more(year: int, statutory: str, given_back: str) -> None:
    plan = project(year)
    assert plan.provisional
    assert plan.work == frozenset()
    assert set(plan.off) == written(statutory, year) | written(given_back, year)
    assert {day for day, name in plan.off.items() if name.endswith("补假")} == written(given_back, year)


@pytest.mark.parametrize("year", range(2025, 2051))
def test_every_projected_year_takes_exactly_thirteen_working_days(year: int) -> None:
    assert sum(day.weekday() < 5 for day in project(year).off) == 13


@pytest.mark.parametrize("year", range(2025, 2051))
def test_every_plausible_arrangement_keeps_the_statutory_days_and_moves_weekends_only(year: int) -> None:
    for plan in arrangements(year):
        assert set(statutory_days(year)) <= set(plan.off)
        assert all(day.weekday() >= 5 for day in plan.work)
        assert not plan.work & plan.off.keys()
        assert sum(day.weekday() < 5 for day in plan.off) - len(plan.work) == 13


@pytest.mark.parametrize("year", range(2025, 2061))
def test_all_plausible_arrangements_reach_into_the_december_before_alike(year: int) -> None:
    for plan in arrangements(year)[1:]:  # the first is the decree alone
        assert {day for day in (*plan.off, *plan.work) if day.year != year} == december_before(year)


def test_an_earlier_decree_is_not_projected() -> None:
    with pytest.raises(ValueError, match="2024"):
        project(2024)
    with pytest.raises(ValueError, match="2061"):
        lunar_days(2061)


@pytest.mark.parametrize("last_published", [2024, 2025])
def test_every_real_due_date_of_2025_and_2026_lies_inside_the_envelope(last_published: int) -> None:
    guessed = build_calendar("CN", [plan for plan in PUBLISHED if plan.year <= last_published])
    everyday = [guessed, *guessed.scenarios]
    compared = 0
    for n in range((date(2026, 12, 31) - date(last_published, 10, 1)).days):
        receipt = date(last_published, 10, 1) + timedelta(n)
        for limit in (7, 15, 20, 30, 40):
            real = CN.nth_after(receipt, limit)
            if real <= CN.published_through:
                plausible = [calendar.nth_after(receipt, limit) for calendar in everyday]
                assert min(plausible) <= real <= max(plausible), (receipt, limit)
                compared += 1
    assert compared > 2000


def test_the_envelope_is_narrow_enough_to_be_of_use() -> None:
    widths = []
    for n in range(365):
        receipt = date(2027, 1, 1) + timedelta(n)
        plausible = [calendar.nth_after(receipt, 20) for calendar in (CN, *CN.scenarios)]
        widths.append((max(plausible) - min(plausible)).days)
    assert max(widths) <= 14
    assert sum(widths) / len(widths) < 3


def test_a_published_year_has_no_scenarios_left_in_it() -> None:
    for calendar in CN.scenarios:
        assert all(calendar.is_workday(d) == CN.is_workday(d) for d in (date(2026, 10, n) for n in range(1, 32)))


def test_the_package_names_its_holidays_in_chinese() -> None:
    names = {name for plan in PUBLISHED for name in plan.off.values()}
    assert names == {"元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节", "抗战胜利70周年纪念日"}
    assert all(plan.source.startswith("chinese_calendar 1.") for plan in PUBLISHED)
