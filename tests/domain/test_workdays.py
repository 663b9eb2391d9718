"""Counting working days: against the package's own day loop, over regions, overrides and years without a notice."""

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.workdays import (
    DayKind,
    OutsideCalendarError,
    Overlay,
    WorkCalendar,
    YearPlan,
    build_calendar,
    doubt_notice,
    validate_notice,
)
from app.services.national_years import national_years

CN = build_calendar("CN", national_years())
LIMITS = (7, 15, 20, 30, 40)
DAYS = st.dates(date(2004, 1, 1), date(2035, 12, 31))


def every_day(first: date, last: date) -> list[date]:
    return [first + timedelta(n) for n in range((last - first).days + 1)]


def test_every_day_of_2004_to_2026_and_every_limit_agrees_with_a_loop_over_the_package() -> None:
    worked = {day: chinese_calendar.is_workday(day) for day in every_day(date(2004, 1, 1), date(2026, 12, 31))}
    compared = 0
    for receipt in worked:
        counted, day = 0, receipt
        while counted < max(LIMITS) and day + timedelta(1) in worked:
            day += timedelta(1)
            counted += worked[day]
            if worked[day] and counted in LIMITS:
                assert CN.nth_after(receipt, counted) == day
                assert CN.count(receipt, day) == counted
                compared += 1
    assert compared > 41_000


def test_every_day_of_2004_to_2026_is_worked_or_not_as_the_package_says() -> None:
    wrong = [d for d in every_day(CN.first, date(2026, 12, 31)) if CN.is_workday(d) != chinese_calendar.is_workday(d)]
    assert wrong == []


def test_no_receipt_date_from_2004_to_2035_gives_an_error() -> None:
    for receipt in every_day(date(2004, 1, 1), date(2035, 12, 31)):
        assert CN.is_workday(CN.nth_after(receipt, 40))


def test_2025_and_2026_have_248_working_days_each() -> None:
    for year in (2025, 2026):
        assert CN.count(date(year - 1, 12, 31), date(year, 12, 31)) == 248


@given(DAYS, st.integers(1, 300))
def test_the_nth_day_after_is_the_nth_day_counted(base: date, n: int) -> None:
    end = CN.nth_after(base, n)
    assert CN.is_workday(end)
    assert CN.count(base, end) == n
    assert CN.count(base, end - timedelta(1)) == n - 1
    assert CN.count(end, base) == -n


@given(DAYS)
def test_rolling_forward_stops_on_the_first_working_day(day: date) -> None:
    rolled = CN.roll_forward(day)
    assert CN.is_workday(rolled)
    assert not any(CN.is_workday(d) for d in every_day(day, rolled - timedelta(1)))


@given(DAYS, st.integers(1, 60), st.dates(date(2019, 1, 1), date(2030, 12, 31)))
def test_adding_a_holiday_never_moves_a_deadline_earlier(base: date, n: int, holiday: date) -> None:
    freed = _with_holiday(holiday)
    assert freed.nth_after(base, n) >= CN.nth_after(base, n)


def _with_holiday(day: date) -> WorkCalendar:
    return CN.with_overrides([day], [])


@pytest.mark.parametrize(
    ("on", "workday", "kind", "why"),
    [
        (date(2026, 3, 3), True, DayKind.WORKDAY, "工作日"),
        (date(2026, 3, 7), False, DayKind.REST_DAY, "周末休息"),
        (date(2026, 10, 4), False, DayKind.HOLIDAY, "国庆节放假"),
        (date(2026, 2, 14), True, DayKind.MAKEUP_WORKDAY, "调休上班"),
        (date(2027, 2, 9), False, DayKind.HOLIDAY, "春节补假"),
    ],
)
def test_a_day_says_what_it_is_and_why(on: date, workday: bool, kind: DayKind, why: str) -> None:
    day = CN.day(on)
    assert (day.workday, day.kind, day.why) == (workday, kind, why)
    assert day.source


def test_days_of_a_year_without_a_notice_are_provisional_and_name_the_decree() -> None:
    assert CN.published_through == date(2026, 12, 31)
    assert not CN.is_provisional(date(2026, 12, 31))
    assert CN.is_provisional(date(2027, 1, 1))
    assert "放假办法" in CN.day(date(2027, 1, 4)).source
    assert CN.rests_on_projection(date(2026, 12, 30), date(2027, 1, 4))
    assert not CN.rests_on_projection(date(2026, 12, 1), date(2026, 12, 31))


