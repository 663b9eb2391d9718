"""流程说明."""

from fastapi import APIRouter

from app.deps import Reading, allow
from app.domain.workflow import WORKFLOW
from app.schemas.workflow import WorkflowOut, workflow_out

router = APIRouter(tags=["workflow"])


@router.get("/workflow", summary="查看办理流程", **allow())
def get_workflow(_desk: Reading) -> WorkflowOut:
    """全部阶段、状态和操作：谁能做、从哪里到哪里、须满足什么、对期限有何影响、依据哪一条。"""
    return workflow_out(WORKFLOW)
