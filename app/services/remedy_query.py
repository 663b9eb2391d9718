"""What a list of remedies is narrowed to."""

from typing import Annotated

from pydantic import Field
from sqlalchemy import ColumnElement

from app.domain.acts import LegalDay
from app.domain.commands import PLAIN, Strict
from app.domain.terms import CheckCode, RectificationStatus, RemedyKind, RemedyOutcome
from app.models import Agency, Remedy


class Query(Strict):
    """What a list of remedies is narrowed to."""

    agency: str | None = Field(None, max_length=64, description="机关代码")
    kind: RemedyKind | None = Field(None, description="种类")
    result: RemedyOutcome | None = Field(None, description="结果")
    cause: CheckCode | None = Field(None, description="败因")
    rectification: RectificationStatus | None = Field(None, description="整改状态")
    waiting: bool | None = Field(None, description="true 只看还有事项待办的，false 只看没有的")
    filed_from: LegalDay | None = Field(None, description="提出之日自")
    filed_to: LegalDay | None = Field(None, description="提出之日至")
    page: Annotated[int, Field(ge=1, le=10_000), PLAIN] = Field(1, description="第几页")
    size: Annotated[int, Field(ge=1, le=100), PLAIN] = Field(20, description="每页件数")


def conditions(query: Query) -> list[ColumnElement[bool]]:
    """Build the conditions of a list."""
    found: list[ColumnElement[bool] | None] = [
        Agency.code == query.agency if query.agency else None,
        Remedy.kind == query.kind if query.kind else None,
        Remedy.result == query.result if query.result else None,
        Remedy.cause == query.cause if query.cause else None,
        Remedy.rectification == query.rectification if query.rectification else None,
        Remedy.filed_on >= query.filed_from if query.filed_from else None,
        Remedy.filed_on <= query.filed_to if query.filed_to else None,
    ]
    if query.waiting is not None:
        found.append(Remedy.next_on.is_not(None) if query.waiting else Remedy.next_on.is_(None))
    return [condition for condition in found if condition is not None]
