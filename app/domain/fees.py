"""The information-processing fee (条例第42条、国办函〔2020〕109号), in whole yuan.

By request or by page, never both for one request. Only what exceeds the free allowance is charged, each step at its own
price. Whether to charge at all is the agency's choice (行政机关可以收取).

Read in the law or in a published tariff: both free allowances, 100 yuan from the 11th request, “每增加一档提高100元”,
the four page steps. From common practice: that the 31st to 40th request cost 200 yuan each (`FROM_PRACTICE`).
"""

from calendar import monthrange
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from app.domain.shape import Shape
from app.domain.terms import DeliveryMethod, FeeMethod, FeeNoticePart, ReplyKind

MAX_REQUESTS = 10_000
"""Most requests in one quote: every ten of them are a row of the answer."""

MAX_PAGES = 1_000_000

FROM_PRACTICE = (
    "第31至40件每件200元，系对“每增加一档提高100元”的通常理解",
    "告知已主动公开获取途径的，不按量计收",
    "按量计收时逐件计页，A4及以下幅面单面为一页，多件不累加",
)
"""Readings of the fee rules that rest on practice; show them as the agency's setting, not as law."""

_FREE_REQUESTS = 10
_FLAT_REQUESTS = 30
_REQUESTS_PER_STEP = 10
_YUAN_PER_STEP = 100

_PAGE_STEPS = ((30, 0), (100, 10), (200, 20), (MAX_PAGES, 40))
"""Last page of each step and its price (收费办法第5条)."""


class PerRequest(Shape):
    """按件: what one applicant asked of one agency within one calendar month (收费办法第4条)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: Literal[FeeMethod.PER_REQUEST] = FeeMethod.PER_REQUEST
    requests_in_month: Annotated[
        int, Field(strict=True, ge=0, le=MAX_REQUESTS, description="同一申请人同一自然月内的累计件数", examples=[45])
    ]


class PerPage(Shape):
    """按量: the pages of one request; those of several requests are not added up (收费办法第5条)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: Literal[FeeMethod.PER_PAGE] = FeeMethod.PER_PAGE
    pages: Annotated[
        int, Field(strict=True, ge=0, le=MAX_PAGES, description="单件申请的页数，A4及以下单面为一页", examples=[101])
    ]


FeeBasis = Annotated[PerRequest | PerPage, Field(discriminator="method")]
"""Body of the preview: one method with its own quantity, so that both together cannot be said (收费办法第3条)."""


class FeeTier(Shape):
    """One step of the tariff as far as the quantity reaches into it; bounds are inclusive."""

    model_config = ConfigDict(frozen=True, validate_by_name=True, serialize_by_alias=True)

    first: int = Field(alias="from")
    last: int = Field(alias="to")
    count: int
    unit_yuan: int
    amount_yuan: int


class FeeQuote(Shape):
    """The fee and how it adds up; the free step is listed at 0 yuan."""

    model_config = ConfigDict(frozen=True)

    amount_yuan: int
    tiers: tuple[FeeTier, ...]


def preview(basis: PerRequest | PerPage) -> FeeQuote:
    """What the whole quantity costs, step by step."""
    if isinstance(basis, PerRequest):
        tiers = tuple(_tiers(_request_steps(), basis.requests_in_month))
    else:
        tiers = tuple(_tiers(iter(_PAGE_STEPS), basis.pages))
    return FeeQuote(amount_yuan=sum(tier.amount_yuan for tier in tiers), tiers=tiers)


BASIS = "《中华人民共和国政府信息公开条例》第四十二条、《政府信息公开信息处理费管理办法》（国办函〔2020〕109号）。"
STANDARD = {
    FeeMethod.PER_PAGE: (
        "30页以下（含30页）的，不收费；31—100页（含100页）的部分，10元/页；101—200页（含200页）的部分，20元/页；"
        "201页以上的部分，40元/页。"
    ),
    FeeMethod.PER_REQUEST: (
        "每月10件以下（含10件）的，不收费；11—30件（含30件）的部分，100元/件；31件以上的部分，以10件为一档，"
        "每增加一档，收费标准提高100元/件。"
    ),
}


