"""Every figure equals a slow count, written another way, over the demo city as its services made it."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from statistics import mean

import pytest
from sqlalchemy import select

from app import db
from app.domain.actor import Actor
from app.domain.period import Period, last_months
from app.domain.replies import REPLIES
from app.domain.terms import ApplicantKind, CaseKind, Mark, ReplyFamily, Role, Stage, State
from app.domain.workflow import COMMANDS
from app.models import Agency, Case, JournalEntry
from app.services import files
from app.services.calendars import Calendars
from app.services.desk import Desk
from app.services.figures import breakdown, durations, flow, hot, marks, overview, scope
from tests import projections
from tests.demo_city import NOW, Demo

TODAY = dt.date(2026, 11, 23)
PERIODS = [Period.read(text) for text in ("2026", "2026Q3", "2026-10", "2025")]


@pytest.fixture
def desk(demo: Demo) -> Iterator[Desk]:
    with db.reader(demo.engine) as session:
        root = session.scalars(select(Agency).where(Agency.parent_id.is_(None))).one()
        roles = frozenset({Role.CITY_SUPERVISOR})
        actor = Actor(name="shiduban", label="督办", agency_id=root.id, agency_path=root.path, roles=roles)
        yield Desk(session, actor, Calendars().book(session), NOW, demo.settings)


def requests(desk: Desk) -> list[files.Standing]:
    """Every request of the city, its clock folded."""
    rows = desk.session.execute(files.visible(desk).where(Case.kind == CaseKind.DISCLOSURE)).all()
    return files.standings(desk, rows)


def within(day: dt.date | None, period: Period) -> bool:
    return day is not None and period.first <= day <= period.last


def was_answered(one: files.Standing) -> bool:
    outcome = one.case.outcome
    return outcome is not None and REPLIES[outcome].family is not ReplyFamily.OTHER and one.case.due_on is not None


@pytest.mark.parametrize("period", PERIODS, ids=str)
def test_flow_and_breakdowns_equal_a_slow_count(desk: Desk, period: Period) -> None:
    city, all_of_them = scope.city(desk), requests(desk)
    counted: dict[int, Counter[str]] = defaultdict(Counter)
    for one in all_of_them:
        case, numbers = one.case, counted[one.case.agency_id]
        if case.received_on is None:
            continue
        gone = case.stopped_on
        numbers["received"] += within(case.received_on, period)
        numbers["carried_over"] += case.received_on < period.first and (gone is None or gone >= period.first)
        numbers["closed"] += within(gone, period)
        numbers["open"] += case.received_on <= period.last and (gone is None or gone > period.last)
        if within(gone, period) and was_answered(one):
            assert gone
            assert case.due_on
            numbers["answered"] += 1
            numbers["answered_on_time"] += gone <= case.due_on
            numbers["local_due"] += case.target_on is not None
            numbers["local_on_time"] += case.target_on is not None and gone <= case.target_on
        overdue_after = projections.stored(case).overdue_after
        numbers["overdue_open"] += gone is None and overdue_after is not None and overdue_after < TODAY
    found = flow.by_agency(desk, city, period)
    assert {
        agency: {name: n for name, n in numbers.items() if n}
        for agency, numbers in counted.items()
        if any(numbers.values())
    } == {
        agency: {name: n for name in flow.Flow.__slots__ if (n := getattr(one, name))}
        for agency, one in found.items()
        if one != flow.Flow()
    }
    closed = [one for one in all_of_them if within(one.case.stopped_on, period)]
    received = [one for one in all_of_them if within(one.case.received_on, period)]
    assert breakdown.reply_kinds(desk, city, period) == Counter(one.case.outcome for one in closed if one.case.outcome)
    for found_by, field in (
        (breakdown.channels(desk, city, period), lambda one: one.case.channel),
        (breakdown.applicant_kinds(desk, city, period), lambda one: one.applicant.kind),
    ):
        assert {code: n for code, n in found_by.items() if n} == Counter(map(field, received))


def test_the_city_is_lively_enough_for_these_counts_to_mean_something(desk: Desk) -> None:
    year = flow.total([*flow.by_agency(desk, scope.city(desk), PERIODS[0]).values()])
    assert min(year.received, year.carried_over, year.answered, year.open, year.overdue_open) > 0
    assert 0 < year.answered_on_time < year.answered


def test_what_the_law_counts_equals_the_fold_of_every_case(desk: Desk) -> None:
    period = PERIODS[0]
    answered = [one for one in requests(desk) if within(one.case.stopped_on, period) and was_answered(one)]
    raw, used = [], []
    for one in answered:
        assert one.reading
        assert one.case.received_on
        assert one.case.stopped_on
        raw.append(one.calendar.count(one.case.received_on, one.case.stopped_on))
        used.append(one.reading.used_workdays)
    found = durations.whole(desk, scope.city(desk), period)
    assert found.cases == len(answered)
    assert found.average == pytest.approx(mean(raw), abs=0.051)
    assert found.average_counted == pytest.approx(mean(used), abs=0.051)
    assert found.average_excluded == pytest.approx(mean(raw) - mean(used), abs=0.051)
    assert found.average_excluded != 0
    restarted = [
        one.calendar.count(one.case.received_on, one.reading.base_on)
        for one in answered
        if one.reading and one.case.received_on
    ]
    assert found.average_restarted == pytest.approx(mean(restarted), abs=0.051)
    paused = [one.reading.excluded_workdays for one in answered if one.reading]
    assert found.average_consulting == pytest.approx(mean(paused), abs=0.051)
    assert sum(restarted) * sum(paused) > 0


def test_time_in_each_stage_equals_a_walk_through_each_journal(desk: Desk) -> None:
    period = PERIODS[0]
    spent: dict[Stage, list[int]] = defaultdict(list)
    waited: Counter[Stage] = Counter()
    for one in requests(desk):
        if not within(one.case.stopped_on, period):
            continue
        entries = desk.session.scalars(
            select(JournalEntry)
            .where(JournalEntry.case_id == one.case.id, JournalEntry.act.in_(("register", "split_off", *COMMANDS)))
            .order_by(JournalEntry.id)
        ).all()
        mine: Counter[Stage] = Counter()
        for entry in entries:
            if entry.state != State.ARCHIVED:
                mine[State(entry.state or "").stage] += 0
        for entry, following in pairwise(entries):
            state = State(entry.state or "")
            days = max(one.newest.count(entry.on, following.on), 0)
            mine[state.stage] += days
            if state in {State.AWAITING_CORRECTION, State.AWAITING_PAYMENT}:
                waited[state.stage] += days
        for stage in mine:
            spent[stage].append(mine[stage])
    found = {time.stage: time for time in durations.by_stage(desk, scope.city(desk), period)}
    assert set(found) == set(spent)
    for stage, each in spent.items():
        assert found[stage].cases == len(each)
        assert found[stage].average == pytest.approx(mean(each), abs=0.051)
        assert found[stage].average_waiting == pytest.approx(waited[stage] / len(each), abs=0.051)
    assert sum(waited.values()) > 0


def test_marks_and_months_equal_a_slow_count(desk: Desk) -> None:
    period, all_of_them = PERIODS[0], requests(desk)
    city = scope.city(desk)
    slow: dict[Mark, set[int]] = {mark: set() for mark in Mark}
    for one in all_of_them:
        case = one.case
        overdue_after = projections.stored(case).overdue_after
        if overdue_after is not None:
            left = one.newest.count(TODAY, overdue_after)
            if overdue_after < TODAY:
                slow[Mark.RED].add(case.id)
            elif left <= marks.SOON_WORKDAYS:
                slow[Mark.YELLOW].add(case.id)
        if was_answered(one) and within(case.stopped_on, period) and one.reading and one.reading.late:
            slow[Mark.BLACK].add(case.id)
    for mark in Mark:
        listed, total = marks.listed(desk, city, period, mark, 1, 200)
        assert ({one.case_id for one in listed}, total) == (slow[mark], len(slow[mark]))
        assert slow[mark]
        assert sum(numbers[mark] for numbers in marks.counts(desk, city, period).values()) == total
    months = flow.trend(desk, city, last_months(TODAY, 12))
    assert [str(month.month) for month in months] == [f"2025-{n:02d}" for n in (12,)] + [
        f"2026-{n:02d}" for n in range(1, 12)
    ]
    for month in months:
        closed = [one for one in all_of_them if within(one.case.stopped_on, month.month)]
        answered = [one for one in closed if was_answered(one)]
        assert (month.received, month.closed, month.answered) == (
            sum(within(one.case.received_on, month.month) for one in all_of_them),
            len(closed),
            len(answered),
        )


def test_comparing_agencies_adds_up_to_the_city(desk: Desk) -> None:
    period = PERIODS[0]
    rows = overview.compare(desk, scope.city(desk), period)
    whole = overview.overview(desk, scope.city(desk), period)
    assert flow.total([row.flow for row in rows]) == whole.flow
    assert {mark: sum(row.marks[mark] for row in rows) for mark in Mark} == whole.marks
    for kind in ApplicantKind:
        assert sum(row.applicants[kind] or 0 for row in rows) == whole.applicant_kinds[kind]


def test_the_ranking_counts_requests_and_people_of_one_agency(desk: Desk) -> None:
    found = hot.subjects(desk, scope.city(desk), PERIODS[0], 50, least=1)
    assert sum(one.requests for one in found) <= sum(within(one.case.received_on, PERIODS[0]) for one in requests(desk))
    assert [one.requests for one in found] == sorted((one.requests for one in found), reverse=True)
    assert all(1 <= one.applicants <= one.requests for one in found)
