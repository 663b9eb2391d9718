"""The deadline calculator over HTTP: anybody asks, the worked examples come out, impossible histories are refused."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.sizes import FULL
from tests.town import Town, problem

Example = dict[str, Any]
EXAMPLES: dict[str, Example] = {
    example["id"]: example
    for example in json.loads(Path(__file__).parents[1].joinpath("data/clock_examples.json").read_text("utf-8"))[
        "examples"
    ]
}
FIELDS = {
    *("due_on", "target_on", "clock", "allowed_workdays", "used_workdays", "left_workdays", "provisional", "projected"),
    *("calendar_version", "nodes", "explanation"),
}


def ask(place: Town, received_on: str, *acts: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Ask without any sign-in."""
    question = {"received_on": received_on, "acts": list(acts), "local_limit_workdays": 15, "as_of": "2026-12-31"}
    answer = place.client.post("/api/v1/clock/preview", json=question | more)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def refusal(place: Town, received_on: Any, *acts: Any, **more: Any) -> dict[str, Any]:
    answer = place.client.post("/api/v1/clock/preview", json={"received_on": received_on, "acts": acts} | more)
    found = problem(answer)
    assert found["status"] == 422, found
    assert all(any("一" <= letter <= "鿿" for letter in reason["message"]) for reason in found["reasons"]), found
    return found


def acts_of(events: dict[str, Any]) -> list[dict[str, Any]]:
    """Say an example's events as a caller sends them."""
    acts: list[dict[str, Any]] = []

    def add(act: str, on: str | None, **more: Any) -> None:
        if on:
            acts.append({"act": act, "on": on, **more})

    add(
        "correction_requested",
        events.get("correction_notice_sent"),
        delivered_on=events.get("correction_notice_received"),
        reply_within_workdays=events.get("agency_set_period_workdays"),
    )
    add("correction_received", events.get("corrected_application_received"))
    delivered = {"delivered_on": events.get("third_party_letter_received")}
    add("consultation_sent", events.get("third_party_letter_sent"), ref="A", kind="third_party", **delivered)
    add("consultation_answered", events.get("third_party_opinion_received"), ref="A")
    for n, (sent, answered) in enumerate(events.get("consultations", [])):
        add("consultation_sent", sent, ref=str(n), kind="other_agency")
        add("consultation_answered", answered, ref=str(n))
    add("extended", events.get("extension_notice_sent"), workdays=events.get("extension_workdays"))
    add("fee_notified", events.get("fee_notice_sent"), delivered_on=events.get("fee_notice_received"))
    return sorted(acts, key=lambda act: act["on"])


def node(clock: dict[str, Any], name: str) -> Any:
    return next(node["due_on"] for node in clock["nodes"] if node["node"] == name)


EXPECTED: dict[str, Callable[[dict[str, Any], Callable[..., dict[str, Any]], Example], Any]] = {
    "statutory_due": lambda c, again, e: c["due_on"],
    "local15_due": lambda c, again, e: c["target_on"],
    "correction_notice_due": lambda c, again, e: node(c, "correction_notice"),
    "correction_deadline": lambda c, again, e: node(c, "correction_reply"),
    "third_party_reply_due": lambda c, again, e: node(c, "consultation_reply"),
    "payment_due": lambda c, again, e: node(c, "fee_payment"),
    "abandoned_from": lambda c, again, e: c["abandoned_from"],
    "outcome": lambda c, again, e: {"correction": "other_no_correction", "payment": "other_no_payment"}[c["waiting"]],
    "excluded_workdays": lambda c, again, e: c["excluded_workdays"],
    "received": lambda c, again, e: c["received_on"],
    "conservative_due_from_arrival": lambda c, again, e: c["conservative_due_on"],
    "conservative_due_from_submission": lambda c, again, e: c["conservative_due_on"],
    "alt_due_if_receipt_moved_to_monday": lambda c, again, e: next(
        other["due_on"] for other in c["alternatives"] if other["code"] == "receipt_on_rest_day"
    ),
    "workdays_used_before": lambda c, again, e: again(as_of=e["events"]["third_party_letter_sent"])["used_workdays"],
    "base_due": lambda c, again, e: again(acts=[])["due_on"],
    "max_extended_due": lambda c, again, e: again(
        acts=[{"act": "extended", "on": e["events"]["received"], "workdays": 20}]
    )["due_on"],
    "national_calendar_due": lambda c, again, e: again(calendar_overrides={})["due_on"],
}