def test_new_year_on_a_tuesday_leaves_the_december_before_it_unsettled() -> None:
    published = [*national_years(), *(YearPlan(y, {}, frozenset(), "测试") for y in (2027, 2028, 2029))]
    calendar = build_calendar("CN", published)
    assert calendar.published_through == date(2029, 12, 28)
    assert calendar.is_provisional(date(2029, 12, 31))


def test_chuxiong_counts_around_the_torch_festival() -> None:
    festival = Overlay({date(2025, 7, d): "火把节" for d in (16, 17, 18)}, source="楚雄州2025年通知")
    calendar = build_calendar("CN-532300", national_years(), [festival])
    assert calendar.nth_after(date(2025, 7, 1), 20) == date(2025, 8, 1)
    assert CN.nth_after(date(2025, 7, 1), 20) == date(2025, 7, 29)
    day = calendar.day(date(2025, 7, 16))
    assert (day.kind, day.why, day.source) == (DayKind.REGIONAL_HOLIDAY, "区域假日：火把节", "楚雄州2025年通知")


def test_guangxi_gives_back_a_national_make_up_day() -> None:
    festival = Overlay(frozenset({date(2023, 4, 21), date(2023, 4, 22), date(2023, 4, 23)}), source="广西2023年通知")
    calendar = build_calendar("CN-45", national_years(), [festival])
    assert CN.is_workday(date(2023, 4, 23))
    assert not calendar.is_workday(date(2023, 4, 23))
    assert "全国调休上班日" in calendar.day(date(2023, 4, 23)).why
    assert calendar.nth_after(date(2023, 4, 3), 20) == date(2023, 5, 6)
    assert CN.nth_after(date(2023, 4, 3), 20) == date(2023, 5, 4)


def test_liangshan_works_its_own_weekend_days_in_exchange() -> None:
    off = {date(2023, 8, 9) + timedelta(n): "火把节" for n in range(8)}
    overlay = Overlay(off, frozenset({date(2023, 8, 6), date(2023, 8, 19)}), "凉山州2023年通知")
    calendar = build_calendar("CN-513400", national_years(), [overlay])
    assert calendar.day(date(2023, 8, 6)).kind is DayKind.REGIONAL_WORKDAY
    assert calendar.count(date(2023, 8, 5), date(2023, 8, 19)) == 6  # 8/6–8 (周日至周二), 8/17, 8/18, 8/19(六)


def test_lhasa_2026_keeps_losar_and_the_spring_festival_together() -> None:
    losar = {date(2026, 2, 24) + timedelta(n): "藏历新年" for n in range(3)}
    calendar = build_calendar("CN-540100", national_years(), [Overlay(losar, source="拉萨2026年通知")])
    off = [d for d in every_day(date(2026, 2, 14), date(2026, 2, 28)) if not calendar.is_workday(d)]
    assert off == every_day(date(2026, 2, 15), date(2026, 2, 26))


def test_a_year_whose_regional_notice_is_awaited_is_provisional() -> None:
    calendar = build_calendar("CN-532300", national_years(), awaited=[2026])
    assert calendar.is_provisional(date(2026, 7, 1))
    assert not calendar.is_provisional(date(2025, 7, 1))
    assert calendar.published_through == CN.published_through


def test_the_version_follows_the_content() -> None:
    again = build_calendar("CN", national_years())
    assert again.version == CN.version
    assert CN.with_overrides([], []).version == CN.version
    assert CN.with_overrides([date(2026, 3, 3)], []).version != CN.version


def test_an_override_is_the_same_as_a_calendar_built_with_one_more_overlay() -> None:
    off, work = frozenset({date(2026, 3, 3), date(2027, 1, 4)}), frozenset({date(2027, 1, 9), date(2026, 10, 3)})
    laid = CN.with_overrides(off, work).with_overrides([date(2027, 2, 1)], [])
    overlays = [Overlay(off, work, "本次试算指定"), Overlay(frozenset({date(2027, 2, 1)}), source="本次试算指定")]
    built = build_calendar("CN", national_years(), overlays)
    assert laid.version == built.version
    assert [one.version for one in laid.scenarios] == [one.version for one in built.scenarios]
    first, last = date(2026, 1, 1), date(2027, 12, 31)
    for made, again in ((laid, built), *zip(laid.scenarios, built.scenarios, strict=True)):
        assert made.days(first, last) == again.days(first, last)
        assert made.count(first, last) == again.count(first, last)
    assert build_calendar("CN-45", national_years()).version != CN.version


