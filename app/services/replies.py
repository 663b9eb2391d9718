"""Drafts, their reviews, the one signed reply, and what may follow it."""

import datetime as dt

from app.domain import commands, replies
from app.domain.terms import ReviewKind
from app.models import Draft, Reply, Review, SupplementaryReply
from app.services import attachments
from app.services.counters import next_number
from app.services.desk import Desk
from app.services.files import File


def submit(desk: Desk, file: File, command: commands.Submit) -> None:
    """Keep this version of the reply; earlier ones stay. Raises Invalid for attachments that cannot go with it."""
    attachments.provided(desk, file.case.id, command.attachment_ids)
    keep_draft(desk, file, command)


def keep_draft(desk: Desk, file: File, command: commands.Command) -> None:
    """Keep what was sent to review as a version of its own."""
    desk.session.add(
        Draft(
            case_id=file.case.id,
            number=file.draft.number + 1 if file.draft else 1,
            drafter=desk.actor.name,
            content=command.model_dump(mode="json"),
            submitted_at=desk.now,
        )
    )


def endorse(desk: Desk, file: File, command: commands.Endorse) -> None:
    _review(desk, file, command, ReviewKind.SECTION, command.opinion, passed=True)


def review_secrecy(desk: Desk, file: File, command: commands.ReviewSecrecy) -> None:
    _review(desk, file, command, ReviewKind.SECRECY, command.opinion, passed=command.cleared)


def review_legality(desk: Desk, file: File, command: commands.ReviewLegality) -> None:
    opinion = f"{command.reviewer}（{command.qualification.label}）：{command.opinion}"
    _review(desk, file, command, ReviewKind.LEGAL, opinion, passed=command.passed)


def return_draft(desk: Desk, file: File, command: commands.ReturnDraft) -> None:
    _review(desk, file, command, ReviewKind.SECTION, command.reason, passed=False)


def sign(desk: Desk, file: File, command: commands.Sign) -> None:
    """Sign the newest draft: the reply is fixed, counted under one kind and numbered without a gap."""
    draft = review_by_leader(desk, file, command)
    if file.submitted:
        attachments.provided(desk, file.case.id, file.submitted.attachment_ids)
    signed_on = command.on or desk.today
    kind = replies.overall(conclusion.kind for conclusion in file.conclusions)
    desk.session.add(
        Reply(
            case_id=file.case.id,
            agency_id=file.agency.id,
            draft_id=draft.id,
            kind=kind,
            document_no=_document_no(desk, file, signed_on),
            signed_on=signed_on,
            signed_by=desk.actor.name,
        )
    )
    file.case.outcome = kind


def review_by_leader(desk: Desk, file: File, command: commands.Sign) -> Draft:
    """Note the leader's approval of the newest draft and return that draft."""
    _review(desk, file, command, ReviewKind.LEADER, command.opinion, passed=True)
    return _draft(file)


def supplement(desk: Desk, file: File, command: commands.Supplement) -> None:
    """Sign a second document under a number of its own; the reply stays as it is."""
    signed_on = command.on or desk.today
    desk.session.add(
        SupplementaryReply(
            case_id=file.case.id,
            agency_id=file.agency.id,
            kind=command.kind,
            document_no=_document_no(desk, file, signed_on),
            reason=command.reason,
            content=command.content,
            sent_by=command.sent_by,
            signed_on=signed_on,
            signed_by=desk.actor.name,
        )
    )


def _document_no(desk: Desk, file: File, on: dt.date) -> str:
    number = next_number(desk.session, f"document:{file.agency.code}:{on.year}")
    return file.settings.document_no.format(year=on.year, seq=number)


def _draft(file: File) -> Draft:
    if file.draft is None:
        raise LookupError(f"case {file.case.id} is under review without a draft")
    return file.draft


def _review(
    desk: Desk, file: File, command: commands.Command, kind: ReviewKind, opinion: str | None, *, passed: bool
) -> None:
    desk.session.add(
        Review(
            case_id=file.case.id,
            draft_id=_draft(file).id,
            kind=kind,
            passed=passed,
            reviewer=desk.actor.name,
            opinion=opinion,
            on=command.on or desk.today,
            at=desk.now,
        )
    )
