"""The day-by-day explanation, as a court would read it."""

from datetime import date

from app.domain import acts as a
from app.domain.clock import ClockRules, explain
from app.domain.terms import ConsultationKind
from app.domain.workdays import Overlay, build_calendar
from app.services.national_years import national_years

CN = build_calendar("CN", national_years())
RULES = ClockRules()


def reasons(lines: list[object]) -> dict[str, str]:
    return {f"{line.on:%m-%d}": line.why for line in lines}  # type: ignore[attr-defined]  # lines of `explain`


def test_an_ordinary_period_names_rest_days_holidays_and_make_up_days() -> None:
    why = reasons(list(explain(date(2026, 9, 18), [], RULES, CN)))
    assert why["09-18"] == "收到申请，起算日当日不计"
    assert why["09-19"] == "周末休息"
    assert why["09-20"] == "调休上班"
    assert why["09-25"] == "中秋节放假"
    assert why["10-05"] == "国庆节放假"
    assert why["10-22"] == "工作日"
    assert list(why)[-1] == "10-22"


def test_a_pause_names_the_consultation_and_does_not_count_rest_days_as_paused() -> None:
    history: list[a.Act] = [
        a.ConsultationSent(ref="A", kind=ConsultationKind.THIRD_PARTY, on=date(2026, 6, 8)),
        a.ConsultationSent(ref="B", kind=ConsultationKind.OTHER_AGENCY, on=date(2026, 6, 12)),
        a.ConsultationAnswered(ref="A", on=date(2026, 6, 18)),
        a.ConsultationAnswered(ref="B", on=date(2026, 6, 26)),
    ]
    why = reasons(list(explain(date(2026, 6, 1), history, RULES, CN)))
    assert why["06-08"] == "工作日"
    assert why["06-09"] == "征求第三方意见（A）期间，停止计时（条例第33条第3款）"
    assert why["06-15"] == "征求第三方意见（A）、征求其他机关意见（B）期间，停止计时（条例第33条第3款）"
    assert why["06-19"] == "端午节放假"
    assert why["06-29"] == "工作日"


def test_a_new_base_says_that_the_earlier_days_no_longer_count() -> None:
    history: list[a.Act] = [a.CorrectionRequested(on=date(2026, 3, 9)), a.CorrectionReceived(on=date(2026, 3, 20))]
    lines = explain(date(2026, 3, 2), history, RULES, CN)
    why = reasons(list(lines))
    assert why["03-03"] == "工作日，其后重新起算，不计入现期限"
    assert why["03-20"] == "收到补正的申请，重新起算，起算日当日不计"
    assert [line.n for line in lines if line.on == date(2026, 3, 23)] == [1]


def test_a_regional_holiday_is_named() -> None:
    overlay = Overlay({date(2025, 7, 16): "火把节"}, source="楚雄州2025年通知")
    calendar = build_calendar("CN-532300", national_years(), [overlay])
    assert reasons(list(explain(date(2025, 7, 1), [], RULES, calendar)))["07-16"] == "区域假日：火把节"


def test_a_day_without_a_notice_says_so() -> None:
    why = reasons(list(explain(date(2026, 12, 28), [], RULES, CN)))
    assert why["12-31"] == "工作日"
    assert why["01-01"] == "元旦放假（推定，待放假通知）"


def test_asked_beyond_the_due_date_it_counts_the_days_overdue() -> None:
    lines = explain(date(2026, 3, 2), [], RULES, CN, through=date(2026, 4, 1))
    assert lines[-1].why == "工作日，超过期限 2 个工作日"
    assert lines[-1].kind == "overdue"
    assert explain(date(2026, 3, 2), [], RULES, CN, through=date(2026, 3, 4))[-1].n == 2
