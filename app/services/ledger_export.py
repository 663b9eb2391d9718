"""An agency's requests as a ledger: the form in which they can be imported elsewhere."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.domain.acts import Act, Closed, Replied, Served, Withdrawn
from app.domain.ledger import MAX_ROWS
from app.domain.replies import REPLIES
from app.domain.terms import CaseKind
from app.errors import Invalid
from app.models import Agency, Applicant, Case, CaseItem
from app.models.keyring import keyring_of
from app.services import clocks, journal, ledger_files
from app.services.desk import Desk
from app.services.ledger import agency_of
from app.services.visibility import require_unmasked

CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class Span:
    """Which cases of an agency: by their day of receipt, both days included."""

    received_from: dt.date | None = None
    received_to: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Export:
    """A ledger's rows, and of whom."""

    agency: Agency
    rows: Sequence[ledger_files.Row]


def export(desk: Desk, agency_code: str | None, span: Span) -> Export:
    """Write an agency's requests as ledger rows, in the order of receipt; unconfirmed ones are not yet received.

    Raises NotFound for an agency that is not the caller's, Invalid when there are more cases than one file holds.
    """
    agency = agency_of(desk, agency_code)
    return Export(agency, [row for part in _parts(desk, agency, span) for row in part])


def hand_out(session: Session, desk: Desk, exported: Export, span: Span) -> None:
    """Note who took an agency's ledger, which names every applicant; a short transaction of its own."""
    data = {
        "cases": len(exported.rows),
        "received_from": span.received_from.isoformat() if span.received_from else None,
        "received_to": span.received_to.isoformat() if span.received_to else None,
    }
    agency_id = exported.agency.id
    require_unmasked(desk.actor, agency_id)
    journal.append(session, desk.actor, desk.now, "ledger_exported", "导出台账", agency_id=agency_id, data=data)


def _parts(desk: Desk, agency: Agency, span: Span) -> Iterator[list[ledger_files.Row]]:
    conditions: list[ColumnElement[bool]] = [
        Case.agency_id == agency.id,
        Case.kind == CaseKind.DISCLOSURE,
        Case.received_on.is_not(None),
    ]
    if span.received_from:
        conditions.append(Case.received_on >= span.received_from)
    if span.received_to:
        conditions.append(Case.received_on <= span.received_to)
    ids = desk.session.scalars(select(Case.id).where(*conditions).order_by(Case.received_on, Case.id)).all()
    if len(ids) > MAX_ROWS:
        raise Invalid(f"共{len(ids)}件，一次最多导出{MAX_ROWS}件：请用收到日期分段导出")
    for first in range(0, len(ids), CHUNK):
        part = ids[first : first + CHUNK]
        keyring_of(desk.session).fetch(desk.session, part)
        by_id = {case.id: (case, who) for case, who in desk.session.execute(_CASES.where(Case.id.in_(part)))}
        contents: dict[int, list[str]] = {case_id: [] for case_id in part}
        for item in desk.session.scalars(_ITEMS.where(CaseItem.case_id.in_(part))):
            words = (item.title, item.document_no, item.description)
            contents[item.case_id].append("，".join(word for word in words if word))
        acts = clocks.acts_of(desk.session, part)
        yield [_row(*by_id[case_id], "；".join(contents[case_id]), acts.get(case_id, ())) for case_id in part]


_CASES = select(Case, Applicant).join(Applicant, Applicant.case_id == Case.id)
_ITEMS = select(CaseItem).order_by(CaseItem.case_id, CaseItem.no)


def _row(case: Case, who: Applicant, content: str, acts: Sequence[Act]) -> ledger_files.Row:
    """Write one case. What has no reply was closed on the day its clock stopped; the number is the ledger's own."""
    replied_on = next((act.on for act in acts if isinstance(act, Replied)), None)
    served_on = next((act.on for act in acts if isinstance(act, Served)), None)
    closed_on = next((act.on for act in acts if isinstance(act, Closed | Withdrawn)), None)
    if replied_on and case.ledger_id is None:
        closed_on = case.archived_on
    outcome = case.outcome if case.stopped_on is not None else None
    over = outcome is not None
    return (
        case.external_no if case.ledger_id is not None else case.case_no,
        case.received_on,
        case.channel.label,
        who.kind.label,
        *(who.name, who.id_number, who.phone, content),
        REPLIES[outcome].row.label if outcome else None,
        replied_on if over else None,
        served_on if over else None,
        closed_on if over else None,
    )
