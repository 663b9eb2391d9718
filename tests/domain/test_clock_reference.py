"""The fold against an independent, slow, obvious reference: walk day by day and ask of each day whether it counts.

The reference shares nothing with the domain but the acts. Its days come from the package's own verdict to 2026 and from
tables written by hand for the years after, its counting is a loop, and it never merges, ranks or looks up anything.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

import chinese_calendar
import pytest

from app.domain import acts as a
from app.domain.clock import ClockRules, check, explain, read
from app.domain.terms import ClockState, ConsultationKind
from app.domain.workdays import Overlay, build_calendar
from app.services.national_years import national_years

HISTORIES = 100_000
DAY = timedelta(1)

OFF_AFTER_2026 = {
    2027: "0101 0205 0206 0207 0208 0209 0210 0405 0501 0502 0503 0504 0609 0915 1001 1002 1003 1004 1005",
    2028: "0101 0103 0125 0126 0127 0128 0404 0501 0502 0528 0529 1001 1002 1003 1004 1005",
    2029: "0101 0212 0213 0214 0215 0404 0501 0502 0616 0618 0922 0924 1001 1002 1003",
    2030: "0101 0202 0203 0204 0205 0206 0207 0405 0501 0502 0605 0912 1001 1002 1003",
}
TORCH = [date(year, 7, n) for year in range(2019, 2030) for n in (16, 17, 18)]
TORCH_WORK = [date(2024, 7, 13), date(2026, 7, 25)]
SANYUESAN = [
    date(2019, 4, 8),
    date(2020, 3, 26),
    date(2020, 3, 27),
    date(2023, 4, 21),
    date(2023, 4, 22),
    date(2023, 4, 23),
]
REGIONS: dict[str, tuple[list[date], list[date]]] = {
    "CN": ([], []),
    "CN-532300": (TORCH, TORCH_WORK),
    "CN-45": (SANYUESAN, []),
}
CALENDARS = {
    region: build_calendar(region, national_years(), [Overlay(frozenset(off), frozenset(work), "测试")])
    for region, (off, work) in REGIONS.items()
}
LENGTH = {ConsultationKind.THIRD_PARTY: 15, ConsultationKind.CO_PRODUCER: 15, ConsultationKind.OTHER_AGENCY: 10}


def worked_days(region: str) -> frozenset[date]:
    off, work = REGIONS[region]
    days = set()
    day = date(2019, 1, 1)
    while day < date(2031, 1, 1):
        if day in work or (day not in off and worked_nationally(day)):
            days.add(day)
        day += DAY
    return frozenset(days)


def worked_nationally(day: date) -> bool:
    if day.year <= 2026:
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < 5 and f"{day:%m%d}" not in OFF_AFTER_2026[day.year].split()


WORKED = {region: worked_days(region) for region in REGIONS}


class Expected(NamedTuple):
    base_on: date
    due_on: date
    target_on: date
    excluded: int
    used: int
    late: bool


def nth(worked: frozenset[date], day: date, n: int) -> date:
    while n:
        day += DAY
        n -= day in worked
    return day


def reference(  # noqa: C901 -- one plain walk is easier to trust than its parts
    received_on: date, acts: list[a.Act], worked: frozenset[date], local: int, as_of: date
) -> Expected:
    base, allowed = received_on, 20
    sent: dict[str, a.ConsultationSent] = {}
    delivered: dict[str, date] = {}
    answered: dict[str, date] = {}
    asked: dict[
        str, tuple[date, bool]
    ] = {}  # what the applicant was asked, when, and whether it is known to have arrived
    stopped: date | None = None
    for act in acts:  # in order of time
        match act:
            case a.CorrectionReceived():
                base, allowed = act.on, 20
                del asked["correction"]
            case a.FeePaid():
                base, allowed = act.on, 20
                del asked["fee"]
            case a.Extended():
                allowed += act.workdays
            case a.CorrectionRequested():
                asked["correction"] = act.on, act.delivered_on is not None
            case a.FeeNotified():
                asked["fee"] = act.on, act.delivered_on is not None
            case a.CorrectionDelivered():
                asked["correction"] = asked["correction"][0], True
            case a.FeeDelivered():
                asked["fee"] = asked["fee"][0], True
            case a.ConsultationSent():
                sent[act.ref] = act
                if act.delivered_on:
                    delivered[act.ref] = act.delivered_on
            case a.ConsultationDelivered():
                delivered[act.ref] = act.on
            case a.ConsultationAnswered():
                answered[act.ref] = act.on
            case a.Replied() | a.Withdrawn() | a.Closed():
                stopped = act.on
    limits = {ref: nth(worked, delivered.get(ref, act.on), LENGTH[act.kind]) for ref, act in sent.items()}

    def covered(day: date) -> bool:
        return any(
            act.on < day <= limits[ref] and (ref not in answered or day <= answered[ref]) for ref, act in sent.items()
        )

    def count_to(n: int) -> tuple[date, int]:
        day, left, excluded = base, n, 0
        while left:
            day += DAY
            if day in worked:
                if covered(day):
                    excluded += 1
                else:
                    left -= 1
        return day, excluded

    due, excluded = count_to(allowed)
    until = min(as_of, stopped or as_of)
    arrived = [sent_on for sent_on, known in asked.values() if known]
    waits = any(sent_on <= due for sent_on in arrived)
    until = min([until, *arrived])
    used, day = 0, base
    while day < until:
        day += DAY
        used += day in worked and (day > due or not covered(day))
    late = until > due and not waits
    return Expected(base, due, count_to(local)[0], excluded, used, late)


def histories(seed: int, count: int) -> Iterator[tuple[str, date, list[a.Act], int]]:
    """Random but possible histories: every answer has its question, every date follows the one before."""
    rng = random.Random(seed)
    regions = list(REGIONS)
    for _ in range(count):
        received = date(2019, 1, 1) + timedelta(rng.randrange(3650))
        yield rng.choice(regions), received, _history(rng, received), rng.choice((7, 10, 15))


def _history(rng: random.Random, received: date) -> list[a.Act]:  # noqa: C901 -- a table of moves
    acts: list[a.Act] = []
    on = received
    extended, refs, open_refs, undelivered = 0, "ABCDEF", list[str](), list[str]()
    corrected, charged, asked, told = False, False, "", True
    for _ in range(rng.randrange(7)):
        on += timedelta(rng.choice((0, 0, 1, 1, 2, 3, 5, 8, 12)))
        later = rng.choice((None, on, on + timedelta(rng.randrange(1, 6))))
        can = ["send"] * 3 + ["answer"] * 3 * bool(open_refs) + ["deliver"] * bool(undelivered) + ["stop"]
        can += (
            ["extend"] * (2 * (extended < 20))
            + ["correct"] * (not corrected and not asked)
            + ["fee"] * (not charged and not asked)
        )
        can += [f"get {asked}"] * 4 * bool(asked) + [f"tell {asked}"] * (not told)
        chosen = rng.choice(can)
        if chosen.startswith("get") and any(isinstance(act, a.Extended) and act.on == on for act in acts):
            on += DAY  # on one day the new base comes first, and the sum of both extensions would pass the cap
        match chosen:
            case "send":
                ref, refs = refs[0], refs[1:]
                kind = rng.choice(list(ConsultationKind))
                acts.append(a.ConsultationSent(ref=ref, kind=kind, on=on, delivered_on=later))
                open_refs.append(ref)
                if later is None:
                    undelivered.append(ref)
            case "answer":
                ref = open_refs.pop(rng.randrange(len(open_refs)))
                undelivered = [other for other in undelivered if other != ref]
                acts.append(a.ConsultationAnswered(ref=ref, on=on))
            case "deliver":
                acts.append(a.ConsultationDelivered(ref=undelivered.pop(), on=on))
            case "extend":
                days = rng.randrange(1, 21 - extended)
                extended += days
                acts.append(a.Extended(on=on, workdays=days))
            case "correct":
                acts.append(a.CorrectionRequested(on=on, delivered_on=later, reply_within_workdays=10))
                corrected, asked, told = True, "correction", later is not None
            case "fee":
                acts.append(a.FeeNotified(on=on, delivered_on=later))
                charged, asked, told = True, "fee", later is not None
            case "tell correction":
                acts.append(a.CorrectionDelivered(on=on))
                told = True
            case "tell fee":
                acts.append(a.FeeDelivered(on=on))
                told = True
            case "get correction":
                acts.append(a.CorrectionReceived(on=on))
                asked, told, extended = "", True, 0
            case "get fee":
                acts.append(a.FeePaid(on=on))
                asked, told, extended = "", True, 0
            case "stop":
                acts.append(rng.choice((a.Replied, a.Replied, a.Withdrawn, a.Closed))(on=on))
                break
    return acts


def test_the_fold_agrees_with_a_day_by_day_walk_on_100_000_random_histories() -> None:
    shuffler = random.Random(7)
    for region, received, acts, local in histories(20261123, HISTORIES):
        recorded = acts[:]
        shuffler.shuffle(recorded)
        as_of = received + timedelta(shuffler.choice((40, 60, 80, 100)))
        as_of = max([as_of, *(act.on for act in acts), *(getattr(act, "delivered_on", None) or act.on for act in acts)])
        rules = ClockRules(local_limit=local, other_agency=10)
        expected = reference(received, sorted(acts, key=a.chronological), WORKED[region], local, as_of)
        reading = read(received, recorded, rules, CALENDARS[region], as_of)
        got = Expected(
            reading.base_on,
            reading.due_on,
            reading.target_on or date.min,
            reading.excluded_workdays,
            reading.used_workdays,
            reading.late,
        )
        assert got == expected, (region, received, acts, as_of)
        assert reading.earliest_due_on <= reading.due_on <= reading.latest_due_on
        assert reading.left_workdays == reading.allowed_workdays - reading.used_workdays


def test_the_explanation_counts_exactly_the_days_allowed_and_ends_on_the_due_date() -> None:
    for region, received, acts, local in histories(4, 2_000):
        rules = ClockRules(local_limit=local, other_agency=10)
        reading = read(received, acts, rules, CALENDARS[region], received)
        lines = explain(received, acts, rules, CALENDARS[region])
        counted = [line for line in lines if line.counted]
        assert [line.n for line in counted] == list(range(1, reading.allowed_workdays + 1))
        assert lines[-1].on == counted[-1].on == reading.due_on
        assert [line.on for line in lines] == [received + DAY * n for n in range((reading.due_on - received).days + 1)]
        assert sum(line.kind == "paused" for line in lines) == reading.excluded_workdays
        assert all(line.on in WORKED[region] for line in counted)


def test_a_case_that_waits_or_is_paused_is_never_overdue() -> None:
    seen = set()
    for region, received, acts, _ in histories(5, 5_000):
        rules = ClockRules(other_agency=10)
        calendar = CALENDARS[region]
        for days in (5, 15, 30, 45):
            as_of = received + timedelta(days)
            reading = read(received, [act for act in acts if act.on <= as_of], rules, calendar, as_of)
            seen.add(reading.clock)
            if reading.clock is ClockState.PAUSED:
                assert not reading.late
                assert reading.overdue_after is None or reading.overdue_after > as_of
            if reading.clock is ClockState.STOPPED:
                assert reading.overdue_after is None
    assert seen == {ClockState.RUNNING, ClockState.PAUSED, ClockState.STOPPED, ClockState.ABANDONED}


def test_the_random_histories_are_of_every_kind_and_mostly_lawful() -> None:
    kinds: set[type[object]] = set()
    lawful = 0
    for region, received, acts, _ in histories(6, 2_000):
        kinds.update(type(act) for act in acts)
        lawful += not check(acts, ClockRules(), CALENDARS[region], received)
    assert len(kinds) == 13
    assert lawful > 1_000


@pytest.mark.parametrize("region", REGIONS)
def test_the_reference_and_the_calendar_work_the_same_days(region: str) -> None:
    calendar = CALENDARS[region]
    day = date(2019, 1, 1)
    while day < date(2031, 1, 1):
        assert calendar.is_workday(day) == (day in WORKED[region]), day
        day += DAY
