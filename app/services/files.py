"""Opening cases: the rows around a case, read once, with its clock folded for today."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, fields, replace
from typing import TypeVar

from sqlalchemy import Row, Select, bindparam, func, select

from app.domain.acts import Act
from app.domain.clock import Reading
from app.domain.commands import (
    Command,
    ConcludeComplaint,
    Conclusion,
    DecideRectification,
    Deliver,
    NotifyFee,
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
from app.errors import NotFound, StaleVersion
from app.models import (
    Agency,
    Applicant,
    Case,
    CaseItem,
    Complaint,
    Decision,
    Delivery,
    Draft,
    Fee,
    Rectification,
    Reply,
    Review,
    SupplementaryReply,
)
from app.models.keyring import keyring_of
from app.services import clock_rows, clocks, journal
from app.services.desk import Desk
from app.services.visibility import everywhere, visible_cases

T = TypeVar("T")


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
    fee: Fee | None
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
_Standing = Row[Case, Agency, Applicant] | tuple[Case, Agency, Applicant]


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

    With `lock`, the case's row is held until the transaction ends, so that of two clerks one waits; and its clock's after
    it, so that a sweep over the clocks (`recompute`) waits too, or was waited for.
    """
    session = desk.session
    wanted = visible(desk).where(Case.id == case_id)
    row = session.execute(wanted.with_for_update(of=Case) if lock else wanted).one_or_none()
    if row is None:
        raise NotFound
    if lock:
        clock_rows.hold(session, [row[0]])
    return _files(desk, [row])[0]


def fresh(
    desk: Desk,
    case: Case,
    agency: Agency,
    applicant: Applicant,
    items: Sequence[CaseItem] = (),
    matter: Rectification | Complaint | None = None,
) -> File:
    """Open a case that this transaction has entered: all there is of it is at hand."""
    standing = _standing(desk, (case, agency, applicant), ())
    return File(
        **{part.name: getattr(standing, part.name) for part in fields(Standing)},
        items=items,
        past=(),
        draft=None,
        reviews=(),
        reply=None,
        supplements=(),
        delivery=None,
        fee=None,
        matter=matter,
        decision=None,
    )


def require_version(case: Case, seen_version: int | None) -> None:
    """Refuse a caller who has seen another version of the case; raises StaleVersion. None asks for nothing."""
    if seen_version is not None and seen_version != case.version:
        raise StaleVersion(f"案件现为第 {case.version} 版", headers={"ETag": f'"{case.version}"'})


def reopen(desk: Desk, case_id: int) -> File:
    """Open a case the caller has just acted on, even if the act took it out of his sight (移送)."""
    everything = select(Case, Agency, Applicant).join(Agency, Agency.id == Case.agency_id)
    everything = everything.join(Applicant, Applicant.case_id == Case.id)
    return _files(desk, [desk.session.execute(everything.where(Case.id == case_id)).one()])[0]


def stepped(desk: Desk, file: File, command: Command, acts: Sequence[Act]) -> File:
    """Return a case after a step that wrote nothing but state, clock and journal: what `reopen` would read."""
    taken = Past(command.model_copy(update={"on": command.on or desk.today}), desk.actor.name)
    standing = _standing(desk, (file.case, file.agency, file.applicant), (*file.acts, *map(clocks.as_entered, acts)))
    moved = {part.name: getattr(standing, part.name) for part in fields(Standing)}
    return replace(file, **moved, past=(*file.past, taken))


_Row = TypeVar(
    "_Row", Draft, Review, CaseItem, SupplementaryReply, Delivery, Reply, Decision, Fee, Rectification, Complaint
)


def _of(kind: type[_Row], *, last: bool = False) -> Select[_Row]:
    """Select the rows of several cases, by case, oldest first; with `last` only the newest of each case."""
    case_id = kind.__table__.c.case_id
    wanted = case_id.in_(bindparam("case_ids", expanding=True))
    number = kind.__table__.c.get("id", kind.__table__.c.get("no", case_id))
    if last:
        newest = select(func.max(number)).where(wanted).group_by(case_id)
        return select(kind).where(number.in_(newest))
    return select(kind).where(wanted).order_by(case_id, number)


