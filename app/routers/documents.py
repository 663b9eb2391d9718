"""文书、附件和文书模板."""

from typing import Annotated

from fastapi import Form, Query, Response
from pydantic import AfterValidator, Field, StringConstraints

from app.deps import CaseId, HouseDep, PlainId, Reading, Write, allow
from app.domain.shape import Shape
from app.domain.terms import AttachmentKind, Doc, DocumentForm, FileType, Role, Scope
from app.errors import FontMissing
from app.http.doors import Operations
from app.http.downloads import file_answers, sent_file
from app.http.upload import Upload
from app.openapi import refusing
from app.schemas.documents import (
    AttachmentOut,
    Attachments,
    Documents,
    TemplateOut,
    Templates,
    attachment_out,
    document_out,
    template_out,
)
from app.services import attachments, document_templates, documents, persons
from app.services.attachments import Described, Withdrawal
from app.services.desk import Desk
from app.services.permissions import CASE_ROLES, SYSTEMS_ONLY
from app.services.storage import store_of

router = Operations(tags=["documents"])

READERS = allow(*CASE_ROLES)
# Documents name the applicant in full, which no list shows to a script; a portal hands them to the applicant.
TAKERS = allow(*(CASE_ROLES - {Role.SCRIPT_READER}), exports=True)
PEOPLE = allow(*(CASE_ROLES - SYSTEMS_ONLY), exports=True)
SENDERS = allow(Role.INTAKE_CLERK, Role.HANDLER, Role.ARCHIVIST, Role.PORTAL, scope=Scope.SUPPLEMENT)
CLERKS = allow(Role.INTAKE_CLERK, Role.HANDLER, Role.ARCHIVIST)
SYSTEM = allow(Role.SYSTEM_ADMIN)

FormText = Annotated[str, StringConstraints(max_length=20_000, pattern=r"^[^\x00]*$"), AfterValidator(str.strip)]
"""A field of a form, where nothing and an empty text are the same."""
AgencyCode = Annotated[
    str | None, Query(max_length=64, pattern=r"^[^\x00]*$", description="机关代码；不填即本机关", examples=[None])
]


class QueryCode(Shape, extra="forbid"):
    """The code an applicant follows the case with."""

    query_code: Annotated[
        str, Field(min_length=1, max_length=40, description="登记时给出的查询码", examples=["7KQ4MZ2HXP"])
    ]


@router.get("/cases/{case_id}/documents", summary="查看案件的文书", **READERS)
def list_documents(case_id: CaseId, desk: Reading) -> Documents:
    """案件中生成的全部文书，按生成的先后。每份都有可编辑的 docx 和用于发送、归档的 pdf（PDF/A-2b）。"""
    return Documents(items=[document_out(row) for row in documents.listing(desk, case_id)])


@router.get(
    "/cases/{case_id}/documents/{document_id}.docx",
    summary="取得文书（docx）",
    response_class=Response,
    responses=file_answers(FileType.DOCX),
    **TAKERS,
)
def get_document_docx(case_id: CaseId, document_id: PlainId, desk: Reading, house: HouseDep) -> Response:
    """可以用 Word 或者 WPS 编辑。第一次取得时生成，以后每次都是同样的内容；取得记入日志。"""
    made = documents.make(desk, case_id, document_id, DocumentForm.DOCX)
    house.write_aside(lambda session: documents.hand_out(session, desk, made))
    return sent_file(made.content, FileType.DOCX, made.name)


@router.get(
    "/cases/{case_id}/documents/{document_id}.pdf",
    summary="取得文书（pdf）",
    response_class=Response,
    responses=file_answers(FileType.PDF) | refusing(FontMissing),
    **TAKERS,
)
def get_document_pdf(case_id: CaseId, document_id: PlainId, desk: Reading, house: HouseDep) -> Response:
    """PDF/A-2b，用于发送和归档。第一次取得时生成，以后每次都是同样的内容；取得记入日志。"""
    made = documents.make(desk, case_id, document_id, DocumentForm.PDF)
    house.write_aside(lambda session: documents.hand_out(session, desk, made))
    return sent_file(made.content, FileType.PDF, made.name)


@router.post(
    "/cases/{case_id}/receipt",
    summary="打印带查询码的登记回执",
    response_class=Response,
    responses=file_answers(FileType.PDF) | refusing(FontMissing),
    **allow(Role.INTAKE_CLERK, Role.PORTAL, scope=Scope.REGISTER, exports=True),
)
def print_receipt(case_id: CaseId, body: QueryCode, desk: Reading, house: HouseDep) -> Response:
    """查询码只在登记时给出一次，本服务不留存；把它填在这里，得到印有查询码的登记回执（pdf），交给申请人；打印记入日志。"""
    name, content = documents.print_receipt(desk, case_id, body.query_code)
    house.write_aside(lambda session: documents.receipt_handed_out(session, desk, case_id))
    return sent_file(content, FileType.PDF, name)


