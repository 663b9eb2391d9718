"""机构改革: agencies that move in the tree or are merged into another, without a case lost or counted twice.

Open cases go on at the successor, each with a row in its journal; what is archived stays counted where it was decided, and
the successor sees it. Case and document numbers never change. A merged agency keeps its row: it is what history names.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import Field
from sqlalchemy import Select, select, true, update

from app.domain.commands import Line, Strict
from app.domain.terms import (
    CaseKind,
    EvaluationStatus,
    Reassignment,
    RectificationStatus,
    State,
    SupervisionStatus,
)
from app.errors import Clash, Invalid
from app.models import (
    Agency,
    ApiKey,
    Assistance,
    Case,
    CatalogueDocument,
    Evaluation,
    Problem,
    Supervision,
    User,
)
from app.services import agencies, clock_rows, clocks, identity, journal, topics
from app.services.agencies import LONGEST_PATH
from app.services.desk import Desk
from app.services.visibility import everywhere

STEP = 500


class AgencyMove(Strict):
    """Under which agency, and who decided so."""

    parent_code: Line = Field(description="新的上级机关的代码", examples=["379902"])
    basis: Line = Field(description="依据的文件", examples=["海编〔2026〕8号"])


class AgencyMerge(Strict):
    """Into which agency, and what becomes of people and keys."""

    into_code: Line = Field(description="承接职责的机关的代码", examples=["379900-ZRJ"])
    basis: Line = Field(description="依据的文件", examples=["海编〔2026〕8号"])
    people: Reassignment = Field(Reassignment.MOVE, description="人员：划转到承接机关，或者停用账号", examples=["move"])
    keys: Reassignment = Field(Reassignment.MOVE, description="接口密钥：划转到承接机关，或者撤销", examples=["move"])


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merger moved."""

    agency: Agency
    successor: Agency
    cases: int
    archived: int
    people: int
    keys: int


def move(desk: Desk, agency_id: int, wanted: AgencyMove) -> Agency:
    """Put an agency, with all below it, under another.

    Raises NotFound outside the caller's part of the tree, Invalid for a place that would make a circle, Clash for a closed
    agency or one that is there already.
    """
    agency = _held(desk, agency_id)
    parent = agencies.by_code(desk, wanted.parent_code)
    for one in (agency, parent):
        agencies.refuse_closed(one)
    if parent.path.startswith(agency.path):
        raise _invalid("parent_code", "不能移到自己或者自己的下级之下")
    if agency.parent_id == parent.id:
        raise Clash("这个机关已经在该机关之下")
    before = desk.session.get_one(Agency, agency.parent_id).code if agency.parent_id else None
    _hang(desk, agency, parent)
    data = {"from": before, "to": parent.code, "basis": wanted.basis}
    journal.record(desk, "agency_moved", "机关改隶", agency_id=agency.id, data=data)
    return agency


def merge(desk: Desk, agency_id: int, wanted: AgencyMerge) -> Merged:
    """Merge an agency into another, for good: it is closed, and the other goes on with what it had open.

    Raises what `move` raises.
    """
    agency = _held(desk, agency_id)
    successor = agencies.by_code(desk, wanted.into_code)
    for one in (agency, successor):
        agencies.refuse_closed(one)
    if agency.parent_id is None:
        raise Clash("最上级机关不能并入其他机关")
    if successor.path.startswith(agency.path):
        raise _invalid("into_code", "承接机关是它自己或者它的下级：请先把承接机关移到别处")
    with everywhere(desk.session):  # whoever keeps the tree sees no case, and is told only how many there were
        cases = _hand_over(desk, agency, successor, wanted.basis)
        archived = len(desk.session.scalars(select(Case.id).where(Case.agency_id == agency.id)).all())
        desk.session.execute(
            update(Assistance)
            .where(Assistance.agency_id == agency.id, Assistance.answered_at.is_(None))
            .values(agency_id=successor.id)
        )
        _hand_over_duties(desk, agency, successor)
    people = _reassign_people(desk, agency, successor, wanted.people)
    keys = _reassign_keys(desk, agency, successor, wanted.keys)
    for child in desk.session.scalars(select(Agency).where(Agency.parent_id == agency.id).order_by(Agency.id)):
        if child.id != successor.id:
            _hang(desk, child, successor)
    _hang(desk, agency, successor)
    agency.closed_at, agency.successor_id = desk.now, successor.id
    successor.predecessors = [*successor.predecessors, agency.id, *agency.predecessors]
    for earlier in desk.session.scalars(select(Agency).where(Agency.successor_id == agency.id)):
        earlier.successor_id = successor.id
    data = {
        "from": agency.code,
        "to": successor.code,
        "basis": wanted.basis,
        "cases": cases,
        "archived": archived,
        "people": people,
        "keys": keys,
    }
    for one in (agency, successor):
        journal.record(desk, "agency_merged", "机关合并", agency_id=one.id, data=data)
    desk.session.flush()
    return Merged(agency, successor, cases, archived, people, keys)


