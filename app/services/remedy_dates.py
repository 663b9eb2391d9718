"""What falls due in remedies, worked out from their dates: for one when it changes, for all when a calendar or settings do."""

import datetime as dt
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain import remedies
from app.domain.remedies import Due, Proceedings
from app.domain.terms import RemedyNode, State
from app.models import Agency, Case, Remedy
from app.services import clocks
from app.services.calendars import Book


def proceedings(row: Remedy) -> Proceedings:
    """Read a stored remedy as the domain knows it."""
    return Proceedings(**{part.name: getattr(row, part.name) for part in fields(Proceedings)})


def falls_due(row: Remedy, agency: Agency, book: Book) -> list[Due]:
    """Work out by when the agency must act in a remedy, each day marked with the remedy's id."""
    nodes = remedies.due(proceedings(row), clocks.rules_of(agency), book.of(agency.region))
    return [replace(node, ref=str(row.id)) for node in nodes]


def project(row: Remedy, coming: Due | None) -> None:
    """Refresh what lists query of a remedy."""
    row.next_node = coming.node if coming else None
    row.next_on = coming.due_on if coming else None
    row.provisional = coming.provisional if coming else False


@dataclass(frozen=True, slots=True)
class Moved:
    """A remedy in which the next day to act by moved, without anything that says whose or about what it is."""

    remedy_id: int
    case_id: int
    case_no: str
    state: State
    agency_id: int
    agency_code: str
    node: RemedyNode
    before: dt.date
    after: dt.date

    @property
    def noted(self) -> dict[str, Any]:
        """Say it as the journal keeps it."""
        moved = {"from": self.before.isoformat(), "to": self.after.isoformat()}
        return {"remedy_id": self.remedy_id, "node": self.node.value, "due_on": moved}


def recompute(session: Session, book: Book, agency_id: int | None = None, *, dry_run: bool = False) -> list[Moved]:
    """Work out anew what falls due in every waiting remedy, after a notice or new settings of an agency.

    Returns those that moved; in a dry run, that would move.
    """
    waiting = (
        select(Remedy, Case, Agency)
        .join(Case, Case.id == Remedy.case_id)
        .join(Agency, Agency.id == Remedy.agency_id)
        .where(Remedy.next_on.is_not(None))
        .order_by(Remedy.id)
    )
    found = []
    for row, case, agency in session.execute(
        waiting if agency_id is None else waiting.where(Remedy.agency_id == agency_id)
    ):
        before, coming = row.next_on, remedies.next_due(tuple(falls_due(row, agency, book)))
        if coming and before and coming.due_on != before:
            found.append(
                Moved(
                    remedy_id=row.id,
                    case_id=case.id,
                    case_no=case.case_no,
                    state=case.state,
                    agency_id=agency.id,
                    agency_code=agency.code,
                    node=coming.node,
                    before=before,
                    after=coming.due_on,
                )
            )
        if not dry_run:
            project(row, coming)
    return found
