"""Assistance between agencies as either side sees it."""

import datetime as dt

from pydantic import BaseModel, Field

from app.models import Assistance
from app.services import clocks


class AssistanceOut(BaseModel):
    id: int
    question: str
    asked_at: dt.datetime
    answer_by: dt.date
    answer: str | None
    answered_at: dt.datetime | None
    answered_by: str | None


class AssistanceList(BaseModel):
    items: list[AssistanceOut] = Field(description="按先后")


def assistance_out(row: Assistance) -> AssistanceOut:
    return AssistanceOut(
        id=row.id,
        question=row.question,
        asked_at=clocks.in_shanghai(row.asked_at),
        answer_by=row.answer_by,
        answer=row.answer,
        answered_at=clocks.in_shanghai(row.answered_at) if row.answered_at else None,
        answered_by=row.answered_by,
    )