def _held(desk: Desk, agency_id: int) -> Agency:
    """Find the agency and hold the tree: of two reorganisations at once one waits, and sees what the other did."""
    desk.session.execute(select(Agency.id).where(Agency.parent_id.is_(None)).with_for_update())
    agency = agencies.one(desk, agency_id)
    desk.session.refresh(agency)
    return agency


def _hang(desk: Desk, agency: Agency, parent: Agency) -> None:
    """Give an agency another parent, and it and all below it the paths that go with that."""
    before, after = agency.path, f"{parent.path}{agency.id}/"
    below = desk.session.scalars(select(Agency).where(Agency.path.startswith(before, autoescape=True))).all()
    if any(len(after) + len(one.path) - len(before) > LONGEST_PATH for one in below):
        raise Invalid("机关层级过深")
    for one in below:
        one.path = after + one.path.removeprefix(before)
    agency.parent_id = parent.id
    desk.session.flush()


def _hand_over(desk: Desk, agency: Agency, successor: Agency, basis: str) -> int:
    """Let the successor go on with every case that is not archived: folded by its rules and calendar, journalled."""
    count = 0
    for case in _open(desk, agency):
        rules, calendar = clocks.rules_of(successor, case.kind), desk.book.of(successor.region)
        before = clocks.dates_of(case)
        case.agency_id = successor.id
        case.taken_from_id = case.taken_from_id or agency.id
        if case.stopped_on is None:
            acts = clocks.acts_of(desk.session, [case.id]).get(case.id, ())
            clocks.project(case, acts, rules, calendar, desk.book.edition)
        case.updated_at = desk.now
        if case.kind is CaseKind.DISCLOSURE:
            topics.move(desk.session, case.id, successor.id)
        data = {"from": agency.code, "to": successor.code} | clocks.moved(before, clocks.dates_of(case))
        journal.record(desk, "taken_over", "机构改革承接", case=case, data=data, private={"basis": basis})
        count += 1
    desk.session.flush()
    return count


def _hand_over_duties(desk: Desk, agency: Agency, successor: Agency) -> None:
    """Let the successor answer and judge what is demanded, rectify what is open, and go on with what is being evaluated."""
    demanded, listed, judged = (
        Supervision.status != SupervisionStatus.CLOSED,
        Problem.status != RectificationStatus.DONE,
        Evaluation.status.in_((EvaluationStatus.OPEN, EvaluationStatus.TO_PUBLISH)),
    )
    for column, open_ in (
        (Supervision.agency_id, demanded),
        (Supervision.issuer_id, demanded),
        (Problem.agency_id, listed),
        (Evaluation.agency_id, judged),
        (CatalogueDocument.agency_id, true()),
    ):
        desk.session.execute(update(column.class_).where(column == agency.id, open_).values({column.key: successor.id}))


def _open(desk: Desk, agency: Agency) -> Iterator[Case]:
    last = 0
    while True:
        rows = desk.session.scalars(_next(agency.id, last)).all()
        if not rows:
            return
        clock_rows.hold(desk.session, rows)
        yield from rows
        last = rows[-1].id


def _next(agency_id: int, last: int) -> Select[Case]:
    unarchived = select(Case).where(Case.agency_id == agency_id, Case.state != State.ARCHIVED, Case.id > last)
    return unarchived.order_by(Case.id).limit(STEP).with_for_update()


def _reassign_people(desk: Desk, agency: Agency, successor: Agency, how: Reassignment) -> int:
    people = desk.session.scalars(select(User).where(User.agency_id == agency.id).order_by(User.id)).all()
    for user in people:
        if how is Reassignment.MOVE:
            user.agency_id = successor.id
        elif user.disabled_at is None:
            user.disabled_at = desk.now
            identity.end_sign_ins(desk.session, user.id)
    return len(people)


def _reassign_keys(desk: Desk, agency: Agency, successor: Agency, how: Reassignment) -> int:
    keys = desk.session.scalars(select(ApiKey).where(ApiKey.agency_id == agency.id, ApiKey.revoked_at.is_(None))).all()
    for key in keys:
        if how is Reassignment.MOVE:
            key.agency_id = successor.id
        else:
            key.revoked_at = desk.now
    return len(keys)


def _invalid(field: str, message: str) -> Invalid:
    return Invalid(message, reasons=[{"kind": "field", "code": "not_applicable", "field": field, "message": message}])
