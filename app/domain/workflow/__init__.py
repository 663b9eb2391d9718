"""THE TABLE: every step a case can take, from registration to the archive, a module per stage.

A row is all that a new step takes: its command (body), where it may start, where it leads, who may take it, what must
hold, what it does to the clock, and the article it rests on. The typed endpoint, the Swagger text, the list of
permitted actions, the diagram and the matrix test all follow from the row.
"""

from app.domain.machine import Workflow
from app.domain.terms import State
from app.domain.workflow import accept, archive, deliver, fee, handle, reply, review
from app.domain.workflow.shared import not_before_receipt, not_future

__all__ = ["WORKFLOW"]

WORKFLOW = Workflow(
    start=State.REGISTERED,
    ends=frozenset({State.ARCHIVED}),
    common=(not_future, not_before_receipt),
    rows=(*accept.ROWS, *review.ROWS, *handle.ROWS, *fee.ROWS, *reply.ROWS, *deliver.ROWS, *archive.ROWS),
)
