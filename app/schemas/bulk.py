"""Many applications in one request: each is judged by itself, so that one that is malformed does not refuse the others."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from app.domain.application import Application
from app.domain.commands import Strict
from app.domain.shape import Shape
from app.domain.terms import RowResult, State
from app.schemas.reasons import ProblemReason
from app.services.intake import Registered

MOST = 500


@dataclass(frozen=True, slots=True)
class Unfit:
    """What stood where an application should; `errors` are pydantic's, without the input."""

    errors: Sequence[Mapping[str, Any]]


def _or_why_not(value: Any, read: ValidatorFunctionWrapHandler) -> Application | Unfit:
    try:
        application: Application = read(value)
    except ValidationError as error:
        return Unfit(error.errors(include_input=False, include_url=False))
    return application


class Batch(Strict):
    """Applications to register together."""

    applications: list[Annotated[Application, WrapValidator(_or_why_not)]] = Field(
        min_length=1, max_length=MOST, description="逐件的申请，与登记一件申请相同"
    )


class BatchRow(Shape):
    """What became of one application."""

    row: int = Field(description="第几件，从1起")
    result: RowResult
    result_label: str
    external_no: str | None
    id: int | None = Field(description="案件的 id；退回的为空")
    case_no: str | None
    version: int | None
    state: State | None
    received_on: dt.date | None
    due_on: dt.date | None
    query_code: str | None = Field(description="新登记的案件的查询码，只在登记时给出一次")
    reasons: list[ProblemReason] = Field(description="退回的逐条理由")


class BatchResult(Shape):
    """Every row's fate, in the order of the request."""

    created: int
    existing: int
    refused: int
    items: list[BatchRow]


def batch_result(rows: Sequence[Registered]) -> BatchResult:
    counts = {result: sum(row.result is result for row in rows) for result in RowResult}
    return BatchResult(
        created=counts[RowResult.CREATED],
        existing=counts[RowResult.EXISTING],
        refused=counts[RowResult.REFUSED],
        items=[_row(number, row) for number, row in enumerate(rows, 1)],
    )


def _row(number: int, row: Registered) -> BatchRow:
    case = row.file.case if row.file else None
    return BatchRow(
        row=number,
        result=row.result,
        result_label=row.result.label,
        external_no=row.external_no,
        id=case.id if case else None,
        case_no=case.case_no if case else None,
        version=case.version if case else None,
        state=case.state if case else None,
        received_on=case.received_on if case else None,
        due_on=case.due_on if case else None,
        query_code=row.query_code,
        reasons=[ProblemReason.model_validate(dict(reason)) for reason in row.reasons],
    )