@pytest.mark.parametrize("key", [key for key in EXAMPLES if key not in {"E28", "E31", "E32", "E33"}])
def test_every_worked_example_comes_out_over_http(place: Town, key: str) -> None:
    example = EXAMPLES[key]
    events = example["events"]
    question: dict[str, Any] = {
        "acts": acts_of(events),
        "submitted_on": events.get("submitted") or events.get("arrived"),
        "calendar_overrides": example["region_overrides"],
    }
    received_on = events.get("received") or events["confirmed"]

    def again(**changes: Any) -> dict[str, Any]:
        return ask(place, received_on, **(question | changes))

    clock = again()
    wanted = {name: value for name, value in example["expect"].items() if name != "wrong_if_summed"}
    assert {name: EXPECTED[name](clock, again, example) for name in wanted} == wanted
    assert clock["excluded_workdays"] != example["expect"].get("wrong_if_summed")


def test_e28_the_reconsideration_window_rolls_over_the_holiday(place: Town) -> None:
    served = EXAMPLES["E28"]["events"]["reply_served"]
    clock = ask(place, "2026-07-20", {"act": "replied", "on": served}, {"act": "served", "on": served})
    assert node(clock, "reconsideration") == EXAMPLES["E28"]["expect"]["reconsideration_due"]
    assert clock["clock"] == "stopped"


def test_e31_and_e32_dates_are_provisional_from_the_first_receipt_2026_cannot_carry(place: Town) -> None:
    last = dt.date.fromisoformat(EXAMPLES["E32"]["expect"]["last_received_for_20"])
    assert not ask(place, last.isoformat())["provisional"]
    assert ask(place, (last + dt.timedelta(1)).isoformat())["provisional"]
    extended = EXAMPLES["E32"]["expect"]["last_received_for_40"]
    assert not ask(place, extended, {"act": "extended", "on": extended, "workdays": 20})["provisional"]
    nodes = ask(place, EXAMPLES["E32"]["expect"]["last_received_for_7"])["nodes"]
    assert [n["provisional"] for n in nodes if n["node"] == "correction_notice"] == [False]
    assert ask(place, EXAMPLES["E31"]["events"]["received"])["provisional"]


def test_e33_the_looser_reading_a_court_has_taken_is_shown_beside_the_strict_date(place: Town) -> None:
    clock = ask(place, "2017-06-18")
    loose = ask(place, "2017-06-18", readings={"receipt_on_rest_day": "next_workday"})
    assert (clock["target_on"], loose["target_on"]) == ("2017-07-07", "2017-07-10")


@pytest.mark.parametrize(
    ("as_of", "acts", "label"),
    [
        ("2026-03-20", [], "2026-03-30 星期一，还有6个工作日"),
        ("2026-03-30", [], "2026-03-30 星期一，今天到期"),
        ("2026-04-01", [], "2026-03-30 星期一，已超过2个工作日"),
        ("2026-03-20", [{"act": "replied", "on": "2026-03-18"}], "2026-03-30 星期一"),
    ],
)
def test_each_limit_comes_with_its_weekday_and_what_is_left(
    place: Town, as_of: str, acts: list[dict[str, Any]], label: str
) -> None:
    question = {"region": "CN", "received_on": "2026-03-02", "as_of": as_of, "acts": acts}
    found = place.client.post("/api/v1/clock/preview", json=question).json()
    assert found["due_label"] == label
    [statutory] = [node for node in found["nodes"] if node["node"] == "statutory"]
    assert statutory["due_label"] == label


def test_a_clock_that_stands_still_says_so_beside_the_date(place: Town) -> None:
    sent = {
        "act": "consultation_sent",
        "ref": "A",
        "kind": "third_party",
        "on": "2026-03-04",
        "delivered_on": "2026-03-05",
    }
    question = {"region": "CN", "received_on": "2026-03-02", "as_of": "2026-03-10", "acts": [sent]}
    found = place.client.post("/api/v1/clock/preview", json=question).json()
    assert "，停止计时，还剩" in found["due_label"]
    [reply] = [node for node in found["nodes"] if node["node"] == "consultation_reply"]
    assert reply["due_label"] == "2026-03-26 星期四，还有12个工作日"


