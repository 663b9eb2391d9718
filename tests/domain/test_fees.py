from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from app.domain.fees import (
    MAX_PAGES,
    MAX_REQUESTS,
    FeeBasis,
    FeeNotice,
    PerPage,
    PerRequest,
    check_notice,
    fee_month,
    preview,
    request_price,
)
from app.domain.terms import DeliveryMethod, FeeNoticePart, ReplyKind

BASIS: TypeAdapter[PerRequest | PerPage] = TypeAdapter(FeeBasis)


@pytest.mark.parametrize(
    ("requests", "yuan"),
    [
        (0, 0), (1, 0), (10, 0), (11, 100), (25, 1500), (30, 2000), (31, 2200), (40, 4000), (41, 4300), (45, 5500),
        (50, 7000), (51, 7400), (60, 11000), (100, 37000),
    ],
)  # fmt: skip
def test_requests_of_a_month_cost_what_the_tariff_says(requests: int, yuan: int) -> None:
    assert preview(PerRequest(requests_in_month=requests)).amount_yuan == yuan


@pytest.mark.parametrize(("nth", "yuan"), [(10, 0), (11, 100), (30, 100), (31, 200), (40, 200), (41, 300), (51, 400)])
def test_one_request_costs_the_price_of_its_place_in_the_month(nth: int, yuan: int) -> None:
    assert request_price(nth) == yuan


@pytest.mark.parametrize(
    ("pages", "yuan"),
    [
        (0, 0), (1, 0), (30, 0), (31, 10), (100, 700), (101, 720), (150, 1700), (200, 2700), (201, 2740), (250, 4700),
        (500, 14700),
    ],
)  # fmt: skip
def test_pages_cost_what_the_tariff_says(pages: int, yuan: int) -> None:
    assert preview(PerPage(pages=pages)).amount_yuan == yuan


@pytest.mark.parametrize(
    ("pages", "yuan"), [(109, 880), (119, 1080), (57, 270), (44, 140), (72, 420), (68, 380)]
)  # 宿迁市2023–2025年度报告“六、其他事项”
def test_fees_that_agencies_really_charged_by_page_come_out(pages: int, yuan: int) -> None:
    assert preview(PerPage(pages=pages)).amount_yuan == yuan


@pytest.mark.parametrize(
    ("requests", "yuan"), [(range(11, 26), 1500), (range(11, 17), 600)]
)  # 泗洪县公安局、宿迁市公安局2023
def test_fees_that_agencies_really_charged_by_request_come_out(requests: range, yuan: int) -> None:
    assert sum(request_price(nth) for nth in requests) == yuan


def test_the_quote_shows_each_step_as_the_contract_has_it() -> None:
    quote = preview(BASIS.validate_json('{"method": "per_request", "requests_in_month": 45}'))
    assert quote.model_dump(mode="json") == {
        "amount_yuan": 5500,
        "tiers": [
            {"from": 1, "to": 10, "count": 10, "unit_yuan": 0, "amount_yuan": 0},
            {"from": 11, "to": 30, "count": 20, "unit_yuan": 100, "amount_yuan": 2000},
            {"from": 31, "to": 40, "count": 10, "unit_yuan": 200, "amount_yuan": 2000},
            {"from": 41, "to": 45, "count": 5, "unit_yuan": 300, "amount_yuan": 1500},
        ],
    }
    assert preview(BASIS.validate_json('{"method": "per_page", "pages": 101}')).amount_yuan == 720


