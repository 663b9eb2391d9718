"""What requests are about: entered by a job soon after the request, looked up by the pairs of characters that two share.

Candidates are counted in the database, by one look-up in the index for each pair, and only within one agency: the same
information asked of two agencies is two requests (条例第44条 speaks of 同一机关). The few that share enough are measured by
`likeness`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Protocol, TypeVar

from sqlalchemy import Select, delete, func, insert, select
from sqlalchemy.orm import Session

from app.domain.subject import document_numbers, grams, subject
from app.domain.terms import CaseKind
from app.models import Case, CaseItem, Subject, SubjectGram
from app.models.keyring import keyring_of
from app.services import likeness

SAME = 75
"""From this score two requests are counted as asking for the same, in the ranking and in what follows from it."""

_SHARED = 0.3  # of a subject's pairs: below this no score reaches SIMILAR
_CANDIDATES = 200
_OVERTAKEN = 1000  # requests whose transaction may end after that of a later one


@dataclass(frozen=True, slots=True)
class Alike:
    """Another request of the same agency; `same_document` if both name one document number."""

    case_id: int
    score: int
    same_document: bool


def unentered(case_id: int, agency_id: int, *texts: str | None) -> Subject:
    """Say what a request asks for, of which no row stands in the database; it is a group of its own."""
    numbers = document_numbers(*texts)
    number = numbers[0] if numbers else None
    return Subject(case_id=case_id, agency_id=agency_id, text=subject(*texts), document_no=number, group_id=case_id)


def enter(session: Session, case_id: int, agency_id: int, *texts: str | None) -> Subject:
    """Enter what a request asks for, and find out whether it was asked for before."""
    row = unentered(case_id, agency_id, *texts)
    row.group_id = group_of(session, row, alike(session, agency_id, row.text, row.document_no, least=SAME))
    pairs = [{"agency_id": agency_id, "gram": gram, "case_id": case_id} for gram in _pairs(session, row.text)]
    session.add(row)
    session.flush()
    if pairs:
        session.execute(insert(SubjectGram), pairs)
    return row


def group_of(session: Session, row: Subject, found: Sequence[Alike]) -> int:
    """Return the group of those who ask for the same: that of the request most alike, or its own."""
    if found and found[0].score >= SAME:
        return session.get_one(Subject, found[0].case_id).group_id
    return row.group_id


def move(session: Session, case_id: int, agency_id: int) -> None:
    """Take a request's subject along to another agency (移送)."""
    row = session.get(Subject, case_id)
    if row is None or row.agency_id == agency_id:
        return
    text, number = row.text, row.document_no
    forget(session, case_id)
    enter(session, case_id, agency_id, text, number)


def forget(session: Session, case_id: int) -> None:
    """Take a request's subject out."""
    row = session.get(Subject, case_id)
    if row is None:
        return
    session.execute(delete(SubjectGram).where(SubjectGram.agency_id == row.agency_id, SubjectGram.case_id == case_id))
    session.delete(row)
    session.flush()


def alike(
    session: Session,
    agency_id: int,
    text: str,
    document_no: str | None = None,
    *,
    least: int = likeness.SIMILAR,
    without: int | None = None,
) -> list[Alike]:
    """Return the agency's requests for the like, most alike first; one that names the same document counts 100."""
    same = set()
    if document_no:
        named = select(Subject.case_id).where(Subject.agency_id == agency_id, Subject.document_no == document_no)
        same = set(session.scalars(named.order_by(Subject.case_id).limit(_CANDIDATES)))
    found_rows = session.scalars(_candidates(agency_id, _pairs(session, text))).all() if text else []
    keyring_of(session).fetch(session, [row.case_id for row in found_rows])
    texts = {row.case_id: row.text for row in found_rows}
    scored = dict(likeness.ranked(text, texts, least=least)) | dict.fromkeys(same, 100)
    found = [Alike(case_id, score, case_id in same) for case_id, score in scored.items() if case_id != without]
    return sorted(found, key=lambda one: (-one.score, one.case_id))


