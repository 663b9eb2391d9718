"""Documents issued in a case, files put into it, and the templates an agency uses instead of the service's own.

Rows hold digests; the bytes are in the store (`services.storage`), each under its digest.
"""

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.terms import AttachmentKind, Doc, FileType
from app.models.base import AgencyId, Base, BigId, CaseId, Code, Id, Short, term
from app.models.sealed import sealed_json, sealed_or_none, sealed_text


class IssuedDocument(Base):
    """A document as it was issued: its data and its template, never changed; bytes follow when first asked for."""

    __tablename__ = "documents"
    SEALED_BY = ("doc", "number")
    __table_args__ = (UniqueConstraint("case_id", "doc", "number"),)

    id: Mapped[Id]
    case_id: Mapped[CaseId]
    doc: Mapped[Doc] = mapped_column(term(Doc))
    number: Mapped[int]  # 1 for the first of its kind in the case
    document_no: Mapped[Code | None]
    data = sealed_json()  # domain.documents, the model of `doc`
    template_sha256: Mapped[Code]
    docx_sha256: Mapped[Code | None]
    pdf_sha256: Mapped[Code | None]
    made_on: Mapped[dt.date]
    made_at: Mapped[dt.datetime]
    made_by: Mapped[Short]


class Attachment(Base):
    """A file put into a case. It is never deleted: withdrawing says why, and it stays to be seen."""

    __tablename__ = "attachments"
    SEALED_BY = ("sha256", "added_at")
    __table_args__ = (
        # What was blacked out can always be held against the original (条例第37条).
        CheckConstraint(
            "(kind = 'redacted') = (original_id IS NOT NULL) AND (kind = 'redacted') = (redactions IS NOT NULL)",
            name="redaction",
        ),
    )

    id: Mapped[Id]
    case_id: Mapped[CaseId]
    kind: Mapped[AttachmentKind] = mapped_column(term(AttachmentKind))
    name = sealed_text()  # as the sender called it; only ever shown
    file_type: Mapped[FileType] = mapped_column(term(FileType))
    size: Mapped[int]  # bytes
    sha256: Mapped[Code]
    encrypted: Mapped[bool]  # a PDF that needs a password
    note = sealed_or_none()
    original_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("attachments.id"))
    redactions = sealed_or_none()  # what was removed, and why
    added_at: Mapped[dt.datetime]
    added_by: Mapped[Short]
    withdrawn_at: Mapped[dt.datetime | None]
    withdrawn_by: Mapped[Short | None]
    withdrawn_reason = sealed_or_none()


class DocumentTemplate(Base):
    """A template of an agency's own; the newest of a kind counts, one without bytes returns to the template above."""

    __tablename__ = "document_templates"
    __table_args__ = (Index("ix_document_templates_agency_doc", "agency_id", "doc", "id"),)

    id: Mapped[Id]
    agency_id: Mapped[AgencyId]
    doc: Mapped[Doc] = mapped_column(term(Doc))
    sha256: Mapped[Code | None]
    set_at: Mapped[dt.datetime]
    set_by: Mapped[Short]
