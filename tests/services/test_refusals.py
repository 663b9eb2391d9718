"""How many rows refusals may take, and what they tell of those that got none."""

import datetime as dt

from app.services.refusals import ROWS_AN_HOUR, Due, Refusal, Tally

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


def refusal(operation: str = "get_case", code: str = "not_found") -> Refusal:
    return Refusal(operation, 404, code, (), {}, "r")


def test_of_one_kind_the_powers_of_ten_of_each_minute_are_told() -> None:
    tally = Tally()
    due = [tally.count("jingban", refusal(), NOON) for _ in range(12_000)]
    assert [one.times for one in due if one] == [1, 10, 100, 1_000, 10_000]
    assert tally.count("jingban", refusal(), NOON + dt.timedelta(seconds=59)) is None
    assert tally.count("jingban", refusal(), NOON + dt.timedelta(seconds=60)) == Due(1, alone=True)


def test_callers_operations_and_codes_are_kinds_of_their_own() -> None:
    tally = Tally()
    kinds = [("a", refusal()), ("b", refusal()), ("a", refusal("list_cases")), ("a", refusal(code="forbidden"))]
    assert [tally.count(who, kind, NOON) for who, kind in kinds] == [Due(1, alone=True)] * 4


def test_nobody_fills_the_journal_however_he_varies_what_he_tries() -> None:
    tally = Tally()
    rows = (
        tally.count("a", refusal(f"operation_{number}"), NOON + dt.timedelta(seconds=second))
        for second in range(3_600)
        for number in range(40)
    )
    told = [one for one in rows if one]
    assert len([one for one in told if one.alone]) == ROWS_AN_HOUR
    assert [one.times for one in told if not one.alone] == [1, 10, 100, 1_000, 10_000, 100_000]
    assert tally.count("b", refusal(), NOON) == Due(1, alone=True), "others are told of all the while"
    assert tally.count("a", refusal(), NOON + dt.timedelta(hours=1)) == Due(1, alone=True)
