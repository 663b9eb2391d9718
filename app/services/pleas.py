"""What an agency may plead against a remedy: that it came too late, or before the wrong body."""

from app.domain import remedies, replies
from app.domain.remedies import Proceedings
from app.domain.terms import NodeKind, RemedyKind, RemedyOrder
from app.services.files import File

_WINDOW = {
    RemedyKind.RECONSIDERATION: (NodeKind.RECONSIDERATION, "行政复议法第20条"),
    RemedyKind.LITIGATION_DIRECT: (NodeKind.LITIGATION, "行政诉讼法第46条"),
}


def of_agency(file: File, remedy: Proceedings, earlier: Proceedings | None) -> list[str]:
    """Say in Chinese what may be pleaded; `earlier` is the reconsideration that a lawsuit follows."""
    found = []
    if remedy.kind in _WINDOW:
        kind, article = _WINDOW[remedy.kind]
        window = next((node.due_on for node in file.nodes if node.node is kind), None)
        if window and remedy.filed_on > window:
            found.append(f"提出之日晚于期限届满之日{window}，可以就是否逾期提出意见（{article}）")
    if remedy.kind is RemedyKind.LITIGATION_DIRECT and file.case.outcome:
        orders = replies.remedy_orders({file.case.outcome})
        if RemedyOrder.REVIEW_FIRST in orders:
            found.append("不予公开的应当先申请行政复议，可以就未经复议提出意见（行政复议法第23条第1款第（四）项）")
    until = remedies.sue_until(earlier, file.rules, file.newest) if earlier else None
    if until and remedy.filed_on > until:
        found.append(f"起诉之日晚于期限届满之日{until}，可以就是否逾期提出意见（行政诉讼法第45条）")
    return found
