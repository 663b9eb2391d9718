"""Supervision (督办): a demand to an agency, its answer, and whether the supervisor takes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field
from sqlalchemy import ColumnElement, Row, Select, func, select

from app.domain.acts import LegalDay
from app.domain.commands import PLAIN, Strict
from app.domain.commands.supervision import Demand, SupervisionAnswer, SupervisionClosing
from app.domain.masking import Veil
from app.domain.terms import Role, SupervisionStatus
from app.errors import Clash, Invalid, NotFound
from app.models import Agency, Case, Supervision
from app.services import files, journal, persons
from app.services.desk import Desk
from app.services.documents import refuse_erased
from app.services.permissions import within
from app.services.visibility import visible_rows

SUPERVISORS = (Role.AGENCY_SUPERVISOR, Role.CITY_SUPERVISOR)
ANSWERERS = (Role.HANDLER, Role.INTAKE_CLERK, Role.APPROVER, Role.AGENCY_SUPERVISOR)
_WAITING = (SupervisionStatus.ISSUED, SupervisionStatus.RETURNED)


class Query(Strict):
    """What a list of supervisions is narrowed to."""

    agency: str | None = Field(None, max_length=64, description="被督办的机关")
    status: SupervisionStatus | None = Field(None, description="状态")
    late: bool | None = Field(None, description="true 只看逾期未回复的")
    issued_from: LegalDay | None = Field(None, description="发出之日自")
    issued_to: LegalDay | None = Field(None, description="发出之日至")
    page: Annotated[int, Field(ge=1, le=10_000), PLAIN] = Field(1, description="第几页")
    size: Annotated[int, Field(ge=1, le=100), PLAIN] = Field(20, description="每页件数")


_Found = Row[Supervision, Agency, str | None] | tuple[Supervision, Agency, str | None]


@dataclass(frozen=True, slots=True)
class Supervised:
    """A supervision with the agency it is addressed to and the number of its case."""

    row: Supervision
    agency: Agency
    case_no: str | None
    late: bool
    veil: Veil


def issue(desk: Desk, demand: Demand) -> Supervised:
    """Demand something of an agency in the supervisor's reach.

    Raises NotFound for a case or an agency out of it, Invalid for a day that has passed or a demand to nobody.
    """
    if (demand.case_id is None) == (demand.agency_code is None):
        raise invalid("case_id", "案件和机关代码填且只填一项")
    if demand.answer_by < desk.today:
        raise invalid("answer_by", "回复期限不能早于今天")
    case = files.open_file(desk, demand.case_id).case if demand.case_id else None
    if case is not None:
        refuse_erased(case)
    agency = desk.session.get(Agency, case.agency_id) if case else agency_of(desk, demand.agency_code or "")
    if agency is None or not within(desk.actor, agency.path):
        raise NotFound
    row = Supervision(
        agency_id=agency.id,
        case_id=case.id if case else None,
        issuer_id=desk.actor.agency_id,
        mark=demand.mark,
        demand=demand.demand,
        issued_on=desk.today,
        issued_by=desk.actor.name,
        answer_by=demand.answer_by,
        status=SupervisionStatus.ISSUED,
    )
    desk.session.add(row)
    desk.session.flush()
    _record(desk, row, case, "supervision_issued", "发出督办")
    return get(desk, row.id)


def answer(desk: Desk, supervision_id: int, given: SupervisionAnswer) -> Supervised:
    """Answer for the agency it is addressed to. Raises NotFound for others', Clash unless an answer is waited for."""
    row = _held(desk, supervision_id)
    if row.agency_id != desk.actor.agency_id:
        raise NotFound
    if row.status not in _WAITING:
        raise Clash(f"这项督办{row.status.label}，不能再回复")
    row.answer, row.answered_on, row.answered_by = given.answer, desk.today, desk.actor.name
    row.status = SupervisionStatus.ANSWERED
    return _done(desk, row, "supervision_answered", "回复督办")


def close(desk: Desk, supervision_id: int, given: SupervisionClosing) -> Supervised:
    """Take the answer, or return it with a reason and a new day."""
    row = _held(desk, supervision_id)
    if row.issuer_id != desk.actor.agency_id:
        raise NotFound
    if row.status is not SupervisionStatus.ANSWERED:
        raise Clash(f"这项督办{row.status.label}，没有待审核的回复")
    if not given.accepted:
        if given.opinion is None or given.answer_by is None:
            raise invalid("opinion", "退回重报的，须写明意见和新的期限")
        if given.answer_by < desk.today:
            raise invalid("answer_by", "回复期限不能早于今天")
        row.status, row.answer_by = SupervisionStatus.RETURNED, given.answer_by
    else:
        row.status, row.closed_on, row.closed_by = SupervisionStatus.CLOSED, desk.today, desk.actor.name
    row.opinion = given.opinion
    accepted = given.accepted
    return _done(
        desk,
        row,
        "supervision_closed" if accepted else "supervision_returned",
        "办结督办" if accepted else "退回督办回复",
    )


