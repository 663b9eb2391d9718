"""Every worked example of the fact sheet, straight from its JSON file, and each of its expectations accounted for."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.domain import acts as a
from app.domain.clock import ClockRules, Reading, check, read
from app.domain.nodes import remedy_nodes
from app.domain.terms import ClockState, ConsultationKind, NodeKind
from app.domain.workdays import Overlay, WorkCalendar, build_calendar
from app.services.national_years import national_years

Example = dict[str, Any]

EXAMPLES: dict[str, Example] = {
    example["id"]: example
    for example in json.loads(Path(__file__).parents[1].joinpath("data/clock_examples.json").read_text("utf-8"))[
        "examples"
    ]
}
CN = build_calendar("CN", national_years())
RULES = ClockRules(local_limit=15)
LATER = date(2030, 1, 1)


def day(text: str) -> date:
    return date.fromisoformat(text)


def calendar_of(example: Example) -> WorkCalendar:
    changed = example["region_overrides"]
    if not changed:
        return CN
    overlay = Overlay(frozenset(map(day, changed["off"])), frozenset(map(day, changed["work"])), "算例")
    return build_calendar(example["region"], national_years(), [overlay])


def acts_of(events: dict[str, Any]) -> list[a.Act]:
    """The example's events as acts."""
    acts: list[a.Act] = []
    if "correction_notice_sent" in events:
        delivered = events.get("correction_notice_received")
        acts.append(
            a.CorrectionRequested(
                on=day(events["correction_notice_sent"]),
                delivered_on=delivered and day(delivered),
                reply_within_workdays=events.get("agency_set_period_workdays"),
            )
        )
    if events.get("corrected_application_received"):
        acts.append(a.CorrectionReceived(on=day(events["corrected_application_received"])))
    if "third_party_letter_sent" in events:
        delivered = day(events["third_party_letter_received"])
        sent = day(events["third_party_letter_sent"])
        acts.append(a.ConsultationSent(ref="A", kind=ConsultationKind.THIRD_PARTY, on=sent, delivered_on=delivered))
        acts.append(a.ConsultationAnswered(ref="A", on=day(events["third_party_opinion_received"])))
    for n, (sent, answered) in enumerate(events.get("consultations", [])):
        acts.append(a.ConsultationSent(ref=str(n), kind=ConsultationKind.OTHER_AGENCY, on=day(sent)))
        acts.append(a.ConsultationAnswered(ref=str(n), on=day(answered)))
    if "extension_notice_sent" in events:
        acts.append(a.Extended(on=day(events["extension_notice_sent"]), workdays=events["extension_workdays"]))
    if "fee_notice_sent" in events:
        received = day(events["fee_notice_received"])
        acts.append(a.FeeNotified(on=day(events["fee_notice_sent"]), delivered_on=received))
    return sorted(acts, key=a.chronological)


def node(reading: Reading, kind: NodeKind) -> date | None:
    return next(node.due_on for node in reading.nodes if node.node is kind)