@dataclass(frozen=True, slots=True)
class Charge:
    """What one fee notice asks for, as reckoned on the day it was sent; `quantity` is pages, or the request's place."""

    method: FeeMethod
    quantity: int
    amount_yuan: int
    basis: str
    standard: str
    working: tuple[str, ...]


def reckon(method: FeeMethod, quantity: int) -> Charge:
    """Charge one request: for its pages, or for being the `quantity`-th of its applicant in the calendar month."""
    if method is FeeMethod.PER_PAGE:
        quote = preview(PerPage(pages=quantity))
        amount = quote.amount_yuan
        working = tuple(
            f"第{tier.first}页至第{tier.last}页，{tier.count}页×{tier.unit_yuan}元＝{tier.amount_yuan}元"
            for tier in quote.tiers
            if tier.count
        )
    else:
        amount = request_price(quantity)
        working = (f"本申请是同一申请人在该自然月内向本机关提出的第{quantity}件，适用{amount}元/件",)
    return Charge(method, quantity, amount, BASIS, STANDARD[method], working)


def request_price(nth: int) -> int:
    """Yuan for the `nth` request of an applicant in a calendar month, counted from 1 (收费办法第4条)."""
    if nth < 1:
        raise ValueError("件数从1起算")
    if nth <= _FREE_REQUESTS:
        return 0
    if nth <= _FLAT_REQUESTS:
        return _YUAN_PER_STEP
    return _YUAN_PER_STEP * ((nth - _FLAT_REQUESTS - 1) // _REQUESTS_PER_STEP + 2)


def fee_month(received_on: date) -> tuple[date, date]:
    """First and last day of the calendar month a request counts in: that of its receipt, not of its correction."""
    last = monthrange(received_on.year, received_on.month)[1]
    return received_on.replace(day=1), received_on.replace(day=last)


@dataclass(frozen=True, slots=True)
class FeeNotice:
    """A fee notice about to be sent.

    `requests` are the month's numbers the request takes, several where it was split (一事一申请): range(11, 13) for the
    11th and 12th. Exactly one of `requests` and `pages` is given.
    """

    amount_yuan: int
    issued_on: date
    due_on: date
    states: Collection[FeeNoticePart]
    sent_by: DeliveryMethod
    wanted_by: DeliveryMethod
    requests: range | None = None
    pages: int | None = None
    kinds: Collection[ReplyKind] = ()


def check_notice(notice: FeeNotice) -> list[str]:
    """What is wrong with a fee notice, in Chinese; empty when nothing is (K26)."""
    faults: list[str] = []
    if (notice.requests is None) == (notice.pages is None):
        faults.append("按件、按量只能选择一种计收（国办函〔2020〕109号第3条）")
    else:
        expected = _charge(notice)
        if expected == 0:
            faults.append("未超过免费额度，不得收费")
        elif notice.amount_yuan != expected:
            faults.append(f"金额应为{expected}元，通知为{notice.amount_yuan}元")
    if notice.pages is not None and ReplyKind.GRANT_PUBLISHED in notice.kinds:
        faults.append("告知已主动公开获取途径的，不按量计收")
    if notice.issued_on > notice.due_on:
        faults.append(f"收费通知应当在处理期限内发出，期限为{notice.due_on:%Y-%m-%d}")
    if missing := [part.label for part in FeeNoticePart if part not in notice.states]:
        faults.append(f"收费通知没有载明{'、'.join(missing)}")
    if notice.sent_by is not notice.wanted_by:
        faults.append(f"收费通知应当按申请人获取信息的途径（{notice.wanted_by.label}）送达")
    return faults


def _charge(notice: FeeNotice) -> int:
    if notice.requests is not None:
        return sum(request_price(nth) for nth in notice.requests)
    return preview(PerPage(pages=notice.pages or 0)).amount_yuan


def _request_steps() -> Iterator[tuple[int, int]]:
    yield _FREE_REQUESTS, 0
    last = _FLAT_REQUESTS
    while True:
        yield last, request_price(last)
        last += _REQUESTS_PER_STEP


def _tiers(steps: Iterator[tuple[int, int]], quantity: int) -> Iterator[FeeTier]:
    first = 1
    while first <= quantity:
        end, unit = next(steps)
        last = min(end, quantity)
        count = last - first + 1
        yield FeeTier(first=first, last=last, count=count, unit_yuan=unit, amount_yuan=count * unit)
        first = last + 1
