"""Assistance between agencies as either side sees it."""

import datetime as dt

from pydantic import Field

from app.domain.masking import Veil
from app.domain.shape import Shape
from app.models import Assistance
from app.services import clocks

NOBODY_KNOWN = Veil(())
"""For the agency that was asked: it does not see who applied, and masks what looks like a number."""


class AssistanceOut(Shape):
    id: int
    question: str
    asked_at: dt.datetime
    answer_by: dt.date
    answer: str | None
    answered_at: dt.datetime | None
    answered_by: str | None


class AssistanceList(Shape):
    items: list[AssistanceOut] = Field(description="按先后")


def assistance_out(row: Assistance, veil: Veil = NOBODY_KNOWN) -> AssistanceOut:
    return AssistanceOut(
        id=row.id,
        question=veil.over(row.question),
        asked_at=clocks.in_shanghai(row.asked_at),
        answer_by=row.answer_by,
        answer=veil.over_all(row.answer),
        answered_at=clocks.in_shanghai(row.answered_at) if row.answered_at else None,
        answered_by=row.answered_by,
    )
