"""What the fee of one case comes to and what was paid of it, in whole yuan; the tariff itself is `fees`."""

from app.domain import commands
from app.domain.facts import Facts
from app.domain.fees import Charge, reckon
from app.domain.terms import FeeMethod


def reckoned(facts: Facts, notice: commands.NotifyFee) -> Charge | None:
    """Charge this request by its own pages or its own place in the applicant's month (国办函〔2020〕109号).

    A notice that was sent keeps what it asked for, whatever is learnt of the month afterwards. None where nothing can be
    counted: no pages given, or an applicant without an identity number.
    """
    if facts.charge is not None:
        return facts.charge
    quantity = notice.pages if notice.method is FeeMethod.PER_PAGE else facts.requests_in_month
    return reckon(notice.method, quantity) if quantity else None


def amount_due(facts: Facts, notice: commands.NotifyFee) -> int:
    """Whole yuan this request costs; 0 where nothing can be counted."""
    charge = reckoned(facts, notice)
    return charge.amount_yuan if charge else 0


def paid(facts: Facts) -> int:
    """What the applicant has paid and not got back, in yuan."""
    taken = sum(payment.amount_yuan for payment in facts.taken(commands.RecordPayment))
    return taken - sum(refund.amount_yuan for refund in facts.taken(commands.RefundFee))