def test_the_answer_carries_every_field_of_the_contract(place: Town) -> None:
    body = {
        "region": "CN",
        "received_on": "2026-03-02",
        "local_limit_workdays": 15,
        "as_of": "2026-03-20",
        "acts": [
            {
                "act": "correction_requested",
                "on": "2026-03-09",
                "delivered_on": "2026-03-10",
                "reply_within_workdays": 10,
            },
            {"act": "correction_received", "on": "2026-03-20"},
            {
                "act": "consultation_sent",
                "ref": "A",
                "kind": "third_party",
                "on": "2026-03-23",
                "delivered_on": "2026-03-24",
            },
            {"act": "consultation_answered", "ref": "A", "on": "2026-03-27"},
            {"act": "extended", "on": "2026-04-10", "workdays": 20},
            {"act": "fee_notified", "on": "2026-04-13", "delivered_on": "2026-04-14"},
            {"act": "fee_paid", "on": "2026-04-20"},
            {"act": "replied", "on": "2026-05-06"},
        ],
        "calendar_overrides": {"off": [], "work": []},
    }
    answer = place.client.post("/api/v1/clock/preview", json=body)
    assert answer.status_code == 200, answer.text
    clock = answer.json()
    assert clock.keys() >= FIELDS
    assert {"node", "label", "due_on", "met_on", "basis"} <= clock["nodes"][0].keys()
    assert {"on", "counted", "n", "why"} <= clock["explanation"][0].keys()
    # The payment sets a new base, and the extension granted before it does not carry over.
    assert (clock["base_on"], clock["allowed_workdays"], clock["due_on"]) == ("2026-04-20", 20, "2026-05-20")
    counted = [line for line in clock["explanation"] if line["counted"]]
    assert [line["n"] for line in counted] == list(range(1, 21))
    assert counted[-1]["on"] == clock["due_on"]
    assert {n["node"] for n in clock["nodes"]} == {
        *("correction_notice", "correction_reply", "consultation_reply", "fee_payment", "local_limit", "statutory")
    }


@pytest.mark.parametrize(
    ("acts", "code"),
    [
        ([{"act": "paused", "on": "2026-03-09"}], "union_tag_invalid"),
        ([{"on": "2026-03-09"}], "union_tag_not_found"),
        ([{"act": "extended", "on": "2026-03-09"}], "missing"),
        ([{"act": "extended", "on": "2026-03-09", "workdays": 5, "why": "x"}], "extra_forbidden"),
        ([{"act": "extended", "on": "2026-03-09", "workdays": "5"}], "int_type"),
        ([{"act": "correction_received", "on": "2026-03-09T00:00:00Z"}], "value_error"),
        ([{"act": "correction_received", "on": "2026-03-09"}], "correction_not_asked"),
        ([{"act": "replied", "on": "2026-03-01"}], "before_receipt"),
        (
            [
                {"act": "correction_requested", "on": "2026-03-09"},
                {"act": "correction_received", "on": "2026-03-08"},
            ],
            "out_of_order",
        ),
        (
            [
                {"act": "correction_requested", "on": "2026-03-09"},
                {"act": "correction_received", "on": "2026-03-10"},
                {"act": "correction_requested", "on": "2026-03-11"},
            ],
            "second_correction",
        ),
        ([{"act": "extended", "on": "2026-03-30", "workdays": 21}], "extension_beyond_cap"),
        ([{"act": "extended", "on": "2026-03-31", "workdays": 20}], "extension_after_due"),
        (
            [
                {"act": "extended", "on": "2026-03-10", "workdays": 15},
                {"act": "extended", "on": "2026-03-11", "workdays": 6},
            ],
            "extension_beyond_cap",
        ),
        ([{"act": "consultation_answered", "on": "2026-03-10", "ref": "A"}], "consultation_not_sent"),
        ([{"act": "fee_notified", "on": "2026-03-31"}], "fee_notice_after_due"),
        ([{"act": "served", "on": "2026-03-31"}], "not_replied"),
        (
            [{"act": "replied", "on": "2026-03-10"}, {"act": "extended", "on": "2026-03-11", "workdays": 1}],
            "already_replied",
        ),
        ([{"act": "correction_requested", "on": "2026-03-09", "delivered_on": "2026-03-08"}], "delivered_before_sent"),
        ([{"act": "extended", "on": "2026-03-09", "workdays": 1}] * 101, "too_long"),
        ([{"act": "replied", "on": "2031-03-09"}], "too_long"),
        ([{"act": "excessive_period_set", "on": "2026-03-09", "due_on": "2049-01-01", "basis": "x"}], "too_long"),
    ],
)
def test_impossible_histories_are_refused_with_a_reason_each(
    place: Town, acts: list[dict[str, Any]], code: str
) -> None:
    assert code in {reason["code"] for reason in refusal(place, "2026-03-02", *acts)["reasons"]}


