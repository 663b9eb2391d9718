"""The ways a reply leaves the agency: which day counts, which of them are electronic, and what the post must be."""

from app.domain import commands
from app.domain.terms import SendMethod

SERVED_BY_SIGNATURE = frozenset({SendMethod.PICKUP, SendMethod.INSPECT})
"""Ways judged by the day of signature; the others by the day of sending (国办公开办函〔2016〕235号)."""

ELECTRONIC = frozenset({SendMethod.EMAIL, SendMethod.WEB, SendMethod.FAX})
"""Ways that need the applicant's consent (民事诉讼法第90条, by analogy)."""

ONLINE = frozenset({SendMethod.EMAIL, SendMethod.WEB})
"""Ways by which the online channel of reconsideration must be named (行政复议法第22条第2款); a fax is no internet."""

_POSTAL = ("邮政", "EMS")


def postal_faults(command: commands.Deliver) -> list[str]:
    """What is wrong with a reply given to the post, in Chinese; empty when nothing is, or when it is not posted (K20).

    Only the postal enterprise may carry an official document (邮政法第55条), and not at the applicant's cost.
    """
    if command.method is not SendMethod.POST:
        return []
    carrier = command.carrier or ""
    faults = (
        (
            not any(word in carrier.upper() for word in _POSTAL),
            f"承运单位“{carrier or '（未填写）'}”不是邮政企业，国家机关公文只能由邮政企业寄递",
        ),
        (command.tracking_no is None, "未填写邮件单号"),
        (command.freight_collect, "邮费不得由申请人到付"),
    )
    return [message for wrong, message in faults if wrong]
