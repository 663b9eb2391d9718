"""Documents, attachments and templates as callers see them."""

import datetime as dt

from pydantic import Field

from app.domain.documents import known_fields
from app.domain.masking import Veil
from app.domain.shape import Shape
from app.domain.terms import AttachmentKind, Doc, FileType
from app.models import Attachment, IssuedDocument
from app.services.clocks import in_shanghai
from app.services.document_templates import InForce


class DocumentOut(Shape):
    """A document issued in a case. Its bytes are made when first asked for; the digests are empty until then."""

    id: int
    doc: Doc
    doc_label: str
    number: int = Field(description="本案中同类文书的第几份")
    document_no: str | None = Field(description="发文号")
    made_on: dt.date = Field(description="成文日期")
    made_at: dt.datetime
    made_by: str
    docx_sha256: str | None
    pdf_sha256: str | None
    links: dict[str, str]


class Documents(Shape):
    items: list[DocumentOut]


def document_out(row: IssuedDocument) -> DocumentOut:
    base = f"/api/v1/cases/{row.case_id}/documents/{row.id}"
    return DocumentOut(
        id=row.id,
        doc=row.doc,
        doc_label=row.doc.label,
        number=row.number,
        document_no=row.document_no,
        made_on=row.made_on,
        made_at=in_shanghai(row.made_at),
        made_by=row.made_by,
        docx_sha256=row.docx_sha256,
        pdf_sha256=row.pdf_sha256,
        links={"docx": f"{base}.docx", "pdf": f"{base}.pdf"},
    )


class AttachmentOut(Shape):
    """A file in a case."""

    id: int
    kind: AttachmentKind
    kind_label: str
    name: str
    file_type: FileType
    file_type_label: str
    size: int = Field(description="字节数")
    sha256: str
    encrypted: bool = Field(description="PDF 设有密码，打开时须输入")
    note: str | None
    original_attachment_id: int | None = Field(description="区分处理前的原件")
    redactions: str | None = Field(description="去掉了什么、为什么（条例第37条）")
    added_at: dt.datetime
    added_by: str
    withdrawn_at: dt.datetime | None
    withdrawn_by: str | None
    withdrawn_reason: str | None
    links: dict[str, str]


class Attachments(Shape):
    items: list[AttachmentOut]


def attachment_out(row: Attachment, veil: Veil) -> AttachmentOut:
    base = f"/api/v1/cases/{row.case_id}/attachments/{row.id}"
    return AttachmentOut(
        id=row.id,
        kind=row.kind,
        kind_label=row.kind.label,
        name=veil.over(row.name),
        file_type=row.file_type,
        file_type_label=row.file_type.label,
        size=row.size,
        sha256=row.sha256,
        encrypted=row.encrypted,
        note=veil.over_all(row.note),
        original_attachment_id=row.original_id,
        redactions=veil.over_all(row.redactions),
        added_at=in_shanghai(row.added_at),
        added_by=row.added_by,
        withdrawn_at=row.withdrawn_at and in_shanghai(row.withdrawn_at),
        withdrawn_by=row.withdrawn_by,
        withdrawn_reason=veil.over_all(row.withdrawn_reason),
        links={"content": f"{base}/content", "withdraw": f"{base}/withdraw"},
    )


class TemplateField(Shape):
    name: str
    label: str


class TemplateOut(Shape):
    """The template in force for one kind of document."""

    doc: Doc
    doc_label: str
    sha256: str | None = Field(description="为空即使用本服务自带的模板")
    source_agency: str | None = Field(description="模板由哪个机关设置：本机关，或者上级机关")
    fields: list[TemplateField] = Field(description="模板中可以使用的字段")
    links: dict[str, str]


class Templates(Shape):
    items: list[TemplateOut]


def template_out(template: InForce) -> TemplateOut:
    return TemplateOut(
        doc=template.doc,
        doc_label=template.doc.label,
        sha256=template.sha256,
        source_agency=template.source.name if template.source else None,
        fields=[TemplateField(name=name, label=label) for name, label in known_fields(template.doc).items()],
        links={"content": f"/api/v1/document-templates/{template.doc.value}"},
    )
