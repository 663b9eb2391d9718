"""Sending the reply, proving that it arrived, sending it again."""

from app.domain import commands
from app.models import Delivery
from app.services.desk import Desk
from app.services.files import File


def deliver(desk: Desk, file: File, command: commands.Deliver) -> None:
    delivery = Delivery(
        case_id=file.case.id,
        method=command.method,
        carrier=command.carrier,
        tracking_no=command.tracking_no,
        sent_on=command.on or desk.today,
    )
    desk.session.add(delivery)
    desk.session.flush()  # gives the row the id its texts are bound to
    delivery.late_reason = command.late_reason


def confirm(desk: Desk, file: File, command: commands.ConfirmDelivery) -> None:
    delivery = _current(file)
    delivery.served_on = command.on or desk.today
    delivery.proof = command.proof
    delivery.proof_ref = command.proof_ref
    delivery.receiver = command.receiver
    delivery.late_reason = command.late_reason or delivery.late_reason


def record_return(desk: Desk, file: File, command: commands.RecordReturn) -> None:
    delivery = _current(file)
    delivery.returned_on = command.on or desk.today
    delivery.return_reason = command.reason


def _current(file: File) -> Delivery:
    if file.delivery is None:
        raise LookupError(f"case {file.case.id} is being delivered without a delivery")
    return file.delivery
