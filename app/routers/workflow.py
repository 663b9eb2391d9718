"""流程说明."""

from typing import Annotated

from fastapi import Query

from app.deps import Reading, allow
from app.domain.terms import CaseKind
from app.domain.workflow import WORKFLOWS
from app.http.doors import Operations
from app.schemas.workflow import WorkflowOut, workflow_out

router = Operations(tags=["workflow"])


@router.get("/workflow", summary="查看办理流程", **allow())
def get_workflow(
    _desk: Reading, kind: Annotated[CaseKind, Query(description="案件类别")] = CaseKind.DISCLOSURE
) -> WorkflowOut:
    """一类案件的全部阶段、状态和操作：谁能做、从哪里到哪里、须满足什么、对期限有何影响、依据哪一条。"""
    return workflow_out(WORKFLOWS[kind])
