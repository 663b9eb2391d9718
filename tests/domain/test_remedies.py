"""By when an agency must act in a remedy: working days for the answer, natural days for the rest (行政复议法第88条第2款)."""

import datetime as dt
from typing import Any

import pytest

from app.domain import remedies
from app.domain.limits import ClockRules
from app.domain.remedies import Proceedings
from app.domain.terms import RemedyDecision, RemedyKind, RemedyNode, RemedyOutcome, RemedyProcedure
from app.domain.workdays import build_calendar
from app.services.national_years import national_years

CN = build_calendar("CN", national_years())
RULES = ClockRules()
FILED = dt.date(2026, 3, 2)
K, N = RemedyKind, RemedyNode


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def known(kind: RemedyKind = K.RECONSIDERATION, **dates: Any) -> Proceedings:
    given = {name: day(value) if type(value) is str else value for name, value in dates.items()}
    return Proceedings(kind=kind, **({"filed_on": FILED} | given))


@pytest.mark.parametrize(
    ("remedy", "node", "due_on", "basis"),
    [
        # 收到副本3月23日，次日起第10个工作日；清明4月6日休
        (known(notified_on="2026-03-23"), N.ANSWER, "2026-04-07", "行政复议法第48条"),
        # 简易程序第5个工作日
        (
            known(notified_on="2026-03-23", procedure=RemedyProcedure.SIMPLIFIED),
            N.ANSWER,
            "2026-03-30",
            "行政复议法第54条",
        ),
        # 国庆前：9月28日起，10月8日恢复上班，10月10日（六）上班
        (
            known(notified_on="2026-09-28", procedure=RemedyProcedure.SIMPLIFIED),
            N.ANSWER,
            "2026-10-10",
            "行政复议法第54条",
        ),
        # 答辩15日是自然日
        (known(K.LITIGATION_DIRECT, notified_on="2026-03-23"), N.DEFENCE, "2026-04-07", "行政诉讼法第67条"),
        # 末日4月4日清明，顺延至4月7日
        (known(K.LITIGATION_DIRECT, notified_on="2026-03-20"), N.DEFENCE, "2026-04-07", "行政诉讼法第67条"),
        # 末日5月9日（六）调休上班，不顺延
        (
            known(K.LITIGATION_AFTER_RECONSIDERATION, notified_on="2026-04-24"),
            N.DEFENCE,
            "2026-05-09",
            "行政诉讼法第67条",
        ),
        (known(opinion_on="2026-05-15"), N.OPINION, "2026-07-14", "行政复议法第76条"),
        # 末日10月2日国庆，顺延至10月8日
        (known(opinion_on="2026-08-03"), N.OPINION, "2026-10-08", "行政复议法第76条"),
    ],
)
def test_the_day_follows_from_the_article(remedy: Proceedings, node: RemedyNode, due_on: str, basis: str) -> None:
    [found] = remedies.due(remedy, RULES, CN)
    assert (found.node, found.due_on, found.basis) == (node, day(due_on), basis)
    assert remedies.next_due((found,)) == found


def test_a_complaint_has_only_the_limit_its_notice_sets() -> None:
    assert remedies.due(known(K.COMPLAINT, notified_on="2026-03-23"), RULES, CN) == ()
    [found] = remedies.due(known(K.COMPLAINT, notified_on="2026-03-23", answer_by="2026-04-03"), RULES, CN)
    assert (found.due_on, "非法定" in found.basis) == (day("2026-04-03"), True)


def test_an_answer_never_given_is_no_longer_due_when_the_remedy_is_closed() -> None:
    [order] = remedies.due(known(notified_on="2026-03-23", closed_on="2026-04-20", order_by="2026-05-20"), RULES, CN)
    assert order.node is N.ORDER
    kept = remedies.due(known(notified_on="2026-03-23", answered_on="2026-04-08", closed_on="2026-04-20"), RULES, CN)
    assert [(node.node, node.is_late(day("2026-05-01"))) for node in kept] == [(N.ANSWER, True)]


def test_a_date_over_a_year_without_a_notice_is_provisional() -> None:
    [found] = remedies.due(known(notified_on="2026-12-25"), RULES, CN)
    assert found.provisional
    [settled] = remedies.due(known(notified_on="2026-11-25"), RULES, CN)
    assert not settled.provisional


@pytest.mark.parametrize(
    ("dates", "today", "messages"),
    [
        ({"notified_on": "2026-02-27"}, "2026-05-01", ["收到副本或者通知之日不能早于提出之日"]),
        ({"notified_on": "2026-05-02"}, "2026-05-01", ["收到副本或者通知之日不能晚于今天"]),
        ({"answered_on": "2026-04-02"}, "2026-05-01", ["登记提交答复或者答辩之日，须先登记收到副本或者通知之日"]),
        (
            {"closed_on": "2026-04-20", "order_by": "2026-04-19", "decision_served_on": "2026-04-19"},
            "2026-05-01",
            ["决定书、判决书送达之日不能早于决定、判决之日", "履行期限不能早于决定、判决之日"],
        ),
        ({"notified_on": "2026-03-03", "closed_on": "2026-04-20", "order_by": "2026-08-01"}, "2026-05-01", []),
    ],
)
def test_dates_that_cannot_be_are_named(dates: dict[str, str], today: str, messages: list[str]) -> None:
    assert [message for _, message in remedies.faults(known(K.RECONSIDERATION, **dates), day(today))] == messages


def test_every_decision_has_its_place_in_table_four() -> None:
    assert set(remedies.RESULT_OF) == set(RemedyDecision)
    assert RemedyOutcome.PENDING not in remedies.RESULT_OF.values()


def test_a_reconsideration_may_be_taken_to_court_within_fifteen_days_of_its_service() -> None:
    served = known(closed_on="2026-09-10", decision_served_on="2026-09-18")
    assert remedies.sue_until(served, RULES, CN) == day("2026-10-08")
    assert remedies.sue_until(known(closed_on="2026-09-10"), RULES, CN) is None
