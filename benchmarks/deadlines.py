"""What a deadline costs: the package's day loop against the index, a full reading, and a sweep over a million cases.

Run from the repository root: `python -m benchmarks.deadlines`. Everything is measured in one run on one machine, so the
ratios mean something where the times do not.
"""

import random
from collections.abc import Callable
from datetime import date, timedelta
from time import perf_counter

import chinese_calendar

from app.domain import acts as a
from app.domain.clock import ClockRules, due_on, explain, read
from app.domain.terms import ConsultationKind
from app.domain.workdays import build_calendar
from app.services.national_years import national_years

SWEEP = 1_000_000
RECEIVED = date(2026, 3, 2)
AS_OF = date(2026, 4, 5)
RULES = ClockRules(local_limit=15)
HISTORY: list[a.Act] = [
    a.ConsultationSent(ref="A", kind=ConsultationKind.THIRD_PARTY, on=date(2026, 3, 5), delivered_on=date(2026, 3, 6)),
    a.ConsultationSent(ref="B", kind=ConsultationKind.CO_PRODUCER, on=date(2026, 3, 9)),
    a.ConsultationAnswered(ref="A", on=date(2026, 3, 20)),
    a.ConsultationAnswered(ref="B", on=date(2026, 3, 24)),
    a.Extended(on=date(2026, 4, 1), workdays=10),
]


def package_loop(received: date, n: int) -> date:
    """A deadline as the package offers it: ask of every day in turn."""
    day = received
    while n:
        day += timedelta(1)
        n -= chinese_calendar.is_workday(day)
    return day


def microseconds(call: Callable[[], object], times: int, rounds: int = 5) -> float:
    """The best of several rounds, per call."""
    best = float("inf")
    for _ in range(rounds):
        started = perf_counter()
        for _ in range(times):
            call()
        best = min(best, perf_counter() - started)
    return best / times * 1e6


def main() -> None:
    started = perf_counter()
    calendar = build_calendar("CN", national_years())
    built = perf_counter()
    scenarios = len(calendar.scenarios)
    varied = perf_counter()
    print(f"calendar: {(built - started) * 1e3:.0f} ms, its {scenarios} scenarios: {(varied - built) * 1e3:.0f} ms")

    assert package_loop(RECEIVED, 20) == calendar.nth_after(RECEIVED, 20)
    loop = microseconds(lambda: package_loop(RECEIVED, 20), 2_000)
    index = microseconds(lambda: calendar.nth_after(RECEIVED, 20), 200_000)
    print(f"20 working days: package loop {loop:.1f} us, index {index:.3f} us, ratio {loop / index:.0f}")

    ahead = date(2026, 12, 30)
    for label, call in (
        ("read, no acts", lambda: read(RECEIVED, [], RULES, calendar, AS_OF)),
        ("read, two consultations and an extension", lambda: read(RECEIVED, HISTORY, RULES, calendar, AS_OF)),
        ("read, provisional, with its envelope", lambda: read(ahead, [], RULES, calendar, ahead)),
        ("due date only, same history", lambda: due_on(RECEIVED, HISTORY, RULES, calendar)),
        ("explain, same history", lambda: explain(RECEIVED, HISTORY, RULES, calendar)),
    ):
        cost = microseconds(call, 5_000)
        print(f"{label}: {cost:.1f} us, {loop / cost:.1f} times cheaper than one package loop")

    rng = random.Random(1)
    receipts = [date(2026, 1, 1) + timedelta(rng.randrange(330)) for _ in range(SWEEP)]
    started = perf_counter()
    for received in receipts:
        due_on(received, (), RULES, calendar)
    plain = perf_counter() - started
    print(f"{SWEEP} plain due dates: {plain:.2f} s")
    started = perf_counter()
    for n, received in enumerate(receipts):
        read(received, HISTORY if n % 5 == 0 and received <= RECEIVED else (), RULES, calendar, AS_OF)
    full = perf_counter() - started
    print(f"{SWEEP} full readings: {full:.1f} s on one core, {full / plain:.0f} times the plain sweep")


if __name__ == "__main__":
    main()
