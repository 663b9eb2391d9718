"""What must hold of every deadline, whatever the history: searched for counter-examples."""

import random
from datetime import date, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from app.domain import acts as a
from app.domain.acts import Act
from app.domain.clock import ClockRules, due_on, explain, read
from app.domain.terms import ConsultationKind, PauseReading
from app.domain.workdays import Overlay, WorkCalendar, build_calendar
from app.services.national_years import national_years

TORCH = Overlay(frozenset(date(2025, 7, n) for n in (16, 17, 18)), source="测试")
CALENDARS = [build_calendar("CN", national_years()), build_calendar("CN-532300", national_years(), [TORCH])]
CN = CALENDARS[0]
RULES = ClockRules(local_limit=15)

receipts = st.dates(date(2004, 1, 1), date(2035, 12, 31))
calendars = st.sampled_from(CALENDARS)
gaps = st.integers(0, 25)
kinds = st.sampled_from(list(ConsultationKind))


@st.composite
def histories(draw: st.DrawFn) -> tuple[date, list[Act]]:
    """A receipt, some consultations, perhaps an extension, a correction, a payment: each question before its answer."""
    received = draw(receipts)
    acts: list[Act] = []
    if draw(st.booleans()):
        asked = received + timedelta(draw(gaps))
        acts.append(a.CorrectionRequested(on=asked, delivered_on=draw(st.sampled_from([None, asked]))))
        if draw(st.booleans()):
            acts.append(a.CorrectionReceived(on=asked + timedelta(draw(gaps))))
    for ref in draw(st.sampled_from(["", "A", "AB", "ABC"])):
        sent = received + timedelta(draw(gaps))
        arrived = sent + timedelta(draw(gaps))
        delivered_on = draw(st.sampled_from([None, arrived]))
        acts.append(a.ConsultationSent(ref=ref, kind=draw(kinds), on=sent, delivered_on=delivered_on))
        if draw(st.booleans()):
            acts.append(a.ConsultationAnswered(ref=ref, on=arrived + timedelta(draw(gaps))))
    if draw(st.booleans()):
        acts.append(a.Extended(on=received + timedelta(draw(gaps)), workdays=draw(st.integers(1, 20))))
    if draw(st.booleans()):
        noted = received + timedelta(draw(gaps))
        acts.append(a.FeeNotified(on=noted, delivered_on=noted))
        if draw(st.booleans()):
            acts.append(a.FeePaid(on=noted + timedelta(draw(gaps))))
    if draw(st.booleans()):
        acts.append(a.Replied(on=received + timedelta(80)))
    return received, acts


@given(histories(), st.randoms(use_true_random=False), calendars)
def test_the_order_of_recording_changes_nothing(
    case: tuple[date, list[Act]], rng: random.Random, calendar: WorkCalendar
) -> None:
    received, acts = case
    shuffled = acts[:]
    rng.shuffle(shuffled)
    as_of = received + timedelta(30)
    one, other = read(received, acts, RULES, calendar, as_of), read(received, shuffled, RULES, calendar, as_of)
    assert {*one.nodes} == {*other.nodes}
    assert one == other


@given(receipts, st.integers(1, 19), st.integers(0, 14), kinds)
def test_a_pause_of_k_working_days_moves_the_deadline_by_exactly_k(
    received: date, used: int, k: int, kind: ConsultationKind
) -> None:
    sent = CN.nth_after(received, used)
    answered = CN.nth_after(sent, k) if k else sent
    plain = due_on(received, [], RULES, CN)
    acts: list[Act] = [
        a.ConsultationSent(ref="A", kind=kind, on=sent, delivered_on=sent),
        a.ConsultationAnswered(ref="A", on=answered),
    ]
    paused = read(received, acts, RULES, CN, received)
    assert CN.count(plain, paused.due_on) == k == paused.excluded_workdays


@given(receipts, st.integers(0, 20), st.integers(1, 20))
def test_an_extension_of_k_days_adds_k_counted_days(received: date, after: int, k: int) -> None:
    extended = a.Extended(on=received + timedelta(after), workdays=k)
    reading = read(received, [extended], RULES, CN, received)
    assert CN.count(due_on(received, [], RULES, CN), reading.due_on) == k
    assert sum(line.counted for line in explain(received, [extended], RULES, CN)) == 20 + k


@given(histories(), st.integers(0, 120))
def test_adding_a_holiday_never_moves_a_deadline_earlier(case: tuple[date, list[Act]], after: int) -> None:
    received, acts = case
    freed = CN.with_overrides([received + timedelta(after)], [])
    assert due_on(received, acts, RULES, freed) >= due_on(received, acts, RULES, CN)


@given(histories(), calendars, st.integers(0, 200), st.integers(0, 200))
def test_no_cached_date_depends_on_the_day_of_asking(
    case: tuple[date, list[Act]], calendar: WorkCalendar, one: int, other: int
) -> None:
    received, acts = case
    first, second = (read(received, acts, RULES, calendar, received + timedelta(n)) for n in (one, other))
    for name in ("base_on", "due_on", "target_on", "overdue_after", "excluded_workdays", "provisional", "nodes"):
        assert getattr(first, name) == getattr(second, name)
    assert (first.earliest_due_on, first.latest_due_on) == (second.earliest_due_on, second.latest_due_on)


@given(histories(), calendars)
def test_the_due_date_is_a_working_day_and_the_local_one_is_never_later(
    case: tuple[date, list[Act]], calendar: WorkCalendar
) -> None:
    received, acts = case
    reading = read(received, acts, RULES, calendar, received)
    assert calendar.is_workday(reading.due_on)
    assert reading.target_on is not None
    assert reading.base_on < reading.target_on < reading.due_on
    assert due_on(received, acts, RULES, calendar) == reading.due_on
    assert reading.earliest_due_on <= reading.due_on <= reading.latest_due_on


@given(histories())
def test_the_readings_of_a_pause_are_ordered_from_strict_to_loose(case: tuple[date, list[Act]]) -> None:
    received, acts = case
    dates = [
        due_on(received, acts, ClockRules(pause_reading=pause), CN)
        for pause in (PauseReading.OPEN, PauseReading.HALF_OPEN, PauseReading.CLOSED)
    ]
    assert dates == sorted(dates)


@given(histories(), kinds)
def test_one_more_consultation_never_moves_the_deadline_earlier_and_a_covered_one_not_at_all(
    case: tuple[date, list[Act]], kind: ConsultationKind
) -> None:
    received, acts = case
    before = due_on(received, acts, RULES, CN)
    letters = [act for act in acts if isinstance(act, a.ConsultationSent)]
    more = a.ConsultationSent(ref="Z", kind=kind, on=received + timedelta(3))
    assert due_on(received, [*acts, more], RULES, CN) >= before
    assume(letters)
    same = letters[0].model_copy(update={"ref": "Z"})
    answers = [a.ConsultationAnswered(ref="Z", on=act.on) for act in acts
               if isinstance(act, a.ConsultationAnswered) and act.ref == letters[0].ref]  # fmt: skip
    assert due_on(received, [*acts, same, *answers], RULES, CN) == before
