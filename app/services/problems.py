"""Lists of problems (问题清单) with their rectification, and the real problems behind requests with their follow-up."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field
from sqlalchemy import Row, Select, func, select

from app.domain.commands import PLAIN, Strict
from app.domain.commands.supervision import CaseProblemEntry, FollowUp, ProblemEntry, ProblemRectification
from app.domain.masking import Veil
from app.domain.period import Period
from app.domain.terms import FollowUpStatus, ProblemSource, RectificationStatus, Role, UnderlyingProblem
from app.errors import NotFound
from app.models import Agency, Case, CaseProblem, Problem
from app.services import files, journal, persons
from app.services.desk import Desk
from app.services.documents import refuse_erased
from app.services.figures.scope import Scope
from app.services.supervisions import agency_of, invalid
from app.services.visibility import visible_cases, visible_rows

TAGGERS = (Role.INTAKE_CLERK, Role.HANDLER, Role.REVIEWER, Role.AGENCY_SUPERVISOR)
_WAITING = frozenset({RectificationStatus.OPEN, RectificationStatus.IN_PROGRESS})
RECTIFIERS = (Role.HANDLER, Role.INTAKE_CLERK, Role.APPROVER, Role.AGENCY_SUPERVISOR, Role.CITY_SUPERVISOR)


class Query(Strict):
    """What a list of problems is narrowed to."""

    agency: str | None = Field(None, max_length=64, description="机关代码")
    status: RectificationStatus | None = Field(None, description="整改状态")
    source: ProblemSource | None = Field(None, description="问题来源")
    page: Annotated[int, Field(ge=1, le=10_000), PLAIN] = Field(1, description="第几页")
    size: Annotated[int, Field(ge=1, le=500), PLAIN] = Field(50, description="每页条数")


_Found = Row[Problem, Agency, str | None] | tuple[Problem, Agency, str | None]


@dataclass(frozen=True, slots=True)
class Listed:
    """A problem with its agency."""

    row: Problem
    agency: Agency
    case_no: str | None
    late: bool
    veil: Veil


@dataclass(frozen=True, slots=True)
class Behind:
    """How often one real problem stands behind requests, and how far it was taken up."""

    problem: UnderlyingProblem
    cases: int
    solved: int
    open: int


def enter(desk: Desk, entry: ProblemEntry) -> Listed:
    """Put a problem on an agency's list. Raises NotFound, Invalid."""
    agency = agency_of(desk, entry.agency_code)
    case = files.open_file(desk, entry.case_id).case if entry.case_id else None
    if case is not None and case.agency_id != agency.id:
        raise invalid("case_id", "这件案件不属于该机关")
    if case is not None:
        refuse_erased(case)
    found_on = entry.found_on or desk.today
    if found_on > desk.today:
        raise invalid("found_on", "发现之日不能晚于今天")
    if entry.rectify_by < found_on:
        raise invalid("rectify_by", "整改期限不能早于发现之日")
    row = Problem(
        agency_id=agency.id,
        case_id=entry.case_id,
        source=entry.source,
        title=entry.title,
        detail=entry.detail,
        found_on=found_on,
        found_by=desk.actor.name,
        rectify_by=entry.rectify_by,
        status=RectificationStatus.OPEN,
        updated_at=desk.now,
    )
    desk.session.add(row)
    desk.session.flush()
    _record(desk, row, "problem_entered", "登记问题")
    return _all(desk, [(row, agency, case.case_no if case else None)])[0]


def rectify(desk: Desk, problem_id: int, given: ProblemRectification) -> Listed:
    """Say how far a problem has been put right; the agency concerned, or a supervisor above it."""
    found = desk.session.execute(
        _visible(desk).where(Problem.id == problem_id).with_for_update(of=Problem)
    ).one_or_none()
    if found is None:
        raise NotFound
    row, agency, case_no = found
    _refuse_erased(desk, row.case_id)
    row.status = given.status
    row.measures = given.measures or row.measures
    row.rectified_on = desk.today if given.status is RectificationStatus.DONE else None
    row.updated_at = desk.now
    desk.session.flush()
    _record(desk, row, "problem_rectified", "登记问题整改情况")
    return _all(desk, [(row, agency, case_no)])[0]


