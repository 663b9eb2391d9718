"""Which reminders are due: on working days before a node and after it, each for the right people, none from before its time."""

import datetime as dt
from typing import Any

import pytest
from pydantic import ValidationError

from app.domain import reminders
from app.domain.nodes import Node
from app.domain.reminders import SHANGHAI, ReminderRules
from app.domain.terms import NodeKind
from app.domain.workdays import WorkCalendar, build_calendar
from app.services.national_years import national_years


@pytest.fixture(scope="module")
def calendar() -> WorkCalendar:
    return build_calendar("CN", national_years())


H, S, V = "handler", "section_leader", "supervisor"


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def node(kind: NodeKind = NodeKind.STATUTORY, due_on: str = "2026-10-22", **more: Any) -> Node:
    return Node(kind, kind.label, day(due_on), more.pop("met_on", None), "条例第33条", **more)


def planned(
    calendar: WorkCalendar, *nodes: Node, now: str, since: str = "2026-09-18", **rules: Any
) -> list[tuple[Any, ...]]:
    found = reminders.plan(nodes, ReminderRules(**rules), calendar, since=day(since), now=moment(now))
    return [(str(one.due_at.date()), one.step, *one.tiers) for one in found]


def test_a_limit_is_announced_on_working_days_before_it_and_after_it(calendar: WorkCalendar) -> None:
    assert planned(calendar, node(), now="2026-11-06T09:00") == [
        ("2026-10-15", 5, H),
        ("2026-10-19", 3, H),
        ("2026-10-21", 1, H, S),
        ("2026-10-22", 0, H, S),
        ("2026-10-23", -1, H, S, V),
        ("2026-10-30", -6, H, S, V),
        ("2026-11-06", -11, H, S, V),
    ]


def test_days_before_are_counted_over_the_holiday_and_the_saturday_worked_for_it(calendar: WorkCalendar) -> None:
    found = planned(calendar, node(due_on="2026-10-12"), now="2026-10-12T12:00")
    assert [when for when, *_ in found] == ["2026-09-29", "2026-10-08", "2026-10-10", "2026-10-12"]


def test_nothing_is_due_before_the_hour_of_the_digest(calendar: WorkCalendar) -> None:
    assert planned(calendar, node(), now="2026-10-15T08:29") == []
    assert planned(calendar, node(), now="2026-10-15T08:30") == [("2026-10-15", 5, H)]
    assert planned(calendar, node(), now="2026-10-15T08:30", digest_at="09:00") == []


def test_nobody_is_reminded_of_a_case_on_a_day_it_was_not_known(calendar: WorkCalendar) -> None:
    found = planned(calendar, node(), now="2026-10-22T09:00", since="2026-10-21")
    assert [step for _, step, *_ in found] == [1, 0]


def test_a_limit_in_natural_days_that_ends_on_a_rest_day_is_announced_on_the_working_day_before(
    calendar: WorkCalendar,
) -> None:
    found = planned(calendar, node(NodeKind.HANDLING_LIMIT, "2026-10-25"), now="2026-10-26T09:00")
    assert [(when, step) for when, step, *_ in found][-2:] == [("2026-10-23", 0), ("2026-10-26", -1)]


@pytest.mark.parametrize(
    ("silent", "why"),
    [
        (node(met_on=day("2026-10-13")), "met"),
        (node(suspended=True), "waits for the applicant"),
        (Node(NodeKind.FEE_PAYMENT, "", None, None, ""), "not begun"),
        (node(NodeKind.LITIGATION), "the applicant's own window"),
    ],
)
def test_a_node_that_asks_nothing_of_the_agency_is_not_announced(
    calendar: WorkCalendar, silent: Node, why: str
) -> None:
    assert planned(calendar, silent, now="2026-12-01T09:00") == [], why


def test_others_who_owe_an_answer_are_the_handlers_to_press_and_nobody_elses(calendar: WorkCalendar) -> None:
    found = planned(calendar, node(NodeKind.CONSULTATION_REPLY, ref="A"), now="2026-12-01T09:00")
    assert [(step, *tiers) for _, step, *tiers in found] == [(5, H), (3, H), (1, H), (0, H), (-1, H)]


def test_a_correction_notice_is_never_overdue_since_it_may_not_be_owed(calendar: WorkCalendar) -> None:
    found = planned(calendar, node(NodeKind.CORRECTION_NOTICE), now="2026-12-01T09:00")
    assert [step for _, step, *_ in found] == [5, 3, 1, 0]


def test_an_agency_decides_for_itself(calendar: WorkCalendar) -> None:
    own: dict[str, Any] = {
        "handler_before": (2,),
        "section_leader_before": (),
        "supervisor_before": (2,),
        "repeat_at_most": 0,
    }
    assert planned(calendar, node(), now="2026-12-01T09:00", **own) == [("2026-10-20", 2, H, V)]
    assert planned(calendar, node(), now="2026-12-01T09:00", enabled=False) == []


@pytest.mark.parametrize(
    ("now", "may"),
    [
        ("2026-10-15T08:00", True),
        ("2026-10-15T17:59", True),
        ("2026-10-15T18:00", False),
        ("2026-10-15T07:59", False),
        ("2026-10-10T09:00", True),  # a Saturday worked for the holiday
        ("2026-10-17T09:00", False),
        ("2026-10-01T09:00", False),
    ],
)
def test_mail_leaves_on_working_days_outside_quiet_hours_only(calendar: WorkCalendar, now: str, may: bool) -> None:
    assert reminders.may_disturb(moment(now), ReminderRules(), calendar) is may
    assert reminders.may_disturb(moment(now).astimezone(dt.UTC), ReminderRules(), calendar) is may


def test_a_digest_in_the_quiet_hours_is_refused() -> None:
    with pytest.raises(ValidationError, match="免打扰"):
        ReminderRules(digest_at="07:00")
    assert ReminderRules(digest_at="13:00", quiet_from="12:00", quiet_until="13:00").digest_at == "13:00"
