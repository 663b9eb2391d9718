"""Files put into a case: kept under their digests, withdrawn with a reason, never deleted."""

from collections.abc import Sequence

from pydantic import Field, field_validator
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.commands import Strict, Text
from app.domain.terms import AttachmentKind, State
from app.errors import Clash, Invalid, NotFound
from app.models import Attachment, Case
from app.services import files, journal
from app.services.desk import Desk
from app.services.documents import refuse_archived, refuse_erased
from app.services.file_types import Examined
from app.services.files import File
from app.services.storage import store_of
from app.services.visibility import require_unmasked


class Described(Strict):
    """What the sender says of a file."""

    kind: AttachmentKind
    note: Text | None = None
    original_attachment_id: int | None = Field(None, ge=1, le=2**53)
    redactions: Text | None = None

    @field_validator("note", "redactions", mode="before")
    @classmethod
    def _blank_is_none(cls, text: str | None) -> str | None:
        return text or None


class Withdrawal(Strict):
    """Why a file no longer counts."""

    reason: Text = Field(description="撤下的理由", examples=["误传他人材料"])


def add(desk: Desk, case_id: int, file: Examined, described: Described, seen_version: int | None) -> Attachment:
    """Put a file into a case.

    Raises Invalid with every reason against the file or its description, ActionRefused on an archived case.
    """
    unfit = [("file", "file_refused", fault) for fault in file.faults]
    _refuse([*unfit, *_redaction_faults(described)])  # what is wrong whichever version the case is at
    case = _writable(desk, case_id, seen_version).case
    _refuse(_original_faults(desk, case, described))
    assert file.file_type is not None
    row = Attachment(
        case_id=case.id,
        kind=described.kind,
        name=file.name,
        file_type=file.file_type,
        size=len(file.content),
        sha256=store_of(desk.settings).put(file.content),
        encrypted=file.encrypted,
        note=described.note,
        original_id=described.original_attachment_id,
        redactions=described.redactions,
        added_at=desk.now,
        added_by=desk.actor.name,
    )
    desk.session.add(row)
    desk.session.flush()
    data = {"attachment_id": row.id, "kind": row.kind.value, "sha256": row.sha256, "size": row.size}
    journal.record(desk, "attachment_added", "添加附件", case=case, data=data)
    return row


_Fault = tuple[str, str, str]  # field, code, sentence


def _refuse(faults: Sequence[_Fault]) -> None:
    if faults:
        reasons = [{"kind": "field", "code": code, "field": field, "message": text} for field, code, text in faults]
        raise Invalid("；".join(text for _, _, text in faults), reasons=reasons)


def _redaction_faults(described: Described) -> list[_Fault]:
    """What was blacked out is kept beside its original, with what was removed and why (条例第37条)."""
    given = (described.original_attachment_id, described.redactions)
    if described.kind is not AttachmentKind.REDACTED and any(given):
        return [_unredacted("只有区分处理后的材料才填写原件和遮盖说明")]
    if described.kind is AttachmentKind.REDACTED and not all(given):
        return [_unredacted("区分处理后的材料须指明原件，并说明去掉了什么、为什么（条例第37条）")]
    return []


def _original_faults(desk: Desk, case: Case, described: Described) -> list[_Fault]:
    if described.original_attachment_id is None:
        return []
    original = desk.session.get(Attachment, described.original_attachment_id)
    if original is None or original.case_id != case.id or original.withdrawn_at is not None:
        return [_unredacted("本案没有这个编号的原件")]
    return []


def _unredacted(text: str) -> _Fault:
    return "original_attachment_id", "redaction_incomplete", text


_PROVIDED = frozenset({AttachmentKind.REDACTED, AttachmentKind.EVIDENCE, AttachmentKind.OTHER})


