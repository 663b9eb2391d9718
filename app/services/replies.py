"""Drafts, their reviews and the one signed reply."""

from app.domain import commands, replies
from app.domain.settings import AgencySettings
from app.domain.terms import ReplyKind, ReviewKind
from app.models import Draft, Reply, Review
from app.services.counters import next_number
from app.services.desk import Desk
from app.services.files import File


def submit(desk: Desk, file: File, command: commands.Submit) -> None:
    """Keep this version of the reply; earlier ones stay."""
    desk.session.add(
        Draft(
            case_id=file.case.id,
            number=file.draft.number + 1 if file.draft else 1,
            drafter=desk.actor.name,
            conclusions=[conclusion.model_dump(mode="json") for conclusion in command.conclusions],
            body=command.body,
            submitted_at=desk.now,
        )
    )


def endorse(desk: Desk, file: File, command: commands.Endorse) -> None:
    _review(desk, file, command, ReviewKind.SECTION, command.opinion, passed=True)


def review_secrecy(desk: Desk, file: File, command: commands.ReviewSecrecy) -> None:
    _review(desk, file, command, ReviewKind.SECRECY, command.opinion, passed=command.cleared)


def return_draft(desk: Desk, file: File, command: commands.ReturnDraft) -> None:
    _review(desk, file, command, ReviewKind.SECTION, command.reason, passed=False)


def sign(desk: Desk, file: File, command: commands.Sign) -> None:
    """Sign the newest draft: the reply is fixed, counted under one kind and numbered without a gap."""
    draft = _draft(file)
    _review(desk, file, command, ReviewKind.LEADER, command.opinion, passed=True)
    signed_on = command.on or desk.today
    kind = replies.overall(ReplyKind(conclusion["kind"]) for conclusion in draft.conclusions)
    number = next_number(desk.session, f"document:{file.agency.code}:{signed_on.year}")
    template = AgencySettings.model_validate(file.agency.settings).document_no
    desk.session.add(
        Reply(
            case_id=file.case.id,
            agency_id=file.agency.id,
            draft_id=draft.id,
            kind=kind,
            document_no=template.format(year=signed_on.year, seq=number),
            signed_on=signed_on,
            signed_by=desk.actor.name,
        )
    )
    file.case.outcome = kind


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
