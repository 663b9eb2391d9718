"""督办: demands and answers, lists of problems, and what lies behind requests."""

from typing import Annotated

from fastapi import Query, Response

from app.deps import CaseId, PlainId, Reading, Write, allow
from app.domain.commands import supervision as entries
from app.http.doors import Operations
from app.routers.figures import AgencyParam, PeriodParam, ScopeParam
from app.schemas.supervision import (
    BehindOut,
    CaseProblemList,
    CaseProblemOut,
    ProblemOut,
    ProblemPage,
    SupervisionOut,
    SupervisionPage,
    behind_out,
    case_problem_out,
    case_problems_out,
    problem_out,
    supervision_out,
)
from app.services import problems, supervisions
from app.services.figures import scope
from app.services.permissions import CASE_ROLES

router = Operations(tags=["supervision"])


@router.post(
    "/supervisions",
    summary="发出督办",
    response_model=SupervisionOut,
    status_code=201,
    **allow(*supervisions.SUPERVISORS),
)
def issue_supervision(demand: entries.Demand, write: Write) -> Response:
    """就一件案件，或者就一个机关的工作提出要求，并定回复期限；可以同时出示黄、红、黑牌。不改变案件的状态和法定期限。"""
    return write.answer(201, lambda desk: supervision_out(supervisions.issue(desk, demand)))


@router.get("/supervisions", summary="查询督办", **allow(*CASE_ROLES))
def list_supervisions(desk: Reading, query: Annotated[supervisions.Query, Query()]) -> SupervisionPage:
    """本机关收到的、发出的督办；督办员连同下级的。先到期的在前。"""
    found, total = supervisions.listing(desk, query)
    return SupervisionPage(items=[supervision_out(one) for one in found], total=total, page=query.page, size=query.size)


@router.get("/supervisions/{supervision_id}", summary="查看一项督办", **allow(*CASE_ROLES))
def get_supervision(supervision_id: PlainId, desk: Reading) -> SupervisionOut:
    """督办的要求、回复和审核意见。"""
    return supervision_out(supervisions.get(desk, supervision_id))


@router.post(
    "/supervisions/{supervision_id}/answer",
    summary="答复督办",
    response_model=SupervisionOut,
    **allow(*supervisions.ANSWERERS),
)
def answer_supervision(supervision_id: PlainId, given: entries.SupervisionAnswer, write: Write) -> Response:
    """由被督办的机关回复办理情况；被退回的，重新回复。"""
    return write.answer(200, lambda desk: supervision_out(supervisions.answer(desk, supervision_id, given)))


@router.post(
    "/supervisions/{supervision_id}/close",
    summary="审核督办回复",
    response_model=SupervisionOut,
    **allow(*supervisions.SUPERVISORS),
)
def close_supervision(supervision_id: PlainId, given: entries.SupervisionClosing, write: Write) -> Response:
    """由发出督办的机关认可并办结，或者写明意见退回重报。"""
    return write.answer(200, lambda desk: supervision_out(supervisions.close(desk, supervision_id, given)))


@router.post(
    "/problems", summary="登记问题", response_model=ProblemOut, status_code=201, **allow(*supervisions.SUPERVISORS)
)
def enter_problem(entry: entries.ProblemEntry, write: Write) -> Response:
    """把一个问题列入机关的问题清单，定整改期限。"""
    return write.answer(201, lambda desk: problem_out(problems.enter(desk, entry)))


@router.get("/problems", summary="查询问题清单", **allow(*CASE_ROLES))
def list_problems(desk: Reading, query: Annotated[problems.Query, Query()]) -> ProblemPage:
    """本机关的问题及其整改情况；督办员连同下级的。先到期的在前。"""
    found, total = problems.listing(desk, query)
    return ProblemPage(items=[problem_out(one) for one in found], total=total, page=query.page, size=query.size)


@router.post(
    "/problems/{problem_id}/rectify",
    summary="登记问题整改情况",
    response_model=ProblemOut,
    **allow(*problems.RECTIFIERS),
)
def rectify_problem(problem_id: PlainId, given: entries.ProblemRectification, write: Write) -> Response:
    """整改措施和状态。"""
    return write.answer(200, lambda desk: problem_out(problems.rectify(desk, problem_id, given)))


@router.post(
    "/cases/{case_id}/underlying-problems",
    summary="登记申请背后的现实问题",
    response_model=CaseProblemOut,
    status_code=201,
    **allow(*problems.TAGGERS),
)
def tag_case(case_id: CaseId, entry: entries.CaseProblemEntry, write: Write) -> Response:
    """标注这件申请背后的现实问题，以便推动解决；与答复无关，不是拒绝的理由。"""
    return write.answer(
        201, lambda desk: case_problem_out(desk, problems.tag(desk, case_id, entry, write.seen_version))
    )


@router.get("/cases/{case_id}/underlying-problems", summary="查看申请背后的现实问题", **allow(*CASE_ROLES))
def list_case_problems(case_id: CaseId, desk: Reading) -> CaseProblemList:
    """本案标注的现实问题及其推动情况。"""
    return case_problems_out(desk, case_id, problems.of_case(desk, case_id))


@router.post(
    "/underlying-problems/{problem_id}/follow-up",
    summary="登记现实问题的推动情况",
    response_model=CaseProblemOut,
    **allow(*problems.TAGGERS),
)
def follow_up_problem(problem_id: PlainId, given: entries.FollowUp, write: Write) -> Response:
    """推动解决的情况和进展。"""
    return write.answer(200, lambda desk: case_problem_out(desk, problems.follow_up(desk, problem_id, given)))


@router.get("/statistics/underlying-problems", summary="查看现实问题的分布", **allow(*CASE_ROLES))
def count_problems(
    desk: Reading, agency: AgencyParam = None, scope_: ScopeParam = "subtree", period: PeriodParam = None
) -> list[BehindOut]:
    """统计期内收到的申请背后是哪些现实问题，解决了多少。"""
    wanted = scope.of(desk, agency, scope_)
    return [behind_out(one) for one in problems.behind(desk, wanted, scope.period(desk, period))]
