"""个人信息：逐项显示."""

from fastapi import Response

from app.deps import CaseId, Write, allow
from app.domain.terms import Role
from app.errors import ActionRefused, TooManyRequests
from app.http.doors import Operations
from app.openapi import refusing
from app.schemas import present
from app.schemas.cases import CaseOut
from app.schemas.personal import Revealed, revealed
from app.services import retention, reveal
from app.services.retention import Hold
from app.services.reveal import Reveal

router = Operations(tags=["personal"])


@router.post(
    "/cases/{case_id}/reveal",
    summary="查看个人信息的原值",
    response_model=Revealed,
    responses=refusing(ActionRefused, TooManyRequests),
    **allow(*(role for role in Role if role in reveal.REVEALERS), second_factor=True, exports=True),
)
def reveal_personal_data(case_id: CaseId, body: Reveal, write: Write) -> Response:
    """所有答复中的个人信息都已遮盖；办理需要原值的，在这里写明原因，逐项取得。

    - 每一项记入日志（何人、何时、哪一项、什么原因，不记原值），计入每人每天的限额（机关设置 `reveals_per_day`）。
    - 只显示给登录的人，须在近几分钟内验证过动态口令，不提供给接口密钥；督办人员只限自己办理的投诉举报。
    - 以同一 `Idempotency-Key` 重试的，不再给出原值，也不再计数。
    """
    return write.answer(200, lambda desk: revealed(reveal.reveal(desk, case_id, body)), once=["items"])


@router.post(
    "/cases/{case_id}/legal-hold",
    summary="冻结个人信息的删除",
    response_model=CaseOut,
    **allow(Role.AGENCY_SUPERVISOR, Role.LEGAL_REVIEWER, Role.ARCHIVIST),
)
def place_legal_hold(case_id: CaseId, body: Hold, write: Write) -> Response:
    """案件涉及诉讼、复议、审计等的，写明原因暂停删除：在恢复之前，保管期限届满也不删除。记入日志。"""
    return write.answer(
        200, lambda desk: present.case_out(desk, retention.hold(desk, case_id, body, write.seen_version))
    )


@router.post(
    "/cases/{case_id}/legal-hold/lift",
    summary="恢复个人信息的删除",
    response_model=CaseOut,
    **allow(Role.AGENCY_SUPERVISOR),
)
def lift_legal_hold(case_id: CaseId, body: Hold, write: Write) -> Response:
    """不再需要保留的，由机关督办员写明原因恢复。记入日志。"""
    return write.answer(
        200, lambda desk: present.case_out(desk, retention.lift(desk, case_id, body, write.seen_version))
    )
