"""Assistance between agencies: one asks about a case, the other answers and sees nothing else of it."""

from collections.abc import Sequence

from pydantic import Field
from sqlalchemy import select

from app.domain import commands
from app.domain.commands import Strict
from app.domain.commands.base import Text
from app.domain.terms import State
from app.errors import ActionRefused, Clash, Invalid, NotFound
from app.models import Agency, Assistance, Case
from app.services import agencies, journal
from app.services.desk import Desk
from app.services.files import File
from app.services.visibility import everywhere


class AssistanceAnswer(Strict):
    """What the asked agency says."""

    answer: Text = Field(description="核实的结果", examples=["经核实，该地块的征收补偿安置方案已于2025年公布"])


def ask(desk: Desk, file: File, command: commands.AskAssistance) -> None:
    """Put the question before another agency of the same city."""
    root = file.agency.path.split("/")[1]
    target = desk.session.scalar(
        select(Agency).where(Agency.code == command.agency_code, Agency.path.startswith(f"/{root}/"))
    )
    target = agencies.living(desk.session, target)
    if target is None or target.id == file.agency.id:
        message = "本市没有这个代码的其他机关"
        raise Invalid(
            message, reasons=[{"kind": "field", "code": "not_applicable", "field": "agency_code", "message": message}]
        )
    desk.session.add(
        Assistance(
            case_id=file.case.id,
            asked_by=file.agency.id,
            agency_id=target.id,
            question=command.question,
            asked_at=desk.now,
            answer_by=command.answer_by,
        )
    )


def inbox(desk: Desk, *, answered: bool) -> Sequence[Assistance]:
    """List what the caller's agency was asked, oldest first."""
    wanted = select(Assistance).where(Assistance.agency_id == desk.actor.agency_id)
    wanted = wanted.where(Assistance.answered_at.is_not(None) if answered else Assistance.answered_at.is_(None))
    return desk.session.scalars(wanted.order_by(Assistance.id).limit(500)).all()


def of_case(desk: Desk, case_id: int) -> Sequence[Assistance]:
    """List the questions asked about a case and their answers."""
    return desk.session.scalars(select(Assistance).where(Assistance.case_id == case_id).order_by(Assistance.id)).all()


def reply(desk: Desk, assistance_id: int, given: AssistanceAnswer) -> Assistance:
    """Answer once.

    Raises NotFound for another agency's question, Clash for an answered one, ActionRefused once the case is archived.
    """
    row = desk.session.scalar(
        select(Assistance)
        .where(Assistance.id == assistance_id, Assistance.agency_id == desk.actor.agency_id)
        .with_for_update()
    )
    if row is None:
        raise NotFound
    if row.answered_at is not None:
        raise Clash("这项协助已经答复")
    with everywhere(desk.session):  # the case is the asking agency's: it is held, and its journal gets the answer
        case = desk.session.get_one(Case, row.case_id, with_for_update=True)
        if case.state is State.ARCHIVED:  # its volume is sealed, and the question is part of it
            raise ActionRefused("提出请求的案件已经归档，不再接受答复")
        row.answer, row.answered_at, row.answered_by = given.answer, desk.now, desk.actor.name
        journal.record(desk, "assistance_answered", "协助答复", case=case, data={"assistance_id": row.id})
    return row
