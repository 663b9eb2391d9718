"""The decisions of the clock where the law leaves room, and every order of acts that must be refused."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from pydantic import TypeAdapter, ValidationError

from app.domain.acts import Act
from app.domain.clock import (
    LIMITS,
    OPEN_QUESTIONS,
    ClockRules,
    Reading,
    check,
    due_on,
    explain,
    legal_day,
    read,
    receipt_day,
)
from app.domain.terms import ClockState, NodeKind, PauseReading, ReceiptReading, Waiting
from app.domain.workdays import build_calendar
from app.services.national_years import national_years

CN = build_calendar("CN", national_years())
RULES = ClockRules(local_limit=15)
R = date(2026, 3, 2)
ACTS: TypeAdapter[list[Act]] = TypeAdapter(list[Act])


def acts(*written: str) -> list[Act]:
    """Acts from lines such as `consultation_sent 2026-03-10 ref=A kind=third_party`."""
    rows = []
    for line in written:
        act, on, *rest = line.split()
        fields: dict[str, object] = {"act": act, "on": on}
        for name, value in (pair.split("=") for pair in rest):
            fields[name] = int(value) if value.isdecimal() else value
        rows.append(fields)
    return ACTS.validate_python(rows)


def reading(as_of: str, *written: str, rules: ClockRules = RULES, submitted: date | None = None) -> Reading:
    return read(R, acts(*written), rules, CN, date.fromisoformat(as_of), submitted_on=submitted)


ASKED = "correction_requested 2026-03-09 delivered_on=2026-03-10 reply_within_workdays=10"
LETTER = "consultation_sent 2026-03-10 ref=A kind=third_party delivered_on=2026-03-12"


def test_the_preview_of_the_contract_reads_as_worked_by_hand() -> None:
    history = acts(
        ASKED,
        "correction_received 2026-03-20",
        "consultation_sent 2026-03-23 ref=A kind=third_party delivered_on=2026-03-24",
        "consultation_answered 2026-03-27 ref=A",
        "extended 2026-04-10 workdays=20",
        "fee_notified 2026-04-13 delivered_on=2026-04-14",
        "fee_paid 2026-04-20",
        "replied 2026-05-06",
    )
    assert check(history, RULES, CN, R) == []
    # 自 4/20 起：4/21=1 … 4/30=8，5/6=9 5/7=10 5/8=11 5/9(六)=12，5/11=13 … 5/13=15 … 5/20=20
    result = read(R, history, RULES, CN, date(2026, 5, 7))
    assert (result.due_on, result.target_on) == (date(2026, 5, 20), date(2026, 5, 13))
    assert (result.clock, result.used_workdays, result.left_workdays) == (ClockState.STOPPED, 9, 11)
    early = read(R, history, RULES, CN, date(2026, 3, 20))
    assert early.due_on == result.due_on
    assert early.clock is ClockState.RUNNING


@pytest.mark.parametrize(
    ("as_of", "clock", "used", "left", "late"),
    [
        ("2026-03-01", ClockState.IDLE, 0, 20, False),
        ("2026-03-02", ClockState.RUNNING, 0, 20, False),
        ("2026-03-03", ClockState.RUNNING, 1, 19, False),
        ("2026-03-30", ClockState.RUNNING, 20, 0, False),
        ("2026-03-31", ClockState.RUNNING, 21, -1, True),
    ],
)
def test_an_ordinary_case_runs_down_and_then_is_late(
    as_of: str, clock: ClockState, used: int, left: int, late: bool
) -> None:
    result = reading(as_of)
    assert (result.clock, result.used_workdays, result.left_workdays, result.late) == (clock, used, left, late)
    assert result.overdue_after == date(2026, 3, 30)


def test_an_open_consultation_is_projected_to_its_own_limit() -> None:
    result = reading("2026-03-20", LETTER)
    assert (result.clock, result.waiting, result.projected) == (ClockState.PAUSED, Waiting.CONSULTATION, True)
    # 停表 (3/10, 4/2]，已用 6 日；4/3=7，清明 4/6 休，4/7=8 … 4/23=20
    assert (result.used_workdays, result.left_workdays, result.due_on) == (6, 14, date(2026, 4, 23))


def test_an_unanswered_consultation_ends_at_its_limit_and_a_late_answer_changes_nothing() -> None:
    silent = reading("2026-04-03", LETTER)
    assert (silent.clock, silent.projected, silent.due_on) == (ClockState.RUNNING, False, date(2026, 4, 23))
    assert reading("2026-04-15", LETTER, "consultation_answered 2026-04-13 ref=A").due_on == silent.due_on


def test_delivery_learnt_later_counts_like_delivery_known_at_once() -> None:
    later = ("consultation_sent 2026-03-10 ref=A kind=third_party", "consultation_delivered 2026-03-12 ref=A")
    assert reading("2026-03-20", *later) == reading("2026-03-20", LETTER)
    # 未知送达日：自发出日起 15 个工作日（3/31），从严
    assert reading("2026-03-20", later[0]).due_on == date(2026, 4, 21)


def test_a_consultation_sent_on_the_last_day_or_later_stops_nothing() -> None:
    for sent in ("2026-03-30", "2026-04-01"):
        result = reading("2026-04-02", f"consultation_sent {sent} ref=A kind=other_agency")
        assert (result.due_on, result.clock, result.late) == (date(2026, 3, 30), ClockState.RUNNING, True)


def test_waiting_for_a_correction_makes_nobody_late_and_keeps_the_old_date_in_sight() -> None:
    result = reading("2026-03-20", ASKED)
    assert (result.clock, result.waiting, result.left_workdays) == (ClockState.PAUSED, Waiting.CORRECTION, 15)
    assert (result.due_on, result.overdue_after, result.late) == (date(2026, 3, 30), None, False)
    lapsed = reading("2026-04-20", ASKED)
    assert (lapsed.clock, lapsed.abandoned_from, lapsed.late) == (ClockState.ABANDONED, date(2026, 3, 25), False)
    assert not any(node.is_late(date(2026, 4, 20)) for node in lapsed.nodes if node.party == "agency")


def test_a_correction_notice_never_delivered_stops_nothing() -> None:
    result = reading("2026-03-31", "correction_requested 2026-03-09 reply_within_workdays=10")
    assert (result.clock, result.late, result.overdue_after) == (ClockState.RUNNING, True, date(2026, 3, 30))
    assert result.abandoned_from is None
    delivered = reading(
        "2026-03-31", "correction_requested 2026-03-09 reply_within_workdays=10", "correction_delivered 2026-03-10"
    )
    assert (delivered.clock, delivered.late) == (ClockState.ABANDONED, False)


def test_a_correction_without_a_period_never_lapses() -> None:
    result = reading("2027-03-01", "correction_requested 2026-03-09 delivered_on=2026-03-10")
    assert (result.clock, result.abandoned_from) == (ClockState.PAUSED, None)


def test_a_notice_sent_after_the_due_date_does_not_heal_the_lateness() -> None:
    result = reading("2026-04-03", "correction_requested 2026-04-01 delivered_on=2026-04-02")
    assert (result.clock, result.late, result.overdue_after) == (ClockState.RUNNING, True, date(2026, 3, 30))


def test_a_late_correction_accepted_by_the_agency_still_starts_a_new_period() -> None:
    result = reading("2026-04-20", ASKED, "correction_received 2026-04-20")
    assert (result.clock, result.base_on, result.used_workdays) == (ClockState.RUNNING, date(2026, 4, 20), 0)


def test_a_correction_requested_after_seven_days_keeps_the_date_without_the_restart() -> None:
    late = reading("2026-03-25", "correction_requested 2026-03-12", "correction_received 2026-03-20")
    assert (late.due_on, late.conservative_due_on) == (date(2026, 4, 20), date(2026, 3, 30))
    in_time = reading("2026-03-25", "correction_requested 2026-03-11", "correction_received 2026-03-20")
    assert in_time.conservative_due_on is None
    notice = next(node for node in late.nodes if node.node is NodeKind.CORRECTION_NOTICE)
    assert notice.is_late(date(2026, 3, 25))


def test_an_extension_does_not_carry_over_a_new_base_unless_the_setting_says_so() -> None:
    history = (
        "extended 2026-03-10 workdays=20",
        "fee_notified 2026-03-11 delivered_on=2026-03-11",
        "fee_paid 2026-03-20",
    )
    strict = reading("2026-03-25", *history)
    assert (strict.due_on, strict.allowed_workdays) == (date(2026, 4, 20), 20)
    loose = reading("2026-03-25", *history, rules=ClockRules(extension_survives_new_base=True))
    assert loose.allowed_workdays == 40
    assert [(other.code, other.due_on) for other in strict.alternatives] == [
        ("extension_survives_new_base", loose.due_on)
    ]
    again = reading("2026-03-25", *history, "extended 2026-03-23 workdays=20")
    assert again.due_on == loose.due_on


def test_a_local_limit_shares_the_pause_and_ignores_the_extension() -> None:
    plain = reading("2026-03-03")
    extended = reading("2026-03-03", "extended 2026-03-03 workdays=20")
    assert (extended.target_on, extended.due_on) == (plain.target_on, date(2026, 4, 28))
    paused = reading("2026-03-30", LETTER, "consultation_answered 2026-03-25 ref=A")
    assert (paused.target_on, paused.due_on) == (date(2026, 4, 8), date(2026, 4, 15))


@pytest.mark.parametrize(
    ("pause", "due"),
    [
        (PauseReading.OPEN, date(2026, 4, 14)),
        (PauseReading.HALF_OPEN, date(2026, 4, 15)),
        (PauseReading.CLOSED, date(2026, 4, 16)),
    ],
)
def test_the_boundaries_of_a_pause_are_a_setting(pause: PauseReading, due: date) -> None:
    history = acts(LETTER, "consultation_answered 2026-03-25 ref=A")
    assert read(R, history, ClockRules(pause_reading=pause), CN, R).due_on == due


def test_the_looser_boundary_is_listed_as_an_alternative() -> None:
    result = reading("2026-03-30", LETTER, "consultation_answered 2026-03-25 ref=A")
    assert [(other.code, other.due_on) for other in result.alternatives] == [("pause_reading", date(2026, 4, 16))]


def test_receipt_on_a_rest_day_is_a_setting() -> None:
    loose = ClockRules(receipt_on_rest_day=ReceiptReading.NEXT_WORKDAY)
    saturday = date(2026, 3, 7)
    assert due_on(saturday, [], ClockRules(), CN) == date(2026, 4, 3)
    assert due_on(saturday, [], loose, CN) == read(saturday, [], loose, CN, saturday).due_on == date(2026, 4, 7)
    assert [line.kind for line in explain(saturday, [], loose, CN)[:3]] == ["base", "rest", "base"]


def test_reasons_asked_for_change_nothing_unless_the_setting_says_so() -> None:
    history = ("reasons_requested 2026-03-09 delivered_on=2026-03-09", "reasons_received 2026-03-20")
    assert reading("2026-03-10", history[0]).clock is ClockState.RUNNING
    assert reading("2026-03-25", *history).due_on == date(2026, 3, 30)
    as_correction = ClockRules(reasons_as_correction=True)
    assert reading("2026-03-10", history[0], rules=as_correction).waiting is Waiting.REASONS
    assert reading("2026-03-25", *history, rules=as_correction).due_on == date(2026, 4, 20)


def test_a_period_set_for_an_excessive_request_overrides_the_forty_days() -> None:
    history = ("excessive_period_set 2026-03-20 due_on=2026-07-31 basis=数量明显过大",)
    result = reading("2026-03-25", *history)
    assert (result.due_on, result.target_on) == (date(2026, 7, 31), date(2026, 3, 23))
    assert result.allowed_workdays == CN.count(R, date(2026, 7, 31))
    # 此后发出的征求意见仍停表：(7/20, 7/24] 共 4 个工作日
    letter = "consultation_sent 2026-07-20 ref=A kind=third_party"
    moved = reading("2026-07-25", *history, letter, "consultation_answered 2026-07-24 ref=A")
    assert moved.due_on == date(2026, 8, 6)
    assert moved.allowed_workdays == result.allowed_workdays
    node = next(node for node in moved.nodes if node.node is NodeKind.STATUTORY)
    assert node.basis == "条例第35条"


def test_a_reply_is_late_by_its_legal_day_alone() -> None:
    for on, late in (("2026-03-30", False), ("2026-03-31", True)):
        result = reading("2026-05-01", f"replied {on}")
        assert (result.late, result.clock, result.overdue_after) == (late, ClockState.STOPPED, None)


def test_a_withdrawn_case_is_stopped_and_not_overdue() -> None:
    result = reading("2026-06-01", "withdrawn 2026-03-20")
    assert (result.clock, result.late, result.overdue_after, result.used_workdays) == (
        ClockState.STOPPED,
        False,
        None,
        14,
    )


def test_the_conservative_date_from_submission_yields_to_a_new_base() -> None:
    submitted = date(2026, 2, 27)
    assert reading("2026-03-03", submitted=submitted).conservative_due_on == date(2026, 3, 26)  # 2/28(六)=1
    corrected = reading("2026-03-25", ASKED, "correction_received 2026-03-20", submitted=submitted)
    assert corrected.conservative_due_on is None


REFUSED: list[tuple[str, Sequence[str]]] = [
    ("before_receipt", ["replied 2026-03-01"]),
    ("out_of_order", ["extended 2026-03-10 workdays=5", "replied 2026-03-09"]),
    ("delivered_before_sent", ["fee_notified 2026-03-10 delivered_on=2026-03-09"]),
    ("already_received", ["received 2026-03-03"]),
    ("second_correction", [ASKED, "correction_received 2026-03-20", "correction_requested 2026-03-23"]),
    ("second_correction", [ASKED, "correction_requested 2026-03-11"]),
    ("correction_not_asked", ["correction_received 2026-03-10"]),
    ("correction_not_asked", ["correction_delivered 2026-03-10"]),
    ("reasons_not_asked", ["reasons_delivered 2026-03-10"]),
    ("correction_already_answered", [ASKED, "correction_received 2026-03-20", "correction_received 2026-03-21"]),
    ("already_delivered", [ASKED, "correction_delivered 2026-03-11"]),
    ("answered_before_delivery", [ASKED, "correction_received 2026-03-09"]),
    ("extension_beyond_cap", ["extended 2026-03-10 workdays=21"]),
    ("extension_beyond_cap", ["extended 2026-03-10 workdays=15", "extended 2026-03-11 workdays=6"]),
    ("extension_after_due", ["extended 2026-03-31 workdays=5"]),
    ("duplicate_ref", [LETTER, "consultation_sent 2026-03-11 ref=A kind=co_producer"]),
    ("consultation_not_sent", ["consultation_answered 2026-03-11 ref=B"]),
    ("consultation_not_sent", ["consultation_delivered 2026-03-11 ref=B"]),
    ("already_answered", [LETTER, "consultation_answered 2026-03-13 ref=A", "consultation_answered 2026-03-16 ref=A"]),
    ("already_delivered", [LETTER, "consultation_delivered 2026-03-13 ref=A"]),
    ("answered_before_delivery", [LETTER, "consultation_answered 2026-03-11 ref=A"]),
    ("fee_not_asked", ["fee_paid 2026-03-10"]),
    ("fee_already_answered", ["fee_notified 2026-03-10", "fee_paid 2026-03-11", "fee_paid 2026-03-12"]),
    ("fee_already_notified", ["fee_notified 2026-03-10", "fee_notified 2026-03-11"]),
    ("fee_notice_after_due", ["fee_notified 2026-03-31"]),
    ("reasons_not_asked", ["reasons_received 2026-03-10"]),
    ("reasons_already_requested", ["reasons_requested 2026-03-10", "reasons_requested 2026-03-11"]),
    ("excessive_period_not_later", ["excessive_period_set 2026-03-10 due_on=2026-03-30 basis=量大"]),
    ("extension_after_due", ["excessive_period_set 2026-03-31 due_on=2026-07-31 basis=量大"]),
    (
        "second_excessive_period",
        [f"excessive_period_set {on} due_on=2026-07-31 basis=量大" for on in ("2026-03-10", "2026-03-11")],
    ),
    (
        "extension_after_excessive_period",
        ["excessive_period_set 2026-03-10 due_on=2026-07-31 basis=量大", "extended 2026-03-11 workdays=5"],
    ),
    ("already_replied", ["replied 2026-03-10", "extended 2026-03-11 workdays=5"]),
    ("already_replied", ["replied 2026-03-10", "replied 2026-03-11"]),
    ("already_ended", ["withdrawn 2026-03-10", "replied 2026-03-11"]),
    ("already_ended", ["closed 2026-03-10", "closed 2026-03-11"]),
    ("not_replied", ["served 2026-03-10"]),
    ("already_served", ["replied 2026-03-10", "served 2026-03-11", "served 2026-03-12"]),
    ("not_served", ["replied 2026-03-10", "reconsideration_decided 2026-03-12"]),
    (
        "already_decided",
        [
            "replied 2026-03-10",
            "served 2026-03-11",
            "reconsideration_decided 2026-05-12",
            "reconsideration_decided 2026-05-13",
        ],
    ),
    (
        "outside_calendar",
        [
            "excessive_period_set 2026-03-10 due_on=2050-12-30 basis=量大",
            "consultation_sent 2050-12-29 ref=A kind=third_party",
        ],
    ),
]


@pytest.mark.parametrize(("code", "written"), REFUSED)
def test_an_impossible_order_is_refused_with_its_reason_at_its_place(code: str, written: Sequence[str]) -> None:
    found = check(acts(*written), RULES, CN, R)
    assert [objection.code for objection in found] == [code]
    assert found[0].index == len(written) - 1
    assert any("一" <= character <= "鿿" for character in found[0].message)


def test_acts_of_one_day_may_be_listed_in_any_order() -> None:
    history = acts(
        "consultation_answered 2026-03-10 ref=A", "consultation_sent 2026-03-10 ref=A kind=third_party",
        "served 2026-03-11", "replied 2026-03-11",
    )  # fmt: skip
    assert check(history, RULES, CN, R) == []


def test_a_full_life_after_the_reply_is_lawful() -> None:
    history = acts(
        LETTER, "replied 2026-03-20", "consultation_answered 2026-03-23 ref=A", "served 2026-03-24",
        "closed 2026-03-25", "reconsideration_decided 2026-06-01",
    )  # fmt: skip
    assert check(history, RULES, CN, R) == []


def test_without_a_date_of_receipt_the_list_must_begin_with_it() -> None:
    assert check(acts("received 2026-03-02", "replied 2026-03-30"), RULES, CN) == []
    assert [o.code for o in check(acts("replied 2026-03-30"), RULES, CN)] == ["not_received"]
    assert [o.code for o in check([], RULES, CN)] == ["not_received"]
    assert [o.code for o in check([], RULES, CN, date(1999, 1, 4))] == ["outside_calendar"]


@pytest.mark.parametrize("several", [["extended 2026-04-10 workdays=30", "consultation_answered 2026-04-11 ref=Z"]])
def test_every_objection_is_reported_at_once(several: list[str]) -> None:
    codes = [(o.index, o.code) for o in check(acts(*several), RULES, CN, R)]
    assert codes == [(0, "extension_after_due"), (0, "extension_beyond_cap"), (1, "consultation_not_sent")]


@pytest.mark.parametrize(
    "bad",
    [
        {"act": "replied", "on": "2026-03-10", "extra": 1},
        {"act": "unknown", "on": "2026-03-10"},
        {"act": "replied", "on": 1_700_000_000},
        {"act": "replied", "on": "2026-03-10T00:00:00"},
        {"act": "replied", "on": datetime(2026, 3, 10, tzinfo=UTC)},
        {"act": "extended", "on": "2026-03-10", "workdays": 0},
        {"act": "extended", "on": "2026-03-10", "workdays": "5"},
        {"act": "consultation_sent", "on": "2026-03-10", "ref": "", "kind": "third_party"},
        {"act": "consultation_sent", "on": "2026-03-10", "ref": "A", "kind": "neighbour"},
        {"act": "excessive_period_set", "on": "2026-03-10", "due_on": "2026-07-31"},
    ],
)
def test_a_malformed_act_does_not_become_one(bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ACTS.validate_python([bad])


def test_the_legal_day_is_the_day_in_shanghai_whatever_the_offset() -> None:
    for hours in range(-12, 15):
        zone = timezone(timedelta(hours=hours))
        before = datetime(2026, 3, 2, 15, 59, 59, tzinfo=UTC).astimezone(zone)
        assert legal_day(before) == date(2026, 3, 2)
        assert legal_day(before + timedelta(seconds=1)) == date(2026, 3, 3)
    with pytest.raises(ValueError, match="时区"):
        legal_day(datetime(2026, 3, 2))  # noqa: DTZ001 -- the naive instant is the point


def test_confirming_after_hours_counts_that_day_unless_the_setting_says_otherwise() -> None:
    friday_evening = datetime(2026, 3, 6, 12, 30, tzinfo=UTC)
    assert receipt_day(friday_evening, ClockRules(), CN) == date(2026, 3, 6)
    assert receipt_day(friday_evening, ClockRules(after_hours_next_workday=True), CN) == date(2026, 3, 9)


def test_every_open_question_is_a_setting_with_that_default() -> None:
    defaults = ClockRules()
    for question in OPEN_QUESTIONS:
        assert str(getattr(defaults, question.setting)) == question.default
        assert question.note


def test_every_limit_has_an_article_and_a_date_and_unverified_ones_say_why() -> None:
    defaults = ClockRules()
    assert LIMITS["reply"].length == defaults.reply_workdays
    assert LIMITS["extension"].length == defaults.extend_max
    for code in ("correction_notice", "third_party", "co_producer", "other_agency", "fee_payment"):
        assert LIMITS[code].length == getattr(defaults, code)
    for limit in LIMITS.values():
        assert limit.article
        assert limit.effective_from.year >= 2017
        assert limit.verified or limit.note


@pytest.mark.parametrize(
    "wrong", [{"reply_workdays": 0}, {"extend_max": -1}, {"local_limit": 0}, {"third_party": 9999}]
)
def test_absurd_lengths_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="期限"):
        ClockRules(**wrong)  # type: ignore[arg-type]  # the table holds lengths only
