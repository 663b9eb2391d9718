"""What each step writes beyond the state, the clock and the journal: one entry an action, held complete by a test."""

from collections.abc import Callable, Mapping
from typing import Any

from app.domain import commands
from app.domain.terms import ReplyKind
from app.services import deliveries, replies
from app.services.desk import Desk
from app.services.files import File

Effect = Callable[[Desk, File, Any], None]


def _nothing(_desk: Desk, _file: File, _command: commands.Command) -> None:
    """The state, the clock and the journal say it all."""


def _receive(desk: Desk, file: File, command: commands.ConfirmReceipt) -> None:
    file.case.received_on = command.on or desk.today


def _hand_to(_desk: Desk, file: File, command: commands.Assign | commands.Reassign) -> None:
    file.case.handler = command.handler


def _close_uncorrected(_desk: Desk, file: File, _command: commands.CloseUncorrected) -> None:
    file.case.outcome = ReplyKind.CLOSED_NO_CORRECTION


def _archive(desk: Desk, file: File, command: commands.Archive) -> None:
    file.case.volume_no = command.volume_no
    file.case.retention_years = command.retention_years
    file.case.archived_on = command.on or desk.today


EFFECTS: Mapping[type[commands.Command], Effect] = {
    commands.ConfirmReceipt: _receive,
    commands.Accept: _nothing,
    commands.RequestCorrection: _nothing,
    commands.RecordCorrectionDelivery: _nothing,
    commands.ReceiveCorrection: _nothing,
    commands.CloseUncorrected: _close_uncorrected,
    commands.Assign: _hand_to,
    commands.Reassign: _hand_to,
    commands.Extend: _nothing,
    commands.Submit: replies.submit,
    commands.Endorse: replies.endorse,
    commands.ReviewSecrecy: replies.review_secrecy,
    commands.ReturnDraft: replies.return_draft,
    commands.Sign: replies.sign,
    commands.Deliver: deliveries.deliver,
    commands.ConfirmDelivery: deliveries.confirm_delivery,
    commands.Archive: _archive,
}