def get(desk: Desk, supervision_id: int) -> Supervised:
    """Return one supervision. Raises NotFound where the caller is neither addressed, nor its issuer, nor above."""
    row = desk.session.execute(_visible(desk).where(Supervision.id == supervision_id)).one_or_none()
    if row is None:
        raise NotFound
    return _all(desk, [row])[0]


def listing(desk: Desk, query: Query) -> tuple[list[Supervised], int]:
    """Return one page, the earliest day of answer first, and how many there are."""
    conditions: list[ColumnElement[bool] | None] = [
        Agency.code == query.agency if query.agency else None,
        Supervision.status == query.status if query.status else None,
        Supervision.issued_on >= query.issued_from if query.issued_from else None,
        Supervision.issued_on <= query.issued_to if query.issued_to else None,
    ]
    if query.late is not None:
        late = Supervision.status.in_(_WAITING) & (Supervision.answer_by < desk.today)
        conditions.append(late if query.late else ~late)
    wanted = _visible(desk).where(*(condition for condition in conditions if condition is not None))
    total = desk.session.scalar(select(func.count()).select_from(wanted.with_only_columns(Supervision.id).subquery()))
    page = (
        wanted.order_by(Supervision.answer_by, Supervision.id).limit(query.size).offset((query.page - 1) * query.size)
    )
    return _all(desk, desk.session.execute(page).all()), total or 0


def agency_of(desk: Desk, code: str) -> Agency:
    """Find an agency in the caller's reach. Raises NotFound."""
    agency = desk.session.scalar(select(Agency).where(Agency.code == code))
    if agency is None or not within(desk.actor, agency.path):
        raise NotFound
    return agency


def invalid(field: str, message: str) -> Invalid:
    """Build the refusal of one field."""
    reason = {"kind": "field", "code": "not_applicable", "field": field, "message": message, "basis": ""}
    return Invalid(message, reasons=[reason])


def _visible(desk: Desk) -> Select[Supervision, Agency, str | None]:
    """Select what the caller's agency is asked or asks, and for supervisors what is asked below them."""
    asked, asks = (
        visible_rows(desk.actor, column.expression) for column in (Supervision.agency_id, Supervision.issuer_id)
    )
    return (
        select(Supervision, Agency, Case.case_no)
        .join(Agency, Agency.id == Supervision.agency_id)
        .outerjoin(Case, Case.id == Supervision.case_id)
        .where(asked | asks)
    )


def _all(desk: Desk, rows: Sequence[_Found]) -> list[Supervised]:
    veils = persons.veils_of(desk, (row.case_id for row, _, _ in rows))
    return [
        Supervised(row, agency, case_no, row.status in _WAITING and row.answer_by < desk.today, veils[row.case_id])
        for row, agency, case_no in rows
    ]


def _held(desk: Desk, supervision_id: int) -> Supervision:
    row = desk.session.get(Supervision, supervision_id, with_for_update=True)
    if row is None:
        raise NotFound
    if row.case_id is not None and (case := desk.session.get(Case, row.case_id)) is not None:
        refuse_erased(case)
    return row


def _done(desk: Desk, row: Supervision, act: str, label: str) -> Supervised:
    case = desk.session.get(Case, row.case_id) if row.case_id else None
    desk.session.flush()
    _record(desk, row, case, act, label)
    agency = desk.session.get_one(Agency, row.agency_id)
    return _all(desk, [(row, agency, case.case_no if case else None)])[0]


def _record(desk: Desk, row: Supervision, case: Case | None, act: str, label: str) -> None:
    data = {"supervision_id": row.id, "answer_by": row.answer_by.isoformat(), "status": row.status.value}
    journal.record(desk, act, label, case=case, agency_id=row.agency_id, data=data)


def open_of(desk: Desk, where: ColumnElement[bool]) -> Sequence[Supervised]:
    """Return the supervisions not closed yet, as a bulletin lists them."""
    rows = desk.session.execute(
        _visible(desk)
        .where(where, Supervision.status != SupervisionStatus.CLOSED)
        .order_by(Supervision.answer_by, Supervision.id)
        .limit(200)
    )
    return _all(desk, rows.all())
