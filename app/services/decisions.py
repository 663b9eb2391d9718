"""Decisions on rectifications and complaints: drafted, reviewed like replies, signed under a series of their own."""

from app.domain import commands
from app.domain.terms import ComplaintOutcome, RectificationOutcome
from app.models import Complaint, Decision, Rectification
from app.services import replies
from app.services.counters import next_number
from app.services.desk import Desk
from app.services.files import File

Drafted = commands.DecideRectification | commands.ConcludeComplaint


def draft(desk: Desk, file: File, command: Drafted) -> None:
    """Keep this version of the decision; earlier ones stay."""
    replies.keep_draft(desk, file, command)


def sign(desk: Desk, file: File, command: commands.Sign) -> None:
    """Sign the newest draft: the outcome is fixed and numbered."""
    version = replies.review_by_leader(desk, file, command)
    signed_on = command.on or desk.today
    number = next_number(desk.session, f"decision:{file.agency.code}:{signed_on.year}")
    desk.session.add(
        Decision(
            case_id=file.case.id,
            agency_id=file.agency.id,
            draft_id=version.id,
            document_no=file.settings.decision_no.format(year=signed_on.year, seq=number),
            signed_on=signed_on,
            signed_by=desk.actor.name,
        )
    )
    if isinstance(file.matter, Rectification):
        file.matter.outcome = RectificationOutcome(version.content["outcome"])
    elif isinstance(file.matter, Complaint):
        file.matter.outcome = ComplaintOutcome(version.content["outcome"])