# Built once: a file is opened for every step, and building these took longer than running them.
_DRAFT, _REVIEWS = (
    _of(Draft, last=True),
    select(Review).where(Review.draft_id.in_(bindparam("draft_ids", expanding=True))).order_by(Review.id),
)
_ITEMS, _SUPPLEMENTS, _DELIVERY = _of(CaseItem), _of(SupplementaryReply), _of(Delivery, last=True)
_REPLIES, _DECISIONS, _FEES = _of(Reply), _of(Decision), _of(Fee)
_RECTIFICATIONS, _COMPLAINTS = _of(Rectification), _of(Complaint)
_DRAFTING: Set[type[Command]] = {Submit, DecideRectification, ConcludeComplaint}


def open_files(desk: Desk, rows: Sequence[Row[Case, Agency, Applicant]]) -> list[File]:
    """Open a page of cases with the same number of queries however many they are."""
    if not rows:
        return []
    return _files(desk, rows)


def _files(desk: Desk, rows: Sequence[Row[Case, Agency, Applicant]]) -> list[File]:
    """Read what stands around cases; only what their procedures say there is (a draft after 送审, a reply after 签发 …)."""
    session = desk.session
    ids = [case.id for case, _, _ in rows]
    keyring_of(session).fetch(session, ids)
    # What was written in words about an erased case cannot be read any more.
    pasts = journal.pasts_of(session, [case.id for case, _, _ in rows if case.erased_at is None])
    acts = clocks.acts_of(session, ids)
    steps = {case_id: {type(step.command) for step in past} for case_id, past in pasts.items()}

    def read(wanted: Select[_Row], *after: type[Command], plain: bool | None = None) -> dict[int, list[_Row]]:
        """Read the rows of those cases that took one of the steps `after`, asking nothing where there are none."""
        of = [
            case.id
            for case, _, _ in rows
            if (not after or steps.get(case.id, set()) & {*after})
            and (plain is None or (case.kind is not CaseKind.DISCLOSURE) is plain)
        ]
        found: dict[int, list[_Row]] = defaultdict(list)
        for row in session.scalars(wanted, {"case_ids": of}) if of else ():
            found[row.case_id].append(row)
        return found

    drafts = read(_DRAFT, *_DRAFTING)
    reviews: dict[int, list[Review]] = defaultdict(list)
    if drafts:
        for review in session.scalars(_REVIEWS, {"draft_ids": [found[-1].id for found in drafts.values()]}):
            reviews[review.case_id].append(review)
    items, supplements, sent = read(_ITEMS), read(_SUPPLEMENTS, Supplement), read(_DELIVERY, Deliver)
    fees = read(_FEES, NotifyFee)
    replies, decisions = read(_REPLIES, Sign), read(_DECISIONS, Sign, plain=True)
    for case in (case for case, _, _ in rows if case.erased_at is not None):
        replies[case.id] = [found] if (found := session.get(Reply, case.id)) else []
    matters: dict[int, list[Rectification | Complaint]] = {}
    for kind, wanted in ((CaseKind.RECTIFICATION, _RECTIFICATIONS), (CaseKind.COMPLAINT, _COMPLAINTS)):
        of = [case.id for case, _, _ in rows if case.kind is kind]
        matters |= {row.case_id: [row] for row in session.scalars(wanted, {"case_ids": of})} if of else {}

    def last(found: Mapping[int, list[T]], case_id: int) -> T | None:
        return found[case_id][-1] if found.get(case_id) else None

    files = []
    for row in rows:
        case_id = row[0].id
        standing = _standing(desk, row, acts.get(case_id, ()))
        files.append(
            File(
                **{part.name: getattr(standing, part.name) for part in fields(Standing)},
                items=items.get(case_id, ()),
                past=pasts.get(case_id, ()),
                draft=last(drafts, case_id),
                reviews=reviews.get(case_id, ()),
                reply=last(replies, case_id),
                supplements=supplements.get(case_id, ()),
                matter=last(matters, case_id),
                decision=last(decisions, case_id),
                fee=last(fees, case_id),
                delivery=last(sent, case_id),
            )
        )
    return files


def complained_of(desk: Desk, complaint: Complaint) -> tuple[Agency, str | None]:
    """Return the agency complained of and the number of the request it is about."""
    about = desk.session.get_one(Agency, complaint.about_agency_id)
    if complaint.about_case_id is None:
        return about, None
    with everywhere(desk.session):  # a complaint is about another agency's case; only its number is told
        return about, desk.session.scalar(select(Case.case_no).where(Case.id == complaint.about_case_id))


def _standing(desk: Desk, row: _Standing, acts: tuple[Act, ...]) -> Standing:
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
