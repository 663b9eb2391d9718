"""THE TABLES: every step a case can take, from registration to the archive, a module per stage and per further kind.

A row is all that a new step takes: its command (body), where it may start, where it leads, who may take it, what must
hold, what it does to the clock, and the article it rests on. The typed endpoint, the Swagger text, the list of
permitted actions, the diagram and the matrix test all follow from the row.

An action means the same body and the same endpoint in every table; which steps there are is the kind's own affair.
"""

from collections.abc import Mapping
from types import MappingProxyType

from app.domain.commands import Command
from app.domain.machine import Workflow
from app.domain.terms import CaseKind, State
from app.domain.workflow import accept, archive, complaint, deliver, fee, handle, rectification, reply, review
from app.domain.workflow.shared import not_before_receipt, not_future

__all__ = ["COMMANDS", "WORKFLOW", "WORKFLOWS"]

_DISCLOSURE = (*accept.ROWS, *review.ROWS, *handle.ROWS, *fee.ROWS, *reply.ROWS, *deliver.ROWS, *archive.ROWS)

WORKFLOWS: Mapping[CaseKind, Workflow] = MappingProxyType(
    {
        kind: Workflow(
            kind=kind,
            start=State.REGISTERED,
            ends=frozenset({State.ARCHIVED}),
            common=(not_future, not_before_receipt),
            rows=rows,
        )
        for kind, rows in (
            (CaseKind.DISCLOSURE, _DISCLOSURE),
            (CaseKind.RECTIFICATION, rectification.ROWS),
            (CaseKind.COMPLAINT, complaint.ROWS),
        )
    }
)

WORKFLOW = WORKFLOWS[CaseKind.DISCLOSURE]
"""The main table: a request for government information."""

COMMANDS: Mapping[str, type[Command]] = MappingProxyType(
    {step.action: step.command for workflow in WORKFLOWS.values() for step in workflow.rows}
)
"""The body of every action of any kind of case."""
