"""Other requests for the same as a case, as a hint with a score: deciding that one is repeated stays with people (K14)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, union

from app.domain.replies import REPLIES
from app.domain.terms import CaseKind, ReplyFamily, ReplyKind, State
from app.models import Applicant, Case, CatalogueDocument, Subject
from app.services import files, persons, suggestions, topics
from app.services.desk import Desk
from app.services.visibility import visible_cases

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Similar:
    """One other request of the same agency."""

    case_id: int
    case_no: str
    title: str
    state: State
    received_on: dt.date | None
    outcome: ReplyKind | None
    score: int
    same_document: bool
    same_applicant: bool

    @property
    def may_be_repeated(self) -> bool:
        """Whether 条例第36条第（六）项 may be in question: the same applicant, the same information, an earlier reply."""
        replied = self.outcome is not None and REPLIES[self.outcome].family is not ReplyFamily.OTHER
        return self.same_applicant and replied and self.score >= topics.SAME


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known about the subject of a case."""

    similar: Sequence[Similar]
    total: int
    applicants: int  # who asked for the same, this one included
    published: Sequence[tuple[CatalogueDocument, int]]


def of_case(desk: Desk, case_id: int) -> Hints:
    """Look for other requests, and for published documents, that are about the same as a case. Raises NotFound."""
    file = files.open_file(desk, case_id)
    texts = topics.asked(file.items)
    entered = mine = desk.session.get(Subject, case_id)
    if mine is None and file.case.kind is CaseKind.DISCLOSURE:  # it came in a moment ago
        mine = topics.unentered(case_id, file.agency.id, *(texts or [file.case.title]))
    published = suggestions.published(desk, file.agency.id)
    links = [(published[key], score) for key, score in suggestions.matching(published, *texts)[:SHOWN]]
    if mine is None:
        return Hints((), 0, 1, links)
    alike = topics.alike(desk.session, file.agency.id, mine.text, mine.document_no, without=case_id)
    lately = topics.alike_unentered(desk.session, mine)
    rows = {
        case.id: (case, applicant)
        for case, applicant in desk.session.execute(
            select(Case, Applicant)
            .join(Applicant, Applicant.case_id == Case.id)
            .where(Case.id.in_([one.case_id for one in (*alike, *lately)]), visible_cases(desk.actor))
        )
    }
    veils = persons.veils_of(desk, rows)
    found = [
        Similar(
            case_id=case.id,
            case_no=case.case_no,
            title=veils[case.id].over(case.title),
            state=case.state,
            received_on=case.received_on,
            outcome=case.outcome,
            score=one.score,
            same_document=one.same_document,
            same_applicant=_same(file.applicant, applicant),
        )
        for one in (*alike, *lately)
        if one.case_id in rows
        for case, applicant in (rows[one.case_id],)
    ]
    found.sort(key=lambda one: (not one.may_be_repeated, -one.score, -one.case_id))
    group = mine.group_id if entered else topics.group_of(desk.session, mine, alike)
    besides = [case_id, *(one.case_id for one in lately if one.score >= topics.SAME)]
    return Hints(found[:SHOWN], len(found), _applicants(desk, file.agency.id, group, besides), links)


def _same(one: Applicant, other: Applicant) -> bool:
    if one.id_digest or other.id_digest:
        return one.id_digest == other.id_digest
    return one.name is not None and one.name == other.name


def _applicants(desk: Desk, agency_id: int, group_id: int, besides: Sequence[int]) -> int:
    """Count who asked for the same: those of the group, and of the cases `besides` that may not be entered yet."""
    who = func.coalesce(Applicant.id_digest, Applicant.name_digest)
    others = select(Subject.case_id).where(Subject.agency_id == agency_id, Subject.group_id == group_id)
    same = union(others, select(Case.id).where(Case.id.in_(besides)))
    return desk.session.scalar(select(func.count(who.distinct())).where(Applicant.case_id.in_(same))) or 1
