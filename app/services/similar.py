"""Other requests for the same as a case, as a hint with a score: deciding that one is repeated stays with people (K14)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from app.domain.replies import REPLIES
from app.domain.terms import ReplyFamily, ReplyKind, State
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
    mine = desk.session.get(Subject, case_id)
    texts = topics.asked(file.items)
    published = suggestions.published(desk, file.agency.id)
    links = [(published[key], score) for key, score in suggestions.matching(published, *texts)[:SHOWN]]
    if mine is None:
        return Hints((), 0, 1, links)
    alike = topics.alike(desk.session, file.agency.id, mine.text, mine.document_no, without=case_id)
    rows = {
        case.id: (case, applicant)
        for case, applicant in desk.session.execute(
            select(Case, Applicant)
            .join(Applicant, Applicant.case_id == Case.id)
            .where(Case.id.in_([one.case_id for one in alike]), visible_cases(desk.actor))
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
        for one in alike
        if one.case_id in rows
        for case, applicant in (rows[one.case_id],)
    ]
    found.sort(key=lambda one: (not one.may_be_repeated, -one.score, -one.case_id))
    return Hints(found[:SHOWN], len(found), _applicants(desk, file.agency.id, mine.group_id), links)


def _same(one: Applicant, other: Applicant) -> bool:
    if one.id_digest or other.id_digest:
        return one.id_digest == other.id_digest
    return one.name is not None and one.name == other.name


def _applicants(desk: Desk, agency_id: int, group_id: int) -> int:
    who = func.coalesce(Applicant.id_digest, Applicant.name_digest)
    counted = select(func.count(who.distinct())).join(Subject, Subject.case_id == Applicant.case_id)
    return desk.session.scalar(counted.where(Subject.agency_id == agency_id, Subject.group_id == group_id)) or 1
