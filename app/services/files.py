"""Opening cases: the rows around a case, read once, with its clock folded for today."""

import datetime as dt
from collections.abc import Sequence, Set
from dataclasses import dataclass, fields

from sqlalchemy import Row, Select, bindparam, select
from sqlalchemy.orm import Session

from app.domain.acts import Act
from app.domain.clock import Reading
from app.domain.commands import (
    Command,
    ConcludeComplaint,
    Conclusion,
    DecideRectification,
    Deliver,
    Sign,
    Submit,
    Supplement,
)
from app.domain.facts import Past
from app.domain.handling import Course
from app.domain.limits import ClockRules
from app.domain.nodes import Node
from app.domain.settings import AgencySettings
from app.domain.terms import CaseKind, ClockState
from app.domain.workdays import WorkCalendar
from app.errors import NotFound
from app.models import (
    Agency,
    Applicant,
    Case,
    CaseItem,
    Complaint,
    Decision,
    Delivery,
    Draft,
    Rectification,
    Reply,
    Review,
    SupplementaryReply,
)
from app.models.keyring import keyring_of
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
    newest: WorkCalendar
    today: dt.date
    reading: Reading | None

    @property
    def rules(self) -> ClockRules:
        return self.settings.clock_rules(self.case.kind)

    @property
    def course(self) -> Course | None:
        """How a case that is no disclosure request stands; by the newest calendar, since only remedies still run."""
        return clocks.course_of(self.case, self.acts, self.rules, self.newest)

    @property
    def nodes(self) -> tuple[Node, ...]:
        return clocks.nodes_of(self.case, self.reading, self.course, self.calendar)

    @property
    def clock(self) -> ClockState:
        if self.reading is not None:
            return self.reading.clock
        course = self.course
        return course.clock if course else ClockState.IDLE


@dataclass(frozen=True, slots=True, kw_only=True)
class File(Standing):
    """A case whole, as one page shows it and guards judge it."""

    items: Sequence[CaseItem]
    past: tuple[Past, ...]
    draft: Draft | None
    reviews: Sequence[Review]
    reply: Reply | None
    supplements: Sequence[SupplementaryReply]
    delivery: Delivery | None
    matter: Rectification | Complaint | None
    decision: Decision | None

    @property
    def submitted(self) -> Submit | None:
        """The newest version of the reply, as its drafter sent it to review."""
        if self.draft is None or self.case.kind is not CaseKind.DISCLOSURE:
            return None
        return Submit.model_validate(self.draft.content)

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
    ids = [case.id for case, _, _ in rows]
    keyring_of(desk.session).fetch(desk.session, ids)
    acts = clocks.acts_of(desk.session, ids)
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


# Built once: a file is opened for every step, and building these took longer than running them.
_DRAFT = select(Draft).where(Draft.case_id == bindparam("case_id")).order_by(Draft.number.desc()).limit(1)
_REVIEWS = select(Review).where(Review.draft_id == bindparam("draft_id")).order_by(Review.id)
_ITEMS = select(CaseItem).where(CaseItem.case_id == bindparam("case_id")).order_by(CaseItem.no)
_SUPPLEMENTS = (
    select(SupplementaryReply).where(SupplementaryReply.case_id == bindparam("case_id")).order_by(SupplementaryReply.id)
)
_DRAFTING: Set[type[Command]] = {Submit, DecideRectification, ConcludeComplaint}
_DELIVERY = select(Delivery).where(Delivery.case_id == bindparam("case_id")).order_by(Delivery.id.desc()).limit(1)


def _file(desk: Desk, row: Row[Case, Agency, Applicant]) -> File:
    """Read what stands around a case; only what its procedure says there is (a draft after 送审, a reply after 签发 …)."""
    session, case_id = desk.session, row[0].id
    of_case = {"case_id": case_id}
    erased = row[0].erased_at is not None
    past = () if erased else journal.past_of(session, case_id)  # what was written in words cannot be read any more
    steps = {type(step.command) for step in past}
    draft = session.scalar(_DRAFT, of_case) if steps & _DRAFTING else None
    standing = _standing(desk, row, clocks.acts_of(session, [case_id]).get(case_id, ()))
    return File(
        **{part.name: getattr(standing, part.name) for part in fields(Standing)},
        items=session.scalars(_ITEMS, of_case).all(),
        past=past,
        draft=draft,
        reviews=session.scalars(_REVIEWS, {"draft_id": draft.id}).all() if draft else (),
        reply=session.get(Reply, case_id) if erased or Sign in steps else None,
        supplements=session.scalars(_SUPPLEMENTS, of_case).all() if Supplement in steps else (),
        matter=_matter(session, row[0]),
        decision=session.get(Decision, case_id) if row[0].kind is not CaseKind.DISCLOSURE and Sign in steps else None,
        delivery=session.scalar(_DELIVERY, of_case) if Deliver in steps else None,
    )


def complained_of(desk: Desk, complaint: Complaint) -> tuple[Agency, str | None]:
    """Return the agency complained of and the number of the request it is about."""
    about = desk.session.get_one(Agency, complaint.about_agency_id)
    case_no = select(Case.case_no).where(Case.id == complaint.about_case_id)
    return about, desk.session.scalar(case_no) if complaint.about_case_id else None


def _matter(session: Session, case: Case) -> Rectification | Complaint | None:
    if case.kind is CaseKind.RECTIFICATION:
        return session.get(Rectification, case.id)
    return session.get(Complaint, case.id) if case.kind is CaseKind.COMPLAINT else None


def _standing(desk: Desk, row: Row[Case, Agency, Applicant], acts: tuple[Act, ...]) -> Standing:
    case, agency, applicant = row
    settings = AgencySettings.model_validate(agency.settings)
    rules, calendar = settings.clock_rules(case.kind), clocks.calendar_of(desk.session, desk.book, case, agency.region)
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
        newest=newest,
        today=desk.today,
        reading=reading,
    )