@router.post(
    "/cases/{case_id}/attachments", status_code=201, summary="添加附件", response_model=AttachmentOut, **SENDERS
)
def add_attachment(
    case_id: CaseId,
    upload: Upload,
    write: Write,
    kind: Annotated[AttachmentKind, Form(description="附件的种类")],
    note: Annotated[FormText | None, Form(description="说明")] = None,
    original_attachment_id: Annotated[
        int | None, Form(ge=1, le=2**53, description="区分处理后的材料：原件的附件编号")
    ] = None,
    redactions: Annotated[FormText | None, Form(description="区分处理后的材料：去掉了什么、为什么")] = None,
) -> Response:
    """接收 pdf、docx、xlsx、ofd、jpg、png、txt；按内容识别，含宏、加密的办公文件和解开后过大的文件退回。

    - 区分处理（条例第37条）后提供的材料，种类填 `redacted`，并指明原件和去掉的内容。
    - 附件不删除，只能写明理由撤下；已归档的案件不再接收。
    - 带 `Idempotency-Key` 重试时，以文件和各栏的内容判断是否同一请求。
    """
    described = Described(kind=kind, note=note, original_attachment_id=original_attachment_id, redactions=redactions)

    def work(desk: Desk) -> AttachmentOut:
        row = attachments.add(desk, case_id, upload, described, write.seen_version)
        return attachment_out(row, persons.veil_of_case(desk, case_id))

    return write.answer(201, work)


@router.get("/cases/{case_id}/attachments", summary="查看案件的附件", **READERS)
def list_attachments(case_id: CaseId, desk: Reading) -> Attachments:
    """案件的全部附件，含已撤下的。"""
    veil = persons.veil_of_case(desk, case_id)
    return Attachments(items=[attachment_out(row, veil) for row in attachments.listing(desk, case_id)])


@router.get(
    "/cases/{case_id}/attachments/{attachment_id}/content",
    summary="取得附件",
    response_class=Response,
    responses=file_answers(*FileType),
    **PEOPLE,
)
def get_attachment(case_id: CaseId, attachment_id: PlainId, desk: Reading, house: HouseDep) -> Response:
    """附件的原样内容。附件多含个人信息，取得记入日志。"""
    row, content = attachments.fetch(desk, case_id, attachment_id)
    house.write_aside(lambda session: attachments.hand_out(session, desk, row))
    return sent_file(content, row.file_type, row.name)


@router.post(
    "/cases/{case_id}/attachments/{attachment_id}/withdraw",
    summary="撤下附件",
    response_model=AttachmentOut,
    **CLERKS,
)
def withdraw_attachment(case_id: CaseId, attachment_id: PlainId, body: Withdrawal, write: Write) -> Response:
    """写明理由撤下一个附件；它仍然留在案件中可以查看，不进入卷内目录。"""

    def work(desk: Desk) -> AttachmentOut:
        row = attachments.withdraw(desk, case_id, attachment_id, body, write.seen_version)
        return attachment_out(row, persons.veil_of_case(desk, case_id))

    return write.answer(200, work)


@router.get("/document-templates", summary="查看文书模板", **SYSTEM)
def list_document_templates(desk: Reading, agency_code: AgencyCode = None) -> Templates:
    """各种文书现用的模板和可以使用的字段。机关没有自己的模板的，用上级机关的，再没有的用本服务自带的。"""
    agency = document_templates.agency_of(desk, agency_code)
    found = document_templates.in_force(desk.session, agency)
    return Templates(items=[template_out(found[doc]) for doc in Doc])


@router.get(
    "/document-templates/{doc}",
    summary="取得文书模板",
    response_class=Response,
    responses=file_answers(FileType.DOCX),
    **SYSTEM,
)
def get_document_template(doc: Doc, desk: Reading, agency_code: AgencyCode = None) -> Response:
    """现用的模板（docx），可以在 Word 或者 WPS 中修改后重新上传。"""
    agency = document_templates.agency_of(desk, agency_code)
    template = document_templates.in_force(desk.session, agency, frozenset({doc}))[doc]
    content = document_templates.bytes_of(store_of(desk.settings), template)
    return sent_file(content, FileType.DOCX, f"{doc.label}模板.docx")


@router.put("/document-templates/{doc}", summary="更换文书模板", response_model=TemplateOut, **SYSTEM)
def set_document_template(doc: Doc, upload: Upload, write: Write, agency_code: AgencyCode = None) -> Response:
    """上传机关自己的模板（docx）。保存前以样例试做 docx 和 pdf：只能使用该文书的字段，不含宏、图片、页眉文字。

    案卷检验时要在文书中找到的内容（发文机关、申请编号、申请人、文号、事实、理由等）模板不能缺，缺哪些逐项说明。

    已经生成的文书仍按生成时的模板。下级机关没有自己的模板的，同时使用这份模板。
    """

    def work(desk: Desk) -> TemplateOut:
        agency = document_templates.agency_of(desk, agency_code)
        return template_out(document_templates.put(desk, agency, doc, upload))

    return write.answer(200, work)


@router.post("/document-templates/{doc}/restore", summary="恢复文书模板", response_model=TemplateOut, **SYSTEM)
def restore_document_template(doc: Doc, write: Write, agency_code: AgencyCode = None) -> Response:
    """不再使用本机关自己的模板，恢复为上级机关的，或者本服务自带的。"""

    def work(desk: Desk) -> TemplateOut:
        return template_out(document_templates.restore(desk, document_templates.agency_of(desk, agency_code), doc))

    return write.answer(200, work)
