"""What a letter takes from rows beside the case: the files it travels with, an earlier reply."""

from collections.abc import Iterable

from sqlalchemy import select

from app.domain.documents import plain_date
from app.domain.terms import AttachmentKind
from app.models import Attachment, Case, Reply
from app.services.desk import Desk


def provided(desk: Desk, attachment_ids: Iterable[int]) -> list[str]:
    """Name the files that travel with the reply, in the order the draft gave them."""
    wanted = select(Attachment).where(Attachment.id.in_(attachment_ids))
    named = {
        row.id: f"{row.name}（区分处理后）" if row.kind is AttachmentKind.REDACTED else row.name
        for row in desk.session.scalars(wanted)
    }
    return [named[attachment_id] for attachment_id in attachment_ids]


def earlier_reply(desk: Desk, case_no: str) -> str:
    """Say which reply answered an earlier case, where this service knows it."""
    found = desk.session.execute(
        select(Reply.document_no, Reply.signed_on).join(Case, Case.id == Reply.case_id).where(Case.case_no == case_no)
    ).one_or_none()
    told = f"（{found.document_no}，{plain_date(found.signed_on)}）" if found else ""
    return f"前次申请编号：{case_no}，本机关已作答复{told}。"
