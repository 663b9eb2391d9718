"""Opening cases: the rows around a case, read once, with its clock folded for today."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, fields

from sqlalchemy import Row, Select, select

from app.domain.acts import Act
from app.domain.clock import Reading
from app.domain.commands import Conclusion, Submit
from app.domain.facts import Past
from app.domain.limits import ClockRules
from app.domain.nodes import Node
from app.domain.settings import AgencySettings
from app.domain.workdays import WorkCalendar
from app.errors import NotFound
from app.models import Agency, Applicant, Case, CaseItem, Delivery, Draft, Reply, Review
from app.services import clocks, journal
from app.services.desk import Desk
from app.services.visibility import visible_cases


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A case and where its clock stands today: what one line of a list shows."""

    case: Case
    agency: Agency
    applicant: Applicant
    acts: tuple[Act, ...]
    settings: AgencySettings
    calendar: WorkCalendar
    today: dt.date
    reading: Reading | None

    @property
    def rules(self) -> ClockRules:
        return self.settings.clock_rules()

    @property
    def nodes(self) -> tuple[Node, ...]:
        return clocks.nodes_of(self.case, self.reading, self.calendar)


@dataclass(frozen=True, slots=True, kw_only=True)
class File(Standing):
    """A case whole, as one page shows it and guards judge it."""

    items: Sequence[CaseItem]
    past: tuple[Past, ...]
    draft: Draft | None
    reviews: Sequence[Review]
    reply: Reply | None
    delivery: Delivery | None

    @property
    def submitted(self) -> Submit | None:
        """The newest version of the reply, as its drafter sent it to review."""
        return Submit.model_validate(self.draft.content) if self.draft else None

    @property
    def conclusions(self) -> tuple[Conclusion, ...]:
        submitted = self.submitted
        return tuple(submitted.conclusions) if submitted else ()


Rows = Select[Case, Agency, Applicant]


def visible(desk: Desk) -> Rows:
    """Select the cases the caller may see, with agency and applicant; every listing starts here."""
    return (
        select(Case, Agency, Applicant)
        .join(Agency, Agency.id == Case.agency_id)
        .join(Applicant, Applicant.case_id == Case.id)
        .where(visible_cases(desk.actor))
    )


def standings(desk: Desk, rows: Sequence[Row[Case, Agency, Applicant]]) -> list[Standing]:
    """Fold the clocks of a page of cases, with one query for all their acts."""
    acts = clocks.acts_of(desk.session, [case.id for case, _, _ in rows])
    return [_standing(desk, row, acts.get(row[0].id, ())) for row in rows]


def open_file(desk: Desk, case_id: int, *, lock: bool = False) -> File:
    """Open one case. Raises NotFound for an absent one and for another agency's alike.

    With `lock`, the case's row is held until the transaction ends, so that of two clerks one waits.
    """
    session = desk.session
    wanted = visible(desk).where(Case.id == case_id)
    if lock:
        wanted = wanted.with_for_update(of=Case)
    row = session.execute(wanted).one_or_none()
    if row is None:
        raise NotFound
    return _file(desk, row)


def reopen(desk: Desk, case_id: int) -> File:
    """Open a case the caller has just acted on, even if the act took it out of his sight (移送)."""
    everything = select(Case, Agency, Applicant).join(Agency, Agency.id == Case.agency_id)
    everything = everything.join(Applicant, Applicant.case_id == Case.id)
    return _file(desk, desk.session.execute(everything.where(Case.id == case_id)).one())


def _file(desk: Desk, row: Row[Case, Agency, Applicant]) -> File:
    session, case_id = desk.session, row[0].id
    draft = session.scalar(select(Draft).where(Draft.case_id == case_id).order_by(Draft.number.desc()).limit(1))
    reviews = select(Review).where(Review.draft_id == draft.id).order_by(Review.id) if draft else None
    standing = _standing(desk, row, clocks.acts_of(desk.session, [case_id]).get(case_id, ()))
    return File(
        **{part.name: getattr(standing, part.name) for part in fields(Standing)},
        items=session.scalars(select(CaseItem).where(CaseItem.case_id == case_id).order_by(CaseItem.no)).all(),
        past=journal.past_of(session, case_id),
        draft=draft,
        reviews=session.scalars(reviews).all() if reviews is not None else (),
        reply=session.get(Reply, case_id),
        delivery=session.scalar(select(Delivery).where(Delivery.case_id == case_id).order_by(Delivery.id.desc())),
    )


def _standing(desk: Desk, row: Row[Case, Agency, Applicant], acts: tuple[Act, ...]) -> Standing:
    case, agency, applicant = row
    settings = AgencySettings.model_validate(agency.settings)
    rules, calendar = settings.clock_rules(), clocks.calendar_of(desk.session, desk.book, case, agency.region)
    reading = clocks.reading_of(case, acts, rules, calendar, desk.today)
    newest = desk.book.of(agency.region)
    if reading is not None and newest is not calendar:
        current = clocks.reading_of(case, acts, rules, newest, desk.today)
        reading = clocks.with_remedies(reading, current) if current else reading
    return Standing(
        case=case,
        agency=agency,
        applicant=applicant,
        acts=acts,
        settings=settings,
        calendar=calendar,
        today=desk.today,
        reading=reading,
    )
