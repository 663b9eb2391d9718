"""登记受理."""

from fastapi import Response

from app.deps import Write, allow
from app.domain.application import Application, ComplaintReport, RectificationRequest
from app.domain.terms import Scope
from app.http.doors import Operations
from app.http.validation import in_chinese
from app.schemas import present
from app.schemas.bulk import Batch, BatchResult, Unfit, batch_result
from app.schemas.cases import RegisteredCase
from app.services import intake
from app.services.desk import Desk

router = Operations(tags=["accept"])

REGISTRATION = allow(*intake.REGISTRARS, scope=Scope.REGISTER)


@router.post(
    "/cases",
    status_code=201,
    summary="登记一件申请",
    response_model=RegisteredCase,
    **REGISTRATION,
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
        _status,
        lambda desk: present.registered_case(desk, *intake.register(desk, application)),
        _location,
        about=_cases,
    )


@router.post("/cases/bulk", summary="登记一批申请", response_model=BatchResult, **REGISTRATION)
def register_cases(batch: Batch, write: Write) -> Response:
    """对接平台或者登记员一次登记最多500件申请，逐件给出结果：已登记、此前已经登记（同一系统的同一 `external_no`）、退回及其理由。

    - 每一件要么完整登记，要么完全没有登记；一件退回不影响其他各件。
    - 整批用一个 `Idempotency-Key`：重试得到第一次的答复。退回的改正后另起一批，已登记的不会重复登记。
    - `query_code` 只在这一次给出，请逐件交给申请人。
    """

    def work(desk: Desk) -> BatchResult:
        rows = [in_chinese(row.errors) if isinstance(row, Unfit) else row for row in batch.applications]
        return batch_result(intake.register_each(desk, rows))

    return write.answer(200, work, about=lambda result: [row.id for row in result.items if row.id])


@router.post(
    "/rectifications",
    status_code=201,
    summary="登记一件更正申请",
    response_model=RegisteredCase,
    **REGISTRATION,
)
def register_rectification(request: RectificationRequest, write: Write) -> Response:
    """登记员或者对接平台登记一件更正申请：申请人有证据证明行政机关提供的与其自身相关的政府信息记录不准确（条例第41条）。

    - 缺少证据、正确内容等的也登记，答复中的 `missing` 列出缺项。
    - 条例没有规定更正的办理期限：机关可以自定；没有自定的，以两个月为底线（行政诉讼法第47条），
      列为节点 `handling_limit`，不是法定期限。
    - 不计入年度报告表三。其余同登记一件申请。
    """
    return write.answer(
        _status, lambda desk: present.registered_case(desk, *intake.register(desk, request)), _location, about=_cases
    )


@router.post(
    "/complaints",
    status_code=201,
    summary="登记一件投诉举报",
    response_model=RegisteredCase,
    **REGISTRATION,
)
def register_complaint(report: ComplaintReport, write: Write) -> Response:
    """登记员或者对接平台登记一件对政府信息公开工作的投诉举报，由上一级行政机关或者主管部门处理（条例第47条第2款、第51条）。

    - `agency_code` 是受理投诉的机关，`about_agency` 是被投诉的机关；被投诉的机关看不到投诉案件。
    - `about_case_no` 是所涉申请的案号，须是被投诉机关的申请。
    - 不计入年度报告表三。其余同登记一件申请。
    """
    return write.answer(
        _status, lambda desk: present.registered_case(desk, *intake.register(desk, report)), _location, about=_cases
    )


def _status(case: RegisteredCase) -> int:
    return 201 if case.query_code else 200


def _location(case: RegisteredCase) -> dict[str, str]:
    return {"Location": f"/api/v1/cases/{case.id}", "ETag": f'"{case.version}"'}


def _cases(case: RegisteredCase) -> list[int]:
    return [case.id]
