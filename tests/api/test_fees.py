"""The fee calculator over HTTP, with the shapes portals rely on."""

import pytest

from tests.town import Town, problem


@pytest.mark.parametrize(
    ("question", "amount"),
    [
        ({"method": "per_request", "requests_in_month": 10}, 0),
        ({"method": "per_request", "requests_in_month": 45}, 5500),
        ({"method": "per_page", "pages": 101}, 720),
        ({"method": "per_page", "pages": 500}, 14700),
    ],
)
def test_the_fee_is_the_sum_of_its_tiers(place: Town, question: dict[str, object], amount: int) -> None:
    found = place.client.post("/api/v1/fees/preview", json=question).json()
    assert found["amount_yuan"] == amount == sum(tier["amount_yuan"] for tier in found["tiers"])
    assert set(found["tiers"][0]) == {"from", "to", "count", "unit_yuan", "amount_yuan"}


@pytest.mark.parametrize(
    "question",
    [
        {"method": "per_page", "pages": 101, "requests_in_month": 11},
        {"method": "per_request", "pages": 101},
        {"method": "per_page", "pages": -1},
        {"method": "per_page", "pages": 1.5},
    ],
)
def test_both_methods_together_and_impossible_numbers_are_refused(place: Town, question: dict[str, object]) -> None:
    answer = place.client.post("/api/v1/fees/preview", json=question)
    assert answer.status_code == 422
    assert problem(answer)["reasons"]
