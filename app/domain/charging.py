"""What the fee of one case comes to and what was paid of it, in whole yuan; the tariff itself is `fees`."""

from app.domain import commands
from app.domain.facts import Facts
from app.domain.fees import PerPage, preview, request_price
from app.domain.terms import FeeMethod


def amount_due(facts: Facts, notice: commands.NotifyFee) -> int:
    """Whole yuan for this request: its own place in the applicant's month, or its own pages (国办函〔2020〕109号)."""
    if notice.method is FeeMethod.PER_PAGE:
        return preview(PerPage(pages=notice.pages)).amount_yuan if notice.pages else 0
    return request_price(facts.requests_in_month) if facts.requests_in_month else 0


def paid(facts: Facts) -> int:
    """What the applicant has paid and not got back, in yuan."""
    taken = sum(payment.amount_yuan for payment in facts.taken(commands.RecordPayment))
    return taken - sum(refund.amount_yuan for refund in facts.taken(commands.RefundFee))