COUNTED = [key for key in EXAMPLES if key not in {"E28", "E31", "E32", "E33"}]
HANDLED: dict[str, Callable[[Any, Example, WorkCalendar], object]] = {
    "statutory_due": lambda r, e, c: r.due_on.isoformat(),
    "local15_due": lambda r, e, c: r.target_on.isoformat(),
    "correction_notice_due": lambda r, e, c: str(node(r, NodeKind.CORRECTION_NOTICE)),
    "correction_deadline": lambda r, e, c: str(node(r, NodeKind.CORRECTION_REPLY)),
    "third_party_reply_due": lambda r, e, c: str(node(r, NodeKind.CONSULTATION_REPLY)),
    "payment_due": lambda r, e, c: str(node(r, NodeKind.FEE_PAYMENT)),
    "abandoned_from": lambda r, e, c: str(r.abandoned_from),
    "outcome": lambda r, e, c: {"correction": "other_no_correction", "payment": "other_no_payment"}[r.waiting],
    "excluded_workdays": lambda r, e, c: r.excluded_workdays,
    "received": lambda r, e, c: r.received_on.isoformat(),
    "conservative_due_from_arrival": lambda r, e, c: str(r.conservative_due_on),
    "conservative_due_from_submission": lambda r, e, c: str(r.conservative_due_on),
    "alt_due_if_receipt_moved_to_monday": lambda r, e, c: str(
        next(other.due_on for other in r.alternatives if other.code == "receipt_on_rest_day")
    ),
    "workdays_used_before": lambda r, e, c: (
        read(r.received_on, acts_of(e["events"]), RULES, c, day(e["events"]["third_party_letter_sent"])).used_workdays
    ),
    "base_due": lambda r, e, c: str(read(r.received_on, [], RULES, c, LATER).due_on),
    "max_extended_due": lambda r, e, c: str(
        read(r.received_on, [a.Extended(on=r.received_on, workdays=20)], RULES, c, LATER).due_on
    ),
    "national_calendar_due": lambda r, e, c: str(read(r.received_on, acts_of(e["events"]), RULES, CN, LATER).due_on),
    "wrong_if_summed": lambda r, e, c: sum(c.count(day(s), day(t)) for s, t in e["events"]["consultations"]),
}


@pytest.mark.parametrize("key", COUNTED)
def test_example_comes_out_as_worked_by_hand(key: str) -> None:
    example = EXAMPLES[key]
    events, calendar = example["events"], calendar_of(example)
    received = day(events.get("received") or events["confirmed"])
    submitted = events.get("submitted") or events.get("arrived")
    acts = acts_of(events)
    assert check(acts, RULES, calendar, received) == []
    reading = read(received, acts, RULES, calendar, LATER, submitted_on=submitted and day(submitted))
    got = {name: HANDLED[name](reading, example, calendar) for name in example["expect"]}
    assert got == example["expect"]


@pytest.mark.parametrize("key", ["E10", "E17"])
def test_an_unused_period_of_the_applicant_ends_in_abandonment(key: str) -> None:
    events = EXAMPLES[key]["events"]
    lapse = day(EXAMPLES[key]["expect"]["abandoned_from"])
    states = [
        read(day(events["received"]), acts_of(events), RULES, CN, on).clock for on in (lapse - timedelta(1), lapse)
    ]
    assert states == [ClockState.PAUSED, ClockState.ABANDONED]


def test_e28_a_reconsideration_window_ending_in_a_holiday_ends_after_it() -> None:
    expect = EXAMPLES["E28"]["expect"]
    served = day(EXAMPLES["E28"]["events"]["reply_served"])
    assert served + timedelta(60) == day(expect["raw_last_day"])
    windows = {node.node: node.due_on for node in remedy_nodes(served, None, RULES, CN)}
    assert windows[NodeKind.RECONSIDERATION] == day(expect["reconsideration_due"])


def test_e31_a_year_without_a_notice_gives_a_provisional_date_not_an_error() -> None:
    reading = read(day(EXAMPLES["E31"]["events"]["received"]), [], RULES, CN, LATER)
    assert reading.provisional
    assert reading.earliest_due_on <= reading.due_on <= reading.latest_due_on


def test_e32_dates_are_provisional_exactly_after_the_last_receipts_2026_can_carry() -> None:
    for name, last in EXAMPLES["E32"]["expect"].items():
        limit = int(name.removeprefix("last_received_for_"))
        for receipt, settled in ((day(last), True), (day(last) + timedelta(1), False)):
            end = CN.nth_after(receipt, limit)
            assert CN.rests_on_projection(receipt, end) is not settled, name


def test_e33_the_real_case_received_on_a_sunday() -> None:
    example = EXAMPLES["E33"]
    rules = ClockRules(reply_workdays=example["events"]["limit_workdays"])
    sent, replied = day(example["events"]["email_sent"]), a.Replied(on=day(example["events"]["reply_posted"]))
    reading = read(sent, [replied], rules, CN, LATER)
    assert str(reading.due_on) == example["expect"]["due_strict"]
    assert reading.late
    assert [str(other.due_on) for other in reading.alternatives] == [
        example["expect"]["due_if_receipt_is_next_workday"]
    ]
