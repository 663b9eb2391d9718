"""Documents of a case: issued with the act that owes them, made when first asked for, the same bytes ever after.

Issuing writes only data and a template's digest into the act's transaction; making takes tenths of a second and must
not hold the one writer of an embedded database. What was made once is kept under its digest and never made again.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.domain import commands, documents
from app.domain.documents import MODELS, Document, MissingFields
from app.domain.terms import Doc, DocumentForm, State
from app.errors import ActionRefused, Forbidden, NotFound
from app.models import Case, IssuedDocument
from app.models.direct import enter
from app.services import document_templates, files, journal, letters, query_codes
from app.services.desk import Desk
from app.services.files import File
from app.services.letters import DOCUMENTS, Done
from app.services.storage import store_of
from app.services.visibility import require_unmasked


def issue(desk: Desk, before: File, after: File, command: commands.Command) -> None:
    """Issue what a step owes, in its transaction. Raises ActionRefused naming every field that cannot be filled."""
    try:
        if maker := DOCUMENTS.get(type(command)):
            for data in maker(Done(desk, before, after, command)):
                _keep(desk, after, data, _next_number(desk, after, data.doc))
    except MissingFields as missing:
        raise _refusal(missing) from missing


def issue_receipt(desk: Desk, file: File) -> None:
    """Issue the receipt of an application whose day of receipt is known when it is registered (条例第31条)."""
    _keep(desk, file, letters.receipt(file, desk.today), 1)


def _refusal(missing: MissingFields) -> ActionRefused:
    reasons = [
        {"kind": "document", "code": "document_field_missing", "message": f"{missing.doc.label}缺少“{label}”"}
        for label in missing.labels
    ]
    return ActionRefused(str(missing), reasons=reasons)


def _next_number(desk: Desk, file: File, doc: Doc) -> int:
    newest = select(func.max(IssuedDocument.number)).where(
        IssuedDocument.case_id == file.case.id, IssuedDocument.doc == doc
    )
    return (desk.session.scalar(newest) or 0) + 1


def _keep(desk: Desk, file: File, data: Document, number: int) -> None:
    session = desk.session
    template = document_templates.in_force(session, file.agency, frozenset({data.doc}))[data.doc]
    enter(
        session,
        IssuedDocument(
            case_id=file.case.id,
            doc=data.doc,
            number=number,
            document_no=getattr(data, "document_no", None),
            data=data.model_dump(mode="json"),
            # The service's own template too: a later edition must not change what was issued.
            template_sha256=template.sha256 or document_templates.keep(store_of(desk.settings), data.doc),
            made_on=data.dated,
            made_at=desk.now,
            made_by=desk.actor.name,
        ),
    )


def listing(desk: Desk, case_id: int) -> Sequence[IssuedDocument]:
    """List the documents of a case in the order they were issued. Raises NotFound like `open_file`."""
    files.open_file(desk, case_id)
    issued = select(IssuedDocument).where(IssuedDocument.case_id == case_id).order_by(IssuedDocument.id)
    return desk.session.scalars(issued).all()


@dataclass(frozen=True, slots=True)
class Made:
    """A document in one form. `docx_sha256` and `pdf_sha256` are what the store has it under now."""

    document_id: int
    case_id: int
    name: str
    form: DocumentForm
    content: bytes
    docx_sha256: str | None
    pdf_sha256: str | None


def make(desk: Desk, case_id: int, document_id: int, form: DocumentForm) -> Made:
    """Give a document in a form, making it if nobody has asked before; the database is only read.

    Whoever hands it out calls `hand_out` before the answer leaves, so that these bytes stay the document. Raises
    NotFound for another case's document, FontMissing, or Unavailable if the store has lost it.
    """
    file = files.open_file(desk, case_id)
    row = desk.session.get(IssuedDocument, document_id)
    if row is None or row.case_id != case_id:
        raise NotFound
    refuse_erased(file.case)
    store = store_of(desk.settings)
    kept = row.pdf_sha256 if form is DocumentForm.PDF else row.docx_sha256
    name = f"{row.doc.label}-{file.case.case_no}.{form.value}"
    if kept:
        return Made(row.id, case_id, name, form, store.get(kept), row.docx_sha256, row.pdf_sha256)
    from app.services import rendering, typesetting

    data = MODELS[row.doc].model_validate(row.data)
    docx = store.get(row.docx_sha256) if row.docx_sha256 else rendering.fill(store.get(row.template_sha256), data)
    docx_sha256 = row.docx_sha256 or store.put(docx)
    if form is DocumentForm.DOCX:
        return Made(row.id, case_id, name, form, docx, docx_sha256, row.pdf_sha256)
    pdf = typesetting.typeset(docx, data, desk.settings)
    return Made(row.id, case_id, name, form, pdf, docx_sha256, store.put(pdf))


def hand_out(session: Session, desk: Desk, made: Made) -> None:
    """Fix what was made as the document's bytes and write down who took it; a short transaction of its own.

    Raises Forbidden for whoever may see the case masked only.
    """
    for column, digest in (
        (IssuedDocument.docx_sha256, made.docx_sha256),
        (IssuedDocument.pdf_sha256, made.pdf_sha256),
    ):
        if digest:
            session.execute(
                update(IssuedDocument)
                .where(IssuedDocument.id == made.document_id, column.is_(None))
                .values({column: digest})
            )
    data = {"document_id": made.document_id, "form": made.form.value}
    case = session.get_one(Case, made.case_id)
    require_unmasked(desk.actor, case.agency_id)
    journal.append(session, desk.actor, desk.now, "document_read", "取得文书", case=case, data=data)


def print_receipt(desk: Desk, case_id: int, query_code: str) -> tuple[str, bytes]:
    """Make the receipt with the query code on it, to be handed over; the code is checked and kept nowhere.

    Raises NotFound where no receipt has been issued, Forbidden for a wrong code.
    """
    file = files.open_file(desk, case_id)
    issued = select(IssuedDocument).where(IssuedDocument.case_id == case_id, IssuedDocument.doc == Doc.RECEIPT)
    row = desk.session.scalar(issued.order_by(IssuedDocument.id).limit(1))
    if row is None:
        raise NotFound("收到之日尚未确认，还没有登记回执")
    refuse_erased(file.case)
    given = query_codes.query_code_digest(desk.settings.key, query_code)
    if not hmac.compare_digest(given, file.case.query_code_digest):
        raise Forbidden("查询码不正确")
    from app.services import rendering, typesetting

    data = documents.Receipt.model_validate(row.data | {"query_code": query_code})
    docx = rendering.fill(store_of(desk.settings).get(row.template_sha256), data)
    return f"{Doc.RECEIPT.label}-{file.case.case_no}.pdf", typesetting.typeset(docx, data, desk.settings)


def receipt_handed_out(session: Session, desk: Desk, case_id: int) -> None:
    """Write down who printed a receipt: it names the applicant."""
    case = session.get_one(Case, case_id)
    journal.append(session, desk.actor, desk.now, "receipt_printed", "打印登记回执", case=case)


def refuse_erased(case: Case) -> None:
    """Refuse what cannot be shown any more: the case's personal data were erased."""
    if case.erased_at is not None:
        message = "本案保管期限届满，个人信息和文书、附件、案卷已经依规定删除"
        raise ActionRefused(message, reasons=[{"kind": "state", "code": "erased", "message": message}])


def refuse_archived(file: File) -> None:
    """Refuse to change what is archived."""
    if file.case.state is State.ARCHIVED:
        message = "案件已经归档，不再接受任何改动"
        reason = {"kind": "state", "code": "wrong_state", "message": message, "basis": "条例第45条"}
        raise ActionRefused(message, reasons=[reason])
