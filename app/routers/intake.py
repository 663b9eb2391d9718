"""登记受理."""

from fastapi import APIRouter, Response

from app.deps import Write, allow
from app.domain.application import Application
from app.schemas import present
from app.schemas.cases import RegisteredCase
from app.services import intake

router = APIRouter(tags=["accept"])


@router.post(
    "/cases", status_code=201, summary="登记一件申请", response_model=RegisteredCase, **allow(*intake.REGISTRARS)
)
def register_case(application: Application, write: Write) -> Response:
    """登记员或者对接平台登记一件政府信息公开申请（条例第29条）。

    - **收到之日**（条例第31条）：当面提交为提交日；需签收的邮寄为签收日；平常信函、互联网、传真为双方确认之日，
      登记后再“确认收到”，确认之前不起算。
    - 缺少姓名、联系方式、申请内容等的也登记，答复中的 `missing` 列出缺项，可以告知补正；填写有误的（如身份证校验码不符）退回。
    - `query_code` 只在这一次给出，请交给申请人，用于查询进度。
    - 同一来件系统的同一 `external_no` 再次提交，得到第一次登记的案件（200）。
    """
    return write.answer(
        _status, lambda desk: present.registered_case(desk, *intake.register(desk, application)), _location
    )


def _status(case: RegisteredCase) -> int:
    return 201 if case.query_code else 200


def _location(case: RegisteredCase) -> dict[str, str]:
    return {"Location": f"/api/v1/cases/{case.id}", "ETag": f'"{case.version}"'}
