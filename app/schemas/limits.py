"""The limits and the questions the law leaves open, as callers see them."""

import datetime as dt

from pydantic import Field

from app.domain.limits import LIMITS, OPEN_QUESTIONS
from app.domain.shape import Shape
from app.domain.terms import Unit


class LimitOut(Shape):
    """One limit and the article it comes from."""

    code: str
    label: str
    length: int
    unit: Unit
    unit_label: str
    article: str
    verified: bool = Field(description="长度和条文核对过原文；否则是系统默认，不是法律规定")
    effective_from: dt.date
    effective_verified: bool = Field(description="施行日期核对过来源")
    note: str


class OpenQuestionOut(Shape):
    """A point on which the law is silent."""

    setting: str
    label: str
    default: str
    note: str


class LimitList(Shape):
    items: list[LimitOut]
    open_questions: list[OpenQuestionOut] = Field(description="法律没有明文的计算口径，由机关设定")


def limit_list() -> LimitList:
    return LimitList(
        items=[
            LimitOut(
                code=limit.code,
                label=limit.label,
                length=limit.length,
                unit=limit.unit,
                unit_label=limit.unit.label,
                article=limit.article,
                verified=limit.verified,
                effective_from=limit.effective_from,
                effective_verified=limit.dated,
                note=limit.note,
            )
            for limit in LIMITS.values()
        ],
        open_questions=[
            OpenQuestionOut(setting=asked.setting, label=asked.label, default=asked.default, note=asked.note)
            for asked in OPEN_QUESTIONS
        ],
    )