@pytest.mark.parametrize(
    "body",
    [
        {"method": "per_page", "pages": 31, "requests_in_month": 11},
        {"method": "per_request", "pages": 31},
        {"method": "per_request", "requests_in_month": -1},
        {"method": "per_request", "requests_in_month": True},
        {"method": "per_request", "requests_in_month": "11"},
        {"method": "per_request", "requests_in_month": 11.0},
        {"method": "per_request", "requests_in_month": MAX_REQUESTS + 1},
        {"method": "per_page", "pages": 10**30},
        {"method": "both", "pages": 1},
        {"pages": 1},
    ],
)
def test_two_methods_at_once_and_senseless_quantities_are_refused(body: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        BASIS.validate_python(body)


_BASES = st.one_of(
    st.builds(PerRequest, requests_in_month=st.integers(0, MAX_REQUESTS)),
    st.builds(PerPage, pages=st.integers(0, MAX_PAGES)),
)


@given(_BASES)
def test_steps_are_adjacent_and_add_up(basis: PerRequest | PerPage) -> None:
    quote = preview(basis)
    quantity = basis.requests_in_month if isinstance(basis, PerRequest) else basis.pages
    assert sum(tier.count for tier in quote.tiers) == quantity
    assert sum(tier.amount_yuan for tier in quote.tiers) == quote.amount_yuan
    assert [tier.first for tier in quote.tiers] == [1, *(tier.last + 1 for tier in quote.tiers)][: len(quote.tiers)]
    assert all(tier.count == tier.last - tier.first + 1 for tier in quote.tiers)


@given(st.integers(1, 500))
def test_one_more_request_adds_exactly_its_own_price(nth: int) -> None:
    before = preview(PerRequest(requests_in_month=nth - 1)).amount_yuan
    assert preview(PerRequest(requests_in_month=nth)).amount_yuan - before == request_price(nth)


def test_there_is_no_request_before_the_first() -> None:
    with pytest.raises(ValueError, match="从1起算"):
        request_price(0)


@pytest.mark.parametrize(
    ("received_on", "first", "last"),
    [
        (date(2026, 3, 31), date(2026, 3, 1), date(2026, 3, 31)),
        (date(2028, 2, 1), date(2028, 2, 1), date(2028, 2, 29)),
        (date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 31)),
    ],
)
def test_a_request_counts_in_the_calendar_month_of_its_receipt(received_on: date, first: date, last: date) -> None:
    assert fee_month(received_on) == (first, last)


NOTICE = FeeNotice(
    amount_yuan=880,
    issued_on=date(2026, 3, 30),
    due_on=date(2026, 3, 30),
    states=frozenset(FeeNoticePart),
    sent_by=DeliveryMethod.EMAIL,
    wanted_by=DeliveryMethod.EMAIL,
    pages=109,
)


def test_a_notice_sent_on_the_last_day_with_all_its_parts_is_in_order() -> None:
    assert check_notice(NOTICE) == []
    assert check_notice(replace(NOTICE, pages=None, requests=range(11, 13), amount_yuan=200)) == []


@pytest.mark.parametrize(
    ("notice", "expected"),
    [
        (replace(NOTICE, requests=range(11, 12)), "只能选择一种"),
        (replace(NOTICE, pages=None), "只能选择一种"),
        (replace(NOTICE, amount_yuan=2180), "金额应为880元，通知为2180元"),
        (replace(NOTICE, pages=30, amount_yuan=300), "未超过免费额度"),
        (replace(NOTICE, pages=None, requests=range(9, 11), amount_yuan=100), "未超过免费额度"),
        (replace(NOTICE, kinds=[ReplyKind.GRANT_PUBLISHED]), "不按量计收"),
        (replace(NOTICE, issued_on=date(2026, 3, 31)), "处理期限内发出，期限为2026-03-30"),
        (replace(NOTICE, states=[FeeNoticePart.BASIS, FeeNoticePart.AMOUNT]), "没有载明收费标准、缴纳方式"),
        (replace(NOTICE, sent_by=DeliveryMethod.POST), "电子邮件"),
    ],
)
def test_each_fault_that_lost_cases_is_found_in_a_notice(notice: FeeNotice, expected: str) -> None:
    faults = check_notice(notice)
    assert len(faults) == 1
    assert expected in faults[0]
