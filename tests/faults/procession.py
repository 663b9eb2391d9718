"""The acts of one case from registration to the archive, each by the person whose turn it is."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.town import CONCLUSION, application


@dataclass(frozen=True, slots=True)
class Step:
    """One act: who takes it, and what is sent."""

    who: str
    action: str
    body: dict[str, Any]

    def path(self, case_id: int | None) -> str:
        return "/cases" if case_id is None else f"/cases/{case_id}/{self.action}"


@dataclass(frozen=True, slots=True)
class Deed:
    """One act on one case under one `Idempotency-Key`, however often it is tried."""

    key: str
    who: str
    action: str
    path: str
    body: dict[str, Any]
    case: str  # the case it belongs to, by the caller's own name


def steps(now: dt.datetime) -> Sequence[Step]:
    """List the acts; all on one day, which the law allows and which needs no clock of the test's own."""
    return (
        Step("dengji", "register", application(submitted_at=now.isoformat())),
        Step("dengji", "accept", {}),
        Step("dengji", "assign", {"handler": "jingban", "opinion": "请办理"}),
        Step("lingdao", "extend", {"workdays": 5, "reason": "需调阅历年档案"}),
        Step("jingban", "notify_fee", {"method": "per_page", "pages": 101, "payment": "网上缴纳", "sent_by": "post"}),
        Step("jingban", "record_fee_delivery", {"proof_ref": "EX0"}),
        Step("dengji", "record_payment", {"amount_yuan": 720, "receipt_no": "37060026000123"}),
        Step("jingban", "submit", {"conclusions": [CONCLUSION]}),
        Step("shenhe", "endorse", {"opinion": "同意"}),
        Step("baomi", "review_secrecy", {"cleared": True, "opinion": "可以公开"}),
        Step("lingdao", "sign", {}),
        Step("jingban", "deliver", {"method": "post", "carrier": "中国邮政", "tracking_no": "EX1"}),
        Step("jingban", "confirm_delivery", {"proof": "postal_receipt", "proof_ref": "EX1"}),
        Step("guidang", "archive", {"volume_no": "2026-YSQ-1"}),
    )


ACTS = 14
"""How many acts a case has here."""

ROWS = {
    "register": ("applicants", "case_texts"),
    "submit": ("drafts",),
    "endorse": ("reviews",),
    "review_secrecy": ("reviews",),
    "sign": ("replies", "reviews"),
    "notify_fee": ("fees",),
    "deliver": ("deliveries",),
}
"""Rows that must come and go with the journal's row of an act: one in each of these tables, by the case's id."""
