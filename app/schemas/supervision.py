"""Supervisions, problems and what lies behind requests, as callers see them."""

import datetime as dt
from collections.abc import Sequence

from pydantic import Field

from app.domain.masking import Veil
from app.domain.shape import Shape
from app.domain.terms import (
    FollowUpStatus,
    Mark,
    ProblemSource,
    RectificationStatus,
    SupervisionStatus,
    UnderlyingProblem,
)
from app.models import CaseProblem
from app.services.desk import Desk
from app.services.persons import veil_of_case
from app.services.problems import Behind, Listed
from app.services.supervisions import Supervised


class SupervisionOut(Shape):
    """A demand to an agency and its answer."""

    id: int
    agency_code: str
    agency_name: str
    case_id: int | None
    case_no: str | None
    mark: Mark | None
    mark_label: str | None
    demand: str
    issued_on: dt.date
    answer_by: dt.date
    status: SupervisionStatus
    status_label: str
    late: bool = Field(description="逾期未回复")
    answer: str | None
    answered_on: dt.date | None
    opinion: str | None
    closed_on: dt.date | None


class SupervisionPage(Shape):
    items: list[SupervisionOut]
    total: int
    page: int
    size: int


class ProblemOut(Shape):
    """One line of a list of problems."""

    id: int
    agency_code: str
    agency_name: str
    case_id: int | None
    case_no: str | None
    source: ProblemSource
    source_label: str
    title: str
    detail: str | None
    found_on: dt.date
    rectify_by: dt.date
    status: RectificationStatus
    status_label: str
    late: bool = Field(description="逾期未完成整改")
    measures: str | None
    rectified_on: dt.date | None


class ProblemPage(Shape):
    items: list[ProblemOut]
    total: int
    page: int
    size: int


class CaseProblemOut(Shape):
    """A real problem behind a request."""

    id: int
    case_id: int
    problem: UnderlyingProblem
    problem_label: str
    note: str | None
    status: FollowUpStatus
    status_label: str
    follow_up: str | None
    follow_up_by: dt.date | None
    followed_on: dt.date | None


class CaseProblemList(Shape):
    items: list[CaseProblemOut]


class BehindOut(Shape):
    """How often one problem stands behind requests."""

    problem: UnderlyingProblem
    problem_label: str
    cases: int
    solved: int = Field(description="已解决或者已说明无法解决")
    open: int


def supervision_out(found: Supervised) -> SupervisionOut:
    row = found.row
    same = ("id", "case_id", "mark", "demand", "issued_on", "answer_by", "status", "answer", "answered_on", "opinion")
    return SupervisionOut(
        **found.veil.over_all({name: getattr(row, name) for name in (*same, "closed_on")}),
        agency_code=found.agency.code,
        agency_name=found.agency.name,
        case_no=found.case_no,
        mark_label=row.mark.label if row.mark else None,
        status_label=row.status.label,
        late=found.late,
    )


def problem_out(found: Listed) -> ProblemOut:
    row = found.row
    same = (
        "id",
        "case_id",
        "source",
        "title",
        "detail",
        "found_on",
        "rectify_by",
        "status",
        "measures",
        "rectified_on",
    )
    return ProblemOut(
        **found.veil.over_all({name: getattr(row, name) for name in same}),
        agency_code=found.agency.code,
        agency_name=found.agency.name,
        case_no=found.case_no,
        source_label=row.source.label,
        status_label=row.status.label,
        late=found.late,
    )


def case_problem_out(desk: Desk, row: CaseProblem) -> CaseProblemOut:
    return case_problems_out(desk, row.case_id, [row]).items[0]


def case_problems_out(desk: Desk, case_id: int, rows: Sequence[CaseProblem]) -> CaseProblemList:
    veil = veil_of_case(desk, case_id)
    return CaseProblemList(items=[_tagged(row, veil) for row in rows])


def _tagged(row: CaseProblem, veil: Veil) -> CaseProblemOut:
    same = ("id", "case_id", "problem", "note", "status", "follow_up", "follow_up_by", "followed_on")
    return CaseProblemOut(
        **veil.over_all({name: getattr(row, name) for name in same}),
        problem_label=row.problem.label,
        status_label=row.status.label,
    )


def behind_out(found: Behind) -> BehindOut:
    return BehindOut(
        problem=found.problem,
        problem_label=found.problem.label,
        cases=found.cases,
        solved=found.solved,
        open=found.open,
    )
