"""The index of a volume (卷内目录): everything in it, by title, source and day."""

import datetime as dt

from sqlalchemy import select

from app.domain import commands, documents
from app.models import Attachment, IssuedDocument
from app.services import users
from app.services.desk import Desk, shanghai_date
from app.services.files import File

UNSIGNED = "申请人（申请中未署名）"


def index_of(desk: Desk, file: File, command: commands.Archive) -> documents.ArchiveIndex:
    """List the application, what was issued, reviewed, attached and proven, each kind in its order."""
    case, applicant = file.case, file.applicant.name or UNSIGNED
    lines: list[tuple[dt.date, str, str]] = [(shanghai_date(case.submitted_at), case.kind.label, applicant)]
    issued = select(IssuedDocument).where(IssuedDocument.case_id == case.id).order_by(IssuedDocument.id)
    lines += [(row.made_on, row.doc.label, row.document_no or file.agency.name) for row in desk.session.scalars(issued)]
    attached = select(Attachment).where(Attachment.case_id == case.id, Attachment.withdrawn_at.is_(None))
    kept = desk.session.scalars(attached.order_by(Attachment.id)).all()
    names = users.names(desk, {review.reviewer for review in file.reviews} | {row.added_by for row in kept})
    lines += [
        (review.on, f"{review.kind.label}意见", names.get(review.reviewer, review.reviewer)) for review in file.reviews
    ]
    lines += [
        (shanghai_date(row.added_at), f"{row.kind.label}：{row.name}", names.get(row.added_by, row.added_by))
        for row in kept
    ]
    sent = file.delivery
    if sent and sent.proof and sent.served_on:
        lines.append((sent.served_on, sent.proof.label, sent.proof_ref or file.agency.name))
    years = case.retention_years
    return documents.write(
        documents.ArchiveIndex,
        {
            "agency": file.agency.name,
            "case_no": case.case_no,
            "dated": command.on,
            "applicant": applicant,
            "volume_no": command.volume_no,
            "retention": f"{years}年" if years else "永久",
            "entries": [
                {"no": no, "on": on, "title": title, "reference": reference}
                for no, (on, title, reference) in enumerate(lines, 1)
            ],
        },
    )
