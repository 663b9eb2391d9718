"""Key nodes: remedy windows in natural days and months, rolled over rest days, and lateness by legal days."""

from datetime import date

import pytest

from app.domain import acts as a
from app.domain.clock import ClockRules, read
from app.domain.nodes import Node, add_months, confirmation_node, publication_due, remedy_nodes, roll_over
from app.domain.terms import ConsultationKind, NodeKind, NodeParty
from app.domain.workdays import Overlay, build_calendar
from app.services.national_years import national_years

CN = build_calendar("CN", national_years())
RULES = ClockRules(local_limit=15)
R = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 3, 15), 6, date(2026, 9, 15)),
        (date(2026, 12, 31), 6, date(2027, 6, 30)),
        (date(2026, 6, 30), 6, date(2026, 12, 30)),
    ],
)
def test_months_end_on_the_corresponding_day_or_the_last_of_the_month(day: date, months: int, end: date) -> None:
    assert add_months(day, months) == end


@pytest.mark.parametrize(
    ("last", "rolled", "holidays_only"),
    [
        (date(2026, 10, 2), date(2026, 10, 8), date(2026, 10, 8)),  # 国庆节
        (date(2026, 3, 7), date(2026, 3, 9), date(2026, 3, 7)),  # 普通周六
        (date(2026, 10, 10), date(2026, 10, 10), date(2026, 10, 10)),  # 调休上班的周六不顺延
        (date(2026, 6, 19), date(2026, 6, 22), date(2026, 6, 22)),  # 端午连周末
        (date(2026, 3, 3), date(2026, 3, 3), date(2026, 3, 3)),
    ],
)
def test_a_last_day_on_a_rest_day_rolls_over(last: date, rolled: date, holidays_only: date) -> None:
    assert roll_over(last, RULES, CN) == rolled
    assert roll_over(last, ClockRules(weekends_roll_over=False), CN) == holidays_only


def test_a_regional_holiday_rolls_a_remedy_window_too() -> None:
    torch = build_calendar("CN-532300", national_years(), [Overlay(frozenset({date(2025, 7, 16)}), source="测试")])
    assert roll_over(date(2025, 7, 16), RULES, torch) == date(2025, 7, 17)


def test_the_remedy_windows_open_with_service_and_the_last_with_the_decision() -> None:
    served, decided = date(2026, 8, 3), date(2026, 9, 21)
    windows = {node.node: node for node in remedy_nodes(served, decided, RULES, CN)}
    assert windows[NodeKind.RECONSIDERATION].due_on == date(2026, 10, 8)
    assert windows[NodeKind.LITIGATION].due_on == date(2027, 2, 3)
    assert windows[NodeKind.LITIGATION].provisional
    # 9/21 起 15 日为 10/6，国庆假期内，顺延至 10/8
    assert windows[NodeKind.LITIGATION_AFTER_RECONSIDERATION].due_on == date(2026, 10, 8)
    assert {node.party for node in windows.values()} == {NodeParty.APPLICANT}


def test_no_direct_suit_where_reconsideration_comes_first() -> None:
    kinds = [node.node for node in remedy_nodes(date(2026, 8, 3), None, RULES, CN, reconsideration_first=True)]
    assert kinds == [NodeKind.RECONSIDERATION]


def test_a_case_lists_its_nodes_in_order_and_remedies_only_once_served() -> None:
    life: list[a.Act] = [
        a.CorrectionRequested(on=date(2026, 3, 9), delivered_on=date(2026, 3, 10), reply_within_workdays=10),
        a.CorrectionReceived(on=date(2026, 3, 20)),
        a.ConsultationSent(ref="A", kind=ConsultationKind.CO_PRODUCER, on=date(2026, 3, 23)),
        a.FeeNotified(on=date(2026, 3, 24)),
        a.Replied(on=date(2026, 4, 20)),
    ]
    nodes = read(R, life, RULES, CN, R).nodes
    assert [(node.node.value, node.due_on, node.basis) for node in nodes] == [
        ("correction_notice", date(2026, 3, 11), "条例第30条"),
        ("correction_reply", date(2026, 3, 24), "条例第30条"),
        ("consultation_reply", date(2026, 4, 14), "条例第34条"),
        ("fee_payment", None, "《政府信息公开信息处理费管理办法》第6条"),
        ("local_limit", date(2026, 5, 7), "本机关内控时限"),
        ("statutory", date(2026, 5, 13), "条例第33条第2款"),
    ]
    served = read(R, [*life, a.Served(on=date(2026, 4, 22))], RULES, CN, R).nodes
    assert [node.node for node in served[6:]] == [NodeKind.RECONSIDERATION, NodeKind.LITIGATION]


def test_lateness_is_judged_by_the_day_of_the_act() -> None:
    due = date(2026, 3, 30)
    met = Node(NodeKind.STATUTORY, "", due, date(2026, 3, 30), "")
    missed = Node(NodeKind.STATUTORY, "", due, date(2026, 3, 31), "")
    unmet = Node(NodeKind.STATUTORY, "", due, None, "")
    unneeded = Node(NodeKind.CORRECTION_NOTICE, "", due, None, "")
    unborn = Node(NodeKind.FEE_PAYMENT, "", None, None, "")
    later = date(2027, 1, 1)
    assert [node.is_late(later) for node in (met, missed, unmet, unneeded, unborn)] == [False, True, True, False, False]
    assert not unmet.is_late(due)
    assert [node.binding for node in (unmet, unneeded, unborn)] == [True, False, False]
    assert unmet.left_workdays(date(2026, 3, 27), CN) == 1
    assert unmet.left_workdays(date(2026, 4, 1), CN) == -2
    assert missed.left_workdays(later, CN) == -1
    assert unborn.left_workdays(later, CN) is None


def test_an_unconfirmed_application_should_be_confirmed_on_the_next_working_day() -> None:
    node = confirmation_node(date(2026, 10, 3), None, CN)
    assert (node.due_on, node.met_on, node.party) == (date(2026, 10, 8), None, NodeParty.AGENCY)
    assert confirmation_node(date(2026, 10, 3), date(2026, 10, 9), CN).is_late(date(2026, 10, 9))


def test_information_must_be_published_within_twenty_working_days_of_being_formed() -> None:
    assert publication_due(R, CN) == date(2026, 3, 30)