def test_each_wrong_act_has_its_own_reason_and_place(place: Town) -> None:
    refused = refusal(
        place,
        "2026-03-02",
        {"act": "correction_received", "on": "2026-03-05"},
        {"act": "extended", "on": "2026-03-06", "workdays": 30},
        {"act": "served", "on": "2026-03-09"},
    )
    assert [(reason["field"], reason["code"]) for reason in refused["reasons"]] == [
        ("acts.0", "correction_not_asked"),
        ("acts.1", "extension_beyond_cap"),
        ("acts.2", "not_replied"),
    ]


@pytest.mark.parametrize(
    "more",
    [
        {"as_of": "2003-12-31"},
        {"as_of": "2051-01-01"},
        {"submitted_on": "2003-12-31"},
        {"submitted_on": "2026-03-03"},
        {"region": "Beijing"},
        {"local_limit_workdays": 0},
        {"local_limit_workdays": 21},
        {"received_on": "2003-12-31"},
        {"received_on": "2051-01-01"},
        {"received_on": 20260302},
        {"received_on": None},
        {"calendar_overrides": {"off": ["2026-03-03"], "work": ["2026-03-03"]}},
        {"calendar_overrides": {"off": ["2026-03-03"] * 401}},
        {"readings": {"pause_reading": "none"}},
        {"applicant": "张三"},
    ],
)
def test_senseless_questions_are_refused_in_chinese(place: Town, more: dict[str, Any]) -> None:
    question = {"received_on": "2026-03-02"} | more
    refusal(place, question.pop("received_on"), **question)


def test_what_if_days_move_the_date_and_say_so(place: Town) -> None:
    clock = ask(place, "2026-03-02", calendar_overrides={"off": ["2026-03-03"], "work": ["2026-03-08"]})
    lines = {line["on"]: line for line in clock["explanation"]}
    assert clock["due_on"] == "2026-03-30"
    assert (lines["2026-03-03"]["counted"], lines["2026-03-08"]["counted"]) == (False, True)
    assert clock["calendar_version"] != ask(place, "2026-03-02")["calendar_version"]


def test_the_same_question_with_a_wrong_sign_in_is_still_answered(place: Town) -> None:
    body = {"received_on": "2026-03-02"}
    answer = place.client.post("/api/v1/clock/preview", json=body, headers={"Authorization": "Bearer wrong"})
    assert answer.status_code == 200


def test_without_as_of_the_question_is_about_today(place: Town) -> None:
    place.go_to("2026-03-31 00:30")
    clock = place.client.post("/api/v1/clock/preview", json={"received_on": "2026-03-02"}).json()
    assert (clock["as_of"], clock["left_workdays"], clock["late"]) == ("2026-03-31", -1, True)


@pytest.mark.slow
def test_no_day_of_receipt_from_2004_to_2035_gives_an_error(place: Town) -> None:
    first, last = dt.date(2004, 1, 1), dt.date(2035, 12, 31)
    # The domain's own test takes every day; no database decides a date.
    every = 1 if FULL else 7 if place.engine.dialect.name == "sqlite" else 31
    for n in range(0, (last - first).days + 1, every):
        ask(place, (first + dt.timedelta(n)).isoformat())