def test_a_later_plan_for_a_year_replaces_the_earlier_one() -> None:
    corrected = YearPlan(2026, {date(2026, 3, 3): "测试节"}, frozenset(), "更正")
    assert not build_calendar("CN", [*national_years(), corrected]).is_workday(date(2026, 3, 3))


@pytest.mark.parametrize("day", [date(2003, 12, 31), date(2051, 1, 1)])
def test_a_day_beyond_the_calendar_is_refused_in_chinese(day: date) -> None:
    for ask in (CN.is_workday, CN.day, CN.roll_forward, CN.is_provisional):
        with pytest.raises(OutsideCalendarError, match="超出工作日历"):
            ask(day)
    with pytest.raises(OutsideCalendarError):
        CN.nth_after(day, 20)
    with pytest.raises(OutsideCalendarError):
        CN.count(date(2026, 1, 1), day)
    with pytest.raises(OutsideCalendarError):
        CN.count(day, date(2026, 1, 1))


def test_a_period_of_no_days_is_refused() -> None:
    with pytest.raises(ValueError, match="正整数"):
        CN.nth_after(date(2026, 3, 2), 0)


def test_a_gap_in_the_published_years_is_refused() -> None:
    plans = [plan for plan in national_years() if plan.year != 2015]
    with pytest.raises(ValueError, match="2015"):
        build_calendar("CN", plans)
    with pytest.raises(ValueError, match="没有任何"):
        build_calendar("CN", [])


NOTICE_2026 = next(plan for plan in national_years() if plan.year == 2026)
OFF, WORK = sorted(NOTICE_2026.off), sorted(NOTICE_2026.work)


@pytest.mark.parametrize(
    "plan", [plan for plan in national_years() if plan.year >= 2025], ids=lambda plan: str(plan.year)
)
def test_the_published_notices_are_valid_and_unsuspicious(plan: YearPlan) -> None:
    assert validate_notice("CN", plan.year, sorted(plan.off), sorted(plan.work)) == []
    assert doubt_notice("CN", plan.year, sorted(plan.off), sorted(plan.work)) == []


@pytest.mark.parametrize(
    ("off", "work", "reason"),
    [
        ([], [], "通知内容为空"),
        ([*OFF, OFF[0]], WORK, "放假日 2026-01-01 重复"),
        (OFF, [*WORK, WORK[0]], "上班日 2026-01-04 重复"),
        ([*OFF, date(2027, 1, 1)], WORK, "2027-01-01 不属于 2026 年"),
        ([*OFF, date(2025, 12, 24)], WORK, "2025-12-24 不属于 2026 年"),
        (OFF, [*WORK, date(2026, 3, 3)], "2026-03-03 是周一至周五"),
        (OFF, [*WORK, date(2026, 10, 4)], "2026-10-04 同时列为"),
        ([d for d in OFF if d.month < 10], WORK, "缺少法定节假日 2026-10-01（国庆节）"),
    ],
)
def test_a_notice_that_cannot_be_right_is_refused_with_the_reason(
    off: list[date], work: list[date], reason: str
) -> None:
    assert any(reason in given for given in validate_notice("CN", 2026, off, work))


def test_a_notice_may_reach_into_the_last_week_of_december() -> None:
    assert validate_notice("CN", 2026, [*OFF, date(2025, 12, 31)], WORK) == []


def test_a_notice_with_too_few_make_up_days_is_doubted() -> None:
    assert "15 天" in doubt_notice("CN", 2026, OFF, WORK[:-2])[0]


def test_a_regional_notice_only_has_to_be_consistent() -> None:
    assert validate_notice("CN-532300", 2026, [date(2026, 8, 6)], []) == []
    assert validate_notice("CN-532300", 2026, [], [date(2026, 8, 8)]) == []
    assert validate_notice("CN-532300", 2026, [], []) != []
    assert validate_notice("CN-532300", 2026, [date(2026, 8, 6)], [date(2026, 8, 6)]) != []
    assert validate_notice("CN", 1999, [date(1999, 10, 1)], []) == ["年份 1999 不在可接受的范围（2004—2060）"]
