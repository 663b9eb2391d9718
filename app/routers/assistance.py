"""机关之间的协助: what this agency was asked, and its answers."""

from typing import Annotated

from fastapi import Query, Response

from app.deps import CaseId, PlainId, Reading, Write, allow
from app.domain.terms import Role
from app.http.doors import Operations
from app.schemas.assistance import AssistanceList, AssistanceOut, assistance_out
from app.services import assistances, persons
from app.services.permissions import CASE_ROLES

router = Operations(tags=["handle"])


@router.get("/cases/{case_id}/assistance", summary="查看本案请求的协助", **allow(*CASE_ROLES))
def list_case_assistance(case_id: CaseId, desk: Reading) -> AssistanceList:
    """本案向其他机关请求的协助及其答复。"""
    veil = persons.veil_of_case(desk, case_id)
    return AssistanceList(items=[assistance_out(row, veil) for row in assistances.of_case(desk, case_id)])


@router.get("/assistance", summary="查看其他机关请求的协助", **allow(Role.INTAKE_CLERK, Role.HANDLER))
def list_assistance(
    desk: Reading, answered: Annotated[bool, Query(description="true 看已答复的，false 看待答复的")] = False
) -> AssistanceList:
    """其他机关请本机关协助的事项。只看到所问的事项，看不到案件。"""
    return AssistanceList(items=[assistance_out(row) for row in assistances.inbox(desk, answered=answered)])


@router.post(
    "/assistance/{assistance_id}/answer",
    summary="答复协助",
    response_model=AssistanceOut,
    **allow(Role.INTAKE_CLERK, Role.HANDLER),
)
def answer_assistance(assistance_id: PlainId, given: assistances.AssistanceAnswer, write: Write) -> Response:
    """答复其他机关请求协助的事项，只能答复一次。"""
    return write.answer(200, lambda desk: assistance_out(assistances.reply(desk, assistance_id, given)))
