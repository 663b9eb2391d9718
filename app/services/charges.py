"""Keeping what a fee notice asked for: reckoned once, when it is sent."""

from app.domain import commands
from app.domain.charging import reckoned
from app.models import Fee
from app.services.desk import Desk
from app.services.facts import facts_of
from app.services.files import File


def notify(desk: Desk, file: File, command: commands.NotifyFee) -> None:
    """Store the amount with its basis, standard and working; the table's checks have made sure that there is one."""
    charge = reckoned(facts_of(desk, file), command)
    assert charge is not None, "a notice without an amount is refused"
    desk.session.add(
        Fee(
            case_id=file.case.id,
            method=charge.method,
            quantity=charge.quantity,
            amount_yuan=charge.amount_yuan,
            basis=charge.basis,
            standard=charge.standard,
            working=list(charge.working),
            payment=command.payment,
            notified_on=command.on or desk.today,
        )
    )