def listing(desk: Desk, query: Query) -> tuple[list[Listed], int]:
    """Return one page of the problems the caller may see, and how many there are."""
    wanted = _visible(desk)
    if query.agency:
        wanted = wanted.where(Agency.code == query.agency)
    if query.status:
        wanted = wanted.where(Problem.status == query.status)
    if query.source:
        wanted = wanted.where(Problem.source == query.source)
    total = desk.session.scalar(select(func.count()).select_from(wanted.with_only_columns(Problem.id).subquery()))
    page = wanted.order_by(Problem.rectify_by, Problem.id).limit(query.size).offset((query.page - 1) * query.size)
    return _all(desk, desk.session.execute(page).all()), total or 0


def _visible(desk: Desk) -> Select[Problem, Agency, str | None]:
    """Select the problems of the caller's agency, and for supervisors of all below."""
    return (
        select(Problem, Agency, Case.case_no)
        .join(Agency, Agency.id == Problem.agency_id)
        .outerjoin(Case, Case.id == Problem.case_id)
        .where(visible_rows(desk.actor, Problem.agency_id.expression))
    )


def _all(desk: Desk, rows: Sequence[_Found]) -> list[Listed]:
    veils = persons.veils_of(desk, (row.case_id for row, _, _ in rows))
    return [
        Listed(row, agency, case_no, row.status in _WAITING and row.rectify_by < desk.today, veils[row.case_id])
        for row, agency, case_no in rows
    ]


def _refuse_erased(desk: Desk, case_id: int | None) -> None:
    if case_id is not None and (case := desk.session.get(Case, case_id)) is not None:
        refuse_erased(case)


def _record(desk: Desk, row: Problem, act: str, label: str) -> None:
    data = {"problem_id": row.id, "status": row.status.value}
    journal.record(desk, act, label, agency_id=row.agency_id, data=data)


def tag(desk: Desk, case_id: int, entry: CaseProblemEntry, seen_version: int | None = None) -> CaseProblem:
    """Say what a request is really about. Raises NotFound, StaleVersion."""
    case = files.open_file(desk, case_id).case
    files.require_version(case, seen_version)
    refuse_erased(case)
    row = CaseProblem(
        case_id=case.id,
        problem=entry.problem,
        note=entry.note,
        status=FollowUpStatus.OPEN,
        follow_up_by=entry.follow_up_by,
        tagged_at=desk.now,
        tagged_by=desk.actor.name,
    )
    desk.session.add(row)
    desk.session.flush()
    journal.record(desk, "problem_tagged", "标注现实问题", case=case, data={"problem": entry.problem.value})
    return row


def follow_up(desk: Desk, tag_id: int, given: FollowUp) -> CaseProblem:
    """Say what was done about the problem behind a request. Raises NotFound."""
    row = desk.session.scalar(
        select(CaseProblem)
        .join(Case, Case.id == CaseProblem.case_id)
        .where(CaseProblem.id == tag_id, visible_cases(desk.actor))
        .with_for_update(of=CaseProblem)
    )
    if row is None:
        raise NotFound
    _refuse_erased(desk, row.case_id)
    row.status, row.follow_up, row.followed_on = given.status, given.follow_up, desk.today
    case = desk.session.get_one(Case, row.case_id)
    journal.record(desk, "problem_followed", "推动解决现实问题", case=case, data={"status": given.status.value})
    return row


def of_case(desk: Desk, case_id: int) -> Sequence[CaseProblem]:
    """List the problems tagged on a case."""
    files.open_file(desk, case_id)
    return desk.session.scalars(
        select(CaseProblem).where(CaseProblem.case_id == case_id).order_by(CaseProblem.id)
    ).all()


def behind(desk: Desk, scope: Scope, period: Period) -> list[Behind]:
    """Count what stands behind the requests received in the period, most frequent first."""
    solved = CaseProblem.status.in_((FollowUpStatus.SOLVED, FollowUpStatus.NOT_SOLVABLE))
    rows = desk.session.execute(
        select(
            CaseProblem.problem, func.count(CaseProblem.case_id.distinct()),
            func.count().filter(solved), func.count().filter(~solved),
        )
        .join(Case, Case.id == CaseProblem.case_id)
        .where(scope.requests(), Case.received_on.between(period.first, period.last))
        .group_by(CaseProblem.problem)
    )  # fmt: skip
    return sorted((Behind(*row) for row in rows), key=lambda one: (-one.cases, one.problem))
