"""The fee of a case: what its notice asked for, and what was paid and given back."""

import datetime as dt

from pydantic import Field

from app.domain.commands import RecordPayment, RefundFee
from app.domain.shape import Shape
from app.domain.terms import FeeMethod
from app.services.files import File


class FeeMovement(Shape):
    """Money paid, or given back."""

    on: dt.date
    amount_yuan: int = Field(description="元；退付为负")
    receipt_no: str
    reason: str | None = Field(description="退付的理由")


class FeeOut(Shape):
    """The fee notice as it was sent, and what has been paid."""

    method: FeeMethod
    method_label: str
    quantity: int = Field(description="按量：页数；按件：该申请人该自然月内的第几件")
    amount_yuan: int
    basis: str
    standard: str
    working: list[str]
    payment: str
    notified_on: dt.date
    paid: list[FeeMovement]


def fee_out(file: File) -> FeeOut | None:
    """Say what the notice asked for, with what was paid since; None where none was sent."""
    fee = file.fee
    if fee is None:
        return None
    taken = [past.command for past in file.past if isinstance(past.command, RecordPayment | RefundFee)]
    return FeeOut(
        method=fee.method,
        method_label=fee.method.label,
        quantity=fee.quantity,
        amount_yuan=fee.amount_yuan,
        basis=fee.basis,
        standard=fee.standard,
        working=list(fee.working),
        payment=fee.payment,
        notified_on=fee.notified_on,
        paid=[_movement(command) for command in taken],
    )


def _movement(command: RecordPayment | RefundFee) -> FeeMovement:
    assert command.on is not None, "a command is dated before it is recorded"
    back = isinstance(command, RefundFee)
    return FeeMovement(
        on=command.on,
        amount_yuan=-command.amount_yuan if back else command.amount_yuan,
        receipt_no=command.receipt_no,
        reason=command.reason if isinstance(command, RefundFee) else None,
    )