def _pairs(session: Session, text: str) -> list[int]:
    """Return the pairs of a text as the index keeps them."""
    return sorted(map(keyring_of(session).masters.blind_pair, grams(text)))


def _candidates(agency_id: int, wanted: list[int]) -> Select[Subject]:
    shared = (
        select(SubjectGram.case_id, func.count().label("shared"))
        .where(SubjectGram.agency_id == agency_id, SubjectGram.gram.in_(wanted))
        .group_by(SubjectGram.case_id)
        .having(func.count() >= max(1, int(_SHARED * len(wanted))))
        .order_by(func.count().desc(), SubjectGram.case_id)
        .limit(_CANDIDATES)
        .subquery()
    )
    return select(Subject).join(shared, shared.c.case_id == Subject.case_id)


def unentered_ids(session: Session, limit: int, *, all_of_them: bool) -> Sequence[int]:
    """List requests whose subjects are to be entered, oldest first: of those that came in lately, or of all."""
    wanted = _unentered(select(Case.id), lately=not all_of_them)
    return session.scalars(wanted.order_by(Case.id).limit(limit)).all()


def enter_each(session: Session, case_ids: Sequence[int]) -> int:
    """Enter the subjects of these requests, save those that somebody else enters or has entered; returns how many."""
    wanted = _unentered(select(Case)).where(Case.id.in_(case_ids)).order_by(Case.id)
    rows = session.scalars(wanted.with_for_update(of=Case, skip_locked=True)).all()
    for row, texts in _asked_by(session, rows):
        enter(session, row.id, row.agency_id, *texts)
    return len(rows)


def alike_unentered(session: Session, mine: Subject) -> list[Alike]:
    """Return what `alike` cannot find yet: requests for the like that came in a moment ago."""
    lately = _unentered(select(Case), lately=True).where(Case.agency_id == mine.agency_id, Case.id != mine.case_id)
    cases = session.scalars(lately.order_by(Case.id.desc()).limit(_CANDIDATES)).all()
    rows = [unentered(row.id, row.agency_id, *texts) for row, texts in _asked_by(session, cases)]
    scored = dict(likeness.ranked(mine.text, {row.case_id: row.text for row in rows}))
    same = {row.case_id for row in rows if mine.document_no and row.document_no == mine.document_no}
    found = scored | dict.fromkeys(same, 100)
    return [Alike(case_id, score, case_id in same) for case_id, score in found.items()]


def _asked_by(session: Session, cases: Sequence[Case]) -> Iterator[tuple[Case, list[str]]]:
    ids = [case.id for case in cases]
    keyring_of(session).fetch(session, ids)
    items = session.scalars(select(CaseItem).where(CaseItem.case_id.in_(ids)).order_by(CaseItem.case_id, CaseItem.no))
    texts = {case_id: asked(group) for case_id, group in groupby(items, key=lambda item: item.case_id)}
    for case in cases:
        yield case, texts.get(case.id) or [case.title]


_Found = TypeVar("_Found", int, Case)


def _unentered(wanted: Select[_Found], *, lately: bool = False) -> Select[_Found]:
    wanted = wanted.outerjoin(Subject, Subject.case_id == Case.id).where(
        Subject.case_id.is_(None), Case.kind == CaseKind.DISCLOSURE, Case.erased_at.is_(None)
    )
    if lately:
        reached = select(func.coalesce(func.max(Subject.case_id), 0)).scalar_subquery()
        wanted = wanted.where(Case.id > reached - _OVERTAKEN)
    return wanted


class Asked(Protocol):
    """One piece of information asked for."""

    @property
    def title(self) -> str | None: ...
    @property
    def document_no(self) -> str | None: ...
    @property
    def description(self) -> str | None: ...


def asked(items: Iterable[Asked]) -> list[str]:
    """Choose the words of a request that say what it is about: titles and numbers, descriptions where there is no title."""
    return [word for item in islice(items, 5) for word in (item.title or item.description, item.document_no) if word]
