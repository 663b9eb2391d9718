"""What each step writes beyond the state, the clock and the journal: one entry an action, held complete by a test."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select

from app.domain import commands
from app.domain.terms import CaseKind, ReplyKind, Role
from app.domain.workflow import complaint
from app.errors import Invalid
from app.models import User, UserRole
from app.services import assistances, charges, decisions, deliveries, movements, replies
from app.services.desk import Desk
from app.services.files import File

Effect = Callable[[Desk, File, Any], None]


def nothing(_desk: Desk, _file: File, _command: commands.Command) -> None:
    """The state, the clock and the journal say it all."""


def _receive(desk: Desk, file: File, command: commands.ConfirmReceipt) -> None:
    file.case.received_on = command.on or desk.today


def _hand_to(desk: Desk, file: File, command: commands.Assign | commands.Reassign) -> None:
    roles = complaint.SUPERVISORS if file.case.kind is CaseKind.COMPLAINT else {Role.HANDLER}
    able = select(User.id).join(UserRole).where(User.username == command.handler, UserRole.role.in_(roles))
    own = able.where(User.agency_id == file.agency.id, User.disabled_at.is_(None))
    if desk.session.scalar(own.limit(1)) is None:
        named = "、".join(role.label for role in Role if role in roles)
        message = f"本机关没有这个登录名的{named}"
        raise Invalid(
            message, reasons=[{"kind": "field", "code": "no_such_handler", "field": "handler", "message": message}]
        )
    file.case.handler = command.handler


def _end_as(outcome: ReplyKind) -> Effect:
    def end(_desk: Desk, file: File, _command: commands.Command) -> None:
        if file.case.kind is CaseKind.DISCLOSURE:  # the outcomes are rows of its annual report
            file.case.outcome = outcome

    return end


def _sign(desk: Desk, file: File, command: commands.Sign) -> None:
    (replies if file.case.kind is CaseKind.DISCLOSURE else decisions).sign(desk, file, command)


def _archive(desk: Desk, file: File, command: commands.Archive) -> None:
    file.case.volume_no = command.volume_no
    wanted = file.settings.retention_years if command.retention_years is None else command.retention_years
    file.case.retention_years = None if wanted == "permanent" else wanted
    file.case.archived_on = command.on or desk.today


EFFECTS: Mapping[type[commands.Command], Effect] = {
    commands.ConfirmReceipt: _receive,
    commands.Accept: nothing,
    commands.RequestCorrection: nothing,
    commands.RecordCorrectionDelivery: nothing,
    commands.ReceiveCorrection: nothing,
    commands.CloseUncorrected: _end_as(ReplyKind.CLOSED_NO_CORRECTION),
    commands.RequestReasons: nothing,
    commands.RecordReasonsDelivery: nothing,
    commands.ReceiveReasons: nothing,
    commands.SetExcessivePeriod: nothing,
    commands.Assign: _hand_to,
    commands.Transfer: movements.transfer,
    commands.Split: movements.split,
    commands.Merge: movements.merge,
    commands.Withdraw: _end_as(ReplyKind.CLOSED_OTHER),
    commands.Reassign: _hand_to,
    commands.RecordSearch: nothing,
    commands.Consult: nothing,
    commands.RecordConsultationDelivery: nothing,
    commands.RecordConsultationAnswer: nothing,
    commands.NotifyThirdParty: nothing,
    commands.AskAssistance: assistances.ask,
    commands.RecordContact: nothing,
    commands.Extend: nothing,
    commands.NotifyFee: charges.notify,
    commands.RecordFeeDelivery: nothing,
    commands.RecordPayment: nothing,
    commands.CloseUnpaid: _end_as(ReplyKind.CLOSED_NO_PAYMENT),
    commands.RefundFee: nothing,
    commands.Submit: replies.submit,
    commands.Endorse: replies.endorse,
    commands.ReviewSecrecy: replies.review_secrecy,
    commands.ReviewLegality: replies.review_legality,
    commands.ReturnDraft: replies.return_draft,
    commands.Override: nothing,
    commands.DecideRectification: decisions.draft,
    commands.ConcludeComplaint: decisions.draft,
    commands.RecordFollowUp: nothing,
    commands.Sign: _sign,
    commands.Deliver: deliveries.deliver,
    commands.RecordReturn: deliveries.record_return,
    commands.ConfirmDelivery: deliveries.confirm,
    commands.Supplement: replies.supplement,
    commands.Archive: _archive,
}