def provided(desk: Desk, case_id: int, attachment_ids: Sequence[int]) -> list[Attachment]:
    """Return the files that travel with a reply, in the order given.

    Raises Invalid for one of another case or withdrawn, for papers about the applicant or the sending, and for an original
    of which part has been blacked out (条例第37条).
    """
    rows = {
        row.id: row
        for row in desk.session.scalars(
            select(Attachment).where(Attachment.case_id == case_id, Attachment.id.in_(attachment_ids))
        )
    }
    covered = set(
        desk.session.scalars(
            select(Attachment.original_id).where(Attachment.case_id == case_id, Attachment.withdrawn_at.is_(None))
        )
    )
    faults = []
    for place, attachment_id in enumerate(attachment_ids):
        row = rows.get(attachment_id)
        if row is None or row.withdrawn_at is not None:
            faults.append(f"本案没有编号为{attachment_id}的附件，或者已经撤下")
        elif row.kind not in _PROVIDED:
            faults.append(f"“{row.name}”是{row.kind.label}，不能随答复提供")
        elif row.id in covered:
            faults.append(f"“{row.name}”已经区分处理，只能提供区分处理后的材料，不能提供原件（条例第37条）")
        elif attachment_id in attachment_ids[:place]:
            faults.append(f"“{row.name}”重复列出")
    if faults:
        reasons = [
            {"kind": "field", "code": "attachment_not_provided", "field": "attachment_ids", "message": text}
            for text in faults
        ]
        raise Invalid("；".join(faults), reasons=reasons)
    return [rows[attachment_id] for attachment_id in attachment_ids]


def listing(desk: Desk, case_id: int) -> Sequence[Attachment]:
    """List the files of a case, withdrawn ones included."""
    files.open_file(desk, case_id)
    wanted = select(Attachment).where(Attachment.case_id == case_id).order_by(Attachment.id)
    return desk.session.scalars(wanted).all()


def fetch(desk: Desk, case_id: int, attachment_id: int) -> tuple[Attachment, bytes]:
    """Read a file; the caller calls `hand_out` before the answer leaves."""
    file = files.open_file(desk, case_id)
    row = _one(desk, case_id, attachment_id)
    refuse_erased(file.case)
    return row, store_of(desk.settings).get(row.sha256)


def hand_out(session: Session, desk: Desk, row: Attachment) -> None:
    """Write down who took a file: they are full of personal data. Raises Forbidden for a masked reader."""
    case = session.get_one(Case, row.case_id)
    require_unmasked(desk.actor, case.agency_id)
    data = {"attachment_id": row.id}
    journal.append(session, desk.actor, desk.now, "attachment_read", "取得附件", case=case, data=data)


def withdraw(
    desk: Desk, case_id: int, attachment_id: int, withdrawal: Withdrawal, seen_version: int | None
) -> Attachment:
    """Say that a file no longer counts, and why.

    Raises Clash when that was said before, when a redaction needs it, or when it goes with a reply.
    """
    file = _writable(desk, case_id, seen_version)
    case, row = file.case, _one(desk, case_id, attachment_id)
    if row.withdrawn_at is not None:
        raise Clash("这个附件已经撤下")
    depending = select(Attachment.id).where(Attachment.original_id == row.id, Attachment.withdrawn_at.is_(None))
    if desk.session.scalar(depending.limit(1)) is not None:
        raise Clash("有区分处理后的材料以它为原件，须先撤下该材料")
    if file.submitted and row.id in file.submitted.attachment_ids and case.state is not State.HANDLING:
        raise Clash("这个附件随答复提供：答复稿在审的，退回后才能撤下；已经签发的，不能撤下")
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_reason = desk.now, desk.actor.name, withdrawal.reason
    data, private = {"attachment_id": row.id}, {"reason": withdrawal.reason}
    journal.record(desk, "attachment_withdrawn", "撤下附件", case=case, data=data, private=private)
    desk.session.flush()
    return row


def _one(desk: Desk, case_id: int, attachment_id: int) -> Attachment:
    row = desk.session.get(Attachment, attachment_id)
    if row is None or row.case_id != case_id:
        raise NotFound
    return row


def _writable(desk: Desk, case_id: int, seen_version: int | None) -> File:
    """Open a case for writing beside it, so that archiving and adding never cross."""
    file = files.open_file(desk, case_id, lock=True)
    files.require_version(file.case, seen_version)
    refuse_archived(file)
    return file
