"""主动公开: from what is asked for again and again to what everybody can have."""

from typing import Annotated

from fastapi import Query, Response
from pydantic import Field

from app.deps import CaseId, PlainId, Reading, Write, allow
from app.domain.commands import PLAIN
from app.domain.commands import publication as entries
from app.domain.terms import Scope
from app.http.doors import Operations
from app.routers.figures import AgencyParam, ScopeParam
from app.schemas.publications import (
    CandidateList,
    DocumentPage,
    EffectList,
    EvaluationOut,
    EvaluationPage,
    HintsOut,
    PublishedDocumentOut,
    SuggestionList,
    SuggestionResult,
    candidate_out,
    document_out,
    effect_out,
    evaluation_out,
    hints_out,
    suggestion_result,
    suggestions_out,
)
from app.services import candidates, publications, similar, suggestions
from app.services.figures import scope
from app.services.permissions import CASE_ROLES

router = Operations(tags=["publications"])


@router.get("/cases/{case_id}/similar", summary="查看相似、重复的申请", **allow(*CASE_ROLES))
def list_similar(case_id: CaseId, desk: Reading) -> HintsOut:
    """同一机关的相似申请及其相似度（去除套话后比较，文号相同为100），是否同一申请人，以及已经主动公开的同一信息。

    只是提示：是否属于重复申请（条例第36条第（六）项）由人判断，系统不自动拒绝。
    """
    return hints_out(similar.of_case(desk, case_id))


@router.post(
    "/catalogue",
    summary="登记文件的公开属性",
    response_model=PublishedDocumentOut,
    status_code=201,
    **allow(*publications.EDITORS),
)
def enter_document(entry: entries.DocumentEntry, write: Write) -> Response:
    """把一份文件列入目录：此件公开发布、不公开、依申请公开、删减后公开；不主动公开的必须说明理由。"""
    return write.answer(201, lambda desk: document_out(publications.enter(desk, entry)))


@router.get("/catalogue", summary="查询文件目录", **allow(*CASE_ROLES))
def list_documents_of_agency(desk: Reading, query: Annotated[publications.Query, Query()]) -> DocumentPage:
    """文件及其公开属性和理由；`review_due=true` 只看到期应当评估审查的（条例第18条）。"""
    found, total = publications.catalogue(desk, query)
    return DocumentPage(items=[document_out(one) for one in found], total=total, page=query.page, size=query.size)


@router.post(
    "/catalogue/{document_id}/attribute",
    summary="更改文件的公开属性",
    response_model=PublishedDocumentOut,
    **allow(*publications.DECIDERS),
)
def change_attribute(document_id: PlainId, given: entries.Attribution, write: Write) -> Response:
    """更改公开属性并说明理由，同时重定下一次评估审查之日。"""
    return write.answer(200, lambda desk: document_out(publications.attribute(desk, document_id, given)))


@router.get("/evaluations/candidates", summary="查看应当评估的信息", **allow(*CASE_ROLES))
def list_candidates(
    desk: Reading,
    agency: AgencyParam = None,
    scope_: ScopeParam = "subtree",
    limit: Annotated[int, Field(ge=1, le=200), PLAIN, Query(description="每类最多多少项")] = 20,
) -> CandidateList:
    """两年内有两个以上申请人申请、尚未评估的信息（条例第44条第1款），和到期应当评估审查的不予公开文件（条例第18条）。"""
    wanted = scope.of(desk, agency, scope_)
    return CandidateList(items=[candidate_out(one) for one in candidates.of(desk, wanted, limit)])


@router.post(
    "/evaluations",
    summary="要求评估能否主动公开",
    response_model=EvaluationOut,
    status_code=201,
    **allow(*publications.EDITORS),
)
def open_evaluation(entry: entries.EvaluationEntry, write: Write) -> Response:
    """对被多次申请的信息、申请人建议公开的信息或者到期的不予公开文件，提出一项评估任务。"""
    return write.answer(201, lambda desk: evaluation_out(publications.propose(desk, entry)))


@router.get("/evaluations", summary="查询公开评估", **allow(*CASE_ROLES))
def list_evaluations(desk: Reading, query: Annotated[publications.EvaluationQuery, Query()]) -> EvaluationPage:
    """评估任务及其决定、发布期限和发布情况，新提出的在前。"""
    found, total = publications.evaluations(desk, query)
    return EvaluationPage(items=[evaluation_out(one) for one in found], total=total, page=query.page, size=query.size)


@router.post(
    "/evaluations/{evaluation_id}/decide",
    summary="作出公开评估决定",
    response_model=EvaluationOut,
    **allow(*publications.DECIDERS),
)
def decide_evaluation(evaluation_id: PlainId, decision: entries.EvaluationDecision, write: Write) -> Response:
    """决定公开或者删减后公开的，20个工作日内发布；维持不公开的说明理由，并定下一次评估审查之日（条例第18条、第26条、第44条）。"""
    return write.answer(200, lambda desk: evaluation_out(publications.decide(desk, evaluation_id, decision)))


@router.post(
    "/evaluations/{evaluation_id}/publish",
    summary="登记已经主动公开",
    response_model=EvaluationOut,
    **allow(*publications.EDITORS),
)
def publish_evaluated(evaluation_id: PlainId, publication: entries.Publication, write: Write) -> Response:
    """登记发布的网址和日期；此后有人申请同一信息的，提交之前即提示该网址。"""
    return write.answer(200, lambda desk: evaluation_out(publications.publish(desk, evaluation_id, publication)))


@router.post(
    "/intake/suggestions",
    summary="查询拟申请的信息是否已经公开",
    response_model=SuggestionList,
    **allow(*suggestions.OFFERERS, scope=Scope.REGISTER),
)
def suggest(sought: entries.Sought, write: Write) -> Response:
    """提交申请之前，提示已经主动公开的同一信息及其网址；不记录是谁、要申请什么，也不影响提交申请。"""
    return write.answer(200, lambda desk: suggestions_out(suggestions.offer(desk, sought)))


@router.post(
    "/intake/suggestions/{suggestion_id}/outcome",
    summary="登记提示的结果",
    response_model=SuggestionResult,
    **allow(*suggestions.OFFERERS, scope=Scope.REGISTER),
)
def conclude_suggestion(suggestion_id: PlainId, given: entries.Outcome, write: Write) -> Response:
    """申请人看了提示之后：已获取、不再申请，还是仍然提交申请。用于衡量主动公开的效果。"""
    return write.answer(200, lambda desk: suggestion_result(suggestions.conclude(desk, suggestion_id, given)))


@router.get("/statistics/publications", summary="查看主动公开的效果", **allow(*CASE_ROLES))
def list_effects(desk: Reading, agency: AgencyParam = None, scope_: ScopeParam = "subtree") -> EffectList:
    """每一份由申请转为主动公开的信息：发布前后同样天数内的申请件数，提示的次数和申请人直接获取的次数。"""
    wanted = scope.of(desk, agency, scope_)
    return EffectList(items=[effect_out(one) for one in suggestions.effects(desk, wanted)])
