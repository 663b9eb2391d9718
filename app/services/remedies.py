"""Reconsiderations, lawsuits and complaints against replies: entering them, what falls due in them, how they end.

A remedy is recorded beside its case and changes nothing of it, so that closed and archived cases take remedies too and
the sealed volume stays as it was.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.domain import remedies
from app.domain.commands import Strict
from app.domain.commands import remedy as entries
from app.domain.remedies import Due, Proceedings
from app.domain.terms import (
    CaseKind,
    RectificationStatus,
    RemedyKind,
    RemedyOutcome,
    RemedyProcedure,
    Role,
)
from app.errors import Clash, Invalid, NotFound
from app.models import Agency, Case, Remedy, RemedyPaper, RemedyParty
from app.models.keyring import keyring_of
from app.services import clocks, files, journal, pleas
from app.services.calendars import Book
from app.services.desk import Desk
from app.services.files import File
from app.services.remedy_query import Query, conditions
from app.services.visibility import visible_cases

WRITERS = (Role.INTAKE_CLERK, Role.HANDLER, Role.LEGAL_REVIEWER, Role.AGENCY_SUPERVISOR)


@dataclass(frozen=True, slots=True)
class Opened:
    """A remedy with its case, its agency and what falls due in it."""

    remedy: Remedy
    case: Case
    agency: Agency
    due: tuple[Due, ...]
    sue_until: dt.date | None
    today: dt.date
    hints: tuple[str, ...] = ()


Rows = Select[Remedy, Case, Agency]


def visible(desk: Desk) -> Rows:
    """Select the remedies of the cases the caller may see."""
    return (
        select(Remedy, Case, Agency)
        .join(Case, Case.id == Remedy.case_id)
        .join(Agency, Agency.id == Remedy.agency_id)
        .where(visible_cases(desk.actor))
        .options(selectinload(Remedy.parties), selectinload(Remedy.papers), joinedload(Case.applicant, innerjoin=True))
    )


def file(desk: Desk, case_id: int, filing: entries.Filing, seen_version: int | None = None) -> Opened:
    """Enter a remedy against a case, whatever its state.

    Raises NotFound, StaleVersion when the caller has seen another version of the case, Clash for one already entered,
    Invalid for dates and references that cannot be.
    """
    opened = files.open_file(desk, case_id, lock=True)
    case = opened.case
    files.require_version(case, seen_version)
    found = _misfiled(desk, opened, filing)
    row = Remedy(
        case_id=case.id,
        agency_id=case.agency_id,
        **filing.model_dump(exclude={"parties", "after_remedy_id"}),
        after_id=filing.after_remedy_id,
        result=RemedyOutcome.PENDING,
        rectification=RectificationStatus.NOT_NEEDED,
        provisional=False,
        recorded_at=desk.now,
        recorded_by=desk.actor.name,
        updated_at=desk.now,
        parties=[
            RemedyParty(no=no, case_id=case.id, **party.model_dump()) for no, party in enumerate(filing.parties, 1)
        ],
    )
    if row.kind is RemedyKind.RECONSIDERATION and row.procedure is None:
        row.procedure = RemedyProcedure.ORDINARY
    _refuse(found + remedies.faults(proceedings(row), desk.today))
    if row.docket_no and desk.session.scalar(
        select(Remedy.id).where(Remedy.case_id == case.id, Remedy.kind == row.kind, Remedy.docket_no == row.docket_no)
    ):
        raise Clash("本案已经登记过这个案号")
    desk.session.add(row)
    _projected(row, opened.agency, desk.book)
    desk.session.flush()
    _record(
        desk, row, case, "remedy_filed", f"登记{row.kind.label}", row.filed_on, filing, hidden={"parties", "grounds"}
    )
    return get(desk, row.id)


def _misfiled(desk: Desk, opened: File, filing: entries.Filing) -> list[tuple[str, str]]:
    """Say what about a filing does not go with its case."""
    found = []
    case = opened.case
    if case.kind is CaseKind.COMPLAINT:
        found.append(("kind", "对投诉举报的处理不服的，不在年度报告表四之内，请在所涉申请的案件上登记"))
    if filing.filed_on < clocks.in_shanghai(case.submitted_at).date():
        found.append(("filed_on", "提出之日不能早于本案提交之日"))
    if filing.answer_by and filing.kind is not RemedyKind.COMPLAINT:
        found.append(("answer_by", "行政复议、行政诉讼的答复期限由法律规定，不能另填"))
    if filing.procedure and filing.kind is RemedyKind.COMPLAINT:
        found.append(("procedure", "投诉举报没有普通、简易程序之分"))
    if filing.after_remedy_id is not None:
        earlier = desk.session.get(Remedy, filing.after_remedy_id)
        if filing.kind is not RemedyKind.LITIGATION_AFTER_RECONSIDERATION:
            found.append(("after_remedy_id", "只有复议后起诉的才填写所不服的行政复议"))
        elif earlier is None or earlier.case_id != case.id or earlier.kind is not RemedyKind.RECONSIDERATION:
            found.append(("after_remedy_id", "本案没有登记这件行政复议"))
    return found


def notify(desk: Desk, remedy_id: int, notice: entries.Notice) -> Opened:
    """Enter that the copy or notice has come: from here the answer is counted."""

    def enter(row: Remedy) -> None:
        if row.notified_on is not None:
            raise Clash("收到副本或者通知之日已经登记；录入有误的，用“更正登记”")
        if notice.answer_by and row.kind is not RemedyKind.COMPLAINT:
            _refuse([("answer_by", "行政复议、行政诉讼的答复期限由法律规定，不能另填")])
        for name, value in notice.model_dump(exclude_none=True).items():
            setattr(row, name, value)

    return _act(desk, remedy_id, "remedy_notified", "收到复议、诉讼、投诉材料", notice.notified_on, notice, enter)


def answer(desk: Desk, remedy_id: int, dated: entries.Dated) -> Opened:
    """Enter the day the agency filed its answer or its defence."""
    on = dated.on or desk.today

    def enter(row: Remedy) -> None:
        if row.answered_on is not None:
            raise Clash("提交答复或者答辩之日已经登记")
        row.answered_on = on

    return _act(desk, remedy_id, "remedy_answered", "提交答复或者答辩", on, dated, enter)


def conclude(desk: Desk, remedy_id: int, conclusion: entries.RemedyConclusion) -> Opened:
    """Enter the decision; a corrected reply wants its cause and opens a rectification."""
    result = conclusion.result or remedies.RESULT_OF[conclusion.decision]

    def enter(row: Remedy) -> None:
        if row.closed_on is not None:
            raise Clash("结果已经登记")
        wrong = []
        if result is RemedyOutcome.PENDING:
            wrong.append(("result", "已经作出决定的，不能填“尚未审结”"))
        if result is RemedyOutcome.CORRECTED and conclusion.cause is None and conclusion.cause_note is None:
            wrong.append(("cause", "被纠正的，须填写败因；不在所列败因之内的，填写败因说明"))
        _refuse(wrong)
        for name, value in conclusion.model_dump(exclude={"result"}, exclude_none=True).items():
            setattr(row, name, value)
        row.result = result
        if result is RemedyOutcome.CORRECTED and row.rectification is RectificationStatus.NOT_NEEDED:
            row.rectification = RectificationStatus.OPEN

    return _act(
        desk, remedy_id, "remedy_concluded", "登记复议、诉讼、投诉结果", conclusion.closed_on, conclusion, enter
    )


def receive_opinion(desk: Desk, remedy_id: int, dated: entries.Dated) -> Opened:
    """Enter that a 行政复议意见书 has come, to be answered within 60 days (行政复议法第76条)."""
    on = dated.on or desk.today

    def enter(row: Remedy) -> None:
        if row.kind is not RemedyKind.RECONSIDERATION:
            _refuse([("kind", "行政复议意见书只由行政复议机关制发（行政复议法第76条）")])
        if row.opinion_on is not None:
            raise Clash("行政复议意见书已经登记")
        row.opinion_on = on
        if row.rectification is RectificationStatus.NOT_NEEDED:
            row.rectification = RectificationStatus.OPEN

    return _act(desk, remedy_id, "remedy_opinion", "收到行政复议意见书", on, dated, enter)


def answer_opinion(desk: Desk, remedy_id: int, dated: entries.Dated) -> Opened:
    """Enter that the agency has reported what it did about the opinion."""
    on = dated.on or desk.today

    def enter(row: Remedy) -> None:
        if row.opinion_answered_on is not None:
            raise Clash("整改情况已经反馈")
        row.opinion_answered_on = on

    return _act(desk, remedy_id, "remedy_opinion_answered", "反馈意见书整改情况", on, dated, enter)


def fulfil(desk: Desk, remedy_id: int, dated: entries.Dated) -> Opened:
    """Enter that what the decision ordered has been done."""
    on = dated.on or desk.today

    def enter(row: Remedy) -> None:
        if row.order_met_on is not None:
            raise Clash("履行已经登记")
        row.order_met_on = on

    return _act(desk, remedy_id, "remedy_fulfilled", "履行决定或者判决", on, dated, enter)


def rectify(desk: Desk, remedy_id: int, given: entries.Rectification) -> Opened:
    """Enter how far the rectification has come."""

    def enter(row: Remedy) -> None:
        row.rectification = given.status
        row.rectification_plan = given.plan or row.rectification_plan
        row.rectify_by = given.rectify_by or row.rectify_by
        done = given.status is RectificationStatus.DONE
        row.rectified_on = (given.rectified_on or desk.today) if done else None
        if given.rectified_on and not done:
            _refuse([("rectified_on", "没有完成整改的，不填完成之日")])

    return _act(desk, remedy_id, "remedy_rectified", "登记整改情况", desk.today, given, enter)


def amend(desk: Desk, remedy_id: int, amendment: entries.Amendment) -> Opened:
    """Put right what was entered wrongly; the journal keeps what stood there before and why."""
    changes = amendment.model_dump(exclude={"reason"}, exclude_none=True)

    def enter(row: Remedy) -> None:
        if not changes:
            _refuse([("reason", "没有要更正的内容")])
        if amendment.answer_by and row.kind is not RemedyKind.COMPLAINT:
            _refuse([("answer_by", "行政复议、行政诉讼的答复期限由法律规定，不能另填")])
        for name, value in changes.items():
            setattr(row, name, value)

    return _act(desk, remedy_id, "remedy_amended", "更正复议、诉讼、投诉登记", desk.today, amendment, enter)


def add_paper(desk: Desk, remedy_id: int, paper: entries.Paper) -> Opened:
    """Enter a paper received or filed."""

    def enter(row: Remedy) -> None:
        if paper.on > desk.today or paper.on < row.filed_on:
            _refuse([("on", "日期须在提出之日与今天之间")])
        row.papers.append(
            RemedyPaper(**paper.model_dump(), case_id=row.case_id, added_at=desk.now, added_by=desk.actor.name)
        )

    return _act(desk, remedy_id, "remedy_paper", "登记复议、诉讼材料", paper.on, paper, enter)


def get(desk: Desk, remedy_id: int) -> Opened:
    """Return one remedy. Raises NotFound for an absent one and for another agency's alike."""
    row = desk.session.execute(visible(desk).where(Remedy.id == remedy_id)).one_or_none()
    if row is None:
        raise NotFound
    remedy, case, agency = row
    return _opened(desk, remedy, case, agency, hints=_pleas(desk, remedy))


def of_case(desk: Desk, case_id: int) -> list[Opened]:
    """Return the remedies of a case in the order they were filed."""
    files.open_file(desk, case_id)
    rows = desk.session.execute(visible(desk).where(Remedy.case_id == case_id).order_by(Remedy.filed_on, Remedy.id))
    return [_opened(desk, *row) for row in rows]


def listing(desk: Desk, query: Query, *also: ColumnElement[bool]) -> tuple[list[Opened], int]:
    """Return one page of the remedies the caller may see, newest first, and how many there are in all."""
    wanted = [*conditions(query), *also]
    counted = select(func.count()).select_from(Remedy).join(Case, Case.id == Remedy.case_id)
    counted = counted.join(Agency, Agency.id == Remedy.agency_id).where(visible_cases(desk.actor), *wanted)
    page = visible(desk).where(*wanted).order_by(Remedy.filed_on.desc(), Remedy.id.desc())
    rows = desk.session.execute(page.limit(query.size).offset((query.page - 1) * query.size)).all()
    keyring_of(desk.session).fetch(desk.session, {case.id for _, case, _ in rows})
    return [_opened(desk, *row) for row in rows], desk.session.scalar(counted) or 0


def proceedings(row: Remedy) -> Proceedings:
    """Read a stored remedy as the domain knows it."""
    return Proceedings(**{part.name: getattr(row, part.name) for part in fields(Proceedings)})


def recompute(session: Session, book: Book) -> int:
    """Work out anew what falls due in every waiting remedy, after a notice; returns how many moved."""
    rows = session.execute(
        select(Remedy, Agency).join(Agency, Agency.id == Remedy.agency_id).where(Remedy.next_on.is_not(None))
    )
    return sum(_projected(row, agency, book) for row, agency in rows)


def _act(
    desk: Desk, remedy_id: int, act: str, label: str, on: dt.date, given: Strict, enter: Callable[[Remedy], None]
) -> Opened:
    """Lock a remedy, write into it, work out what falls due, and journal it."""
    row = desk.session.execute(visible(desk).where(Remedy.id == remedy_id).with_for_update(of=Remedy)).one_or_none()
    if row is None:
        raise NotFound
    remedy, case, agency = row
    before = {name: getattr(remedy, name) for name in given.model_fields_set if hasattr(remedy, name)}
    enter(remedy)
    _refuse(remedies.faults(proceedings(remedy), desk.today))
    remedy.updated_at = desk.now
    _projected(remedy, agency, desk.book)
    desk.session.flush()
    replaced = {name: str(value) for name, value in before.items() if value is not None and name != "papers"}
    _record(desk, remedy, case, act, label, on, given, replaced=replaced)
    return _opened(desk, remedy, case, agency)


def _record(
    desk: Desk,
    row: Remedy,
    case: Case,
    act: str,
    label: str,
    on: dt.date,
    given: Strict,
    *,
    hidden: frozenset[str] | set[str] = frozenset(),
    replaced: dict[str, str] | None = None,
) -> None:
    codes, words = given.parted()
    words = {name: value for name, value in words.items() if name not in hidden}
    data = {"remedy_id": row.id, "given": {name: value for name, value in codes.items() if name not in hidden}}
    private = ({"given": words} if words else {}) | ({"before": replaced} if replaced else {})
    journal.record(desk, act, label, case=case, on=on, data=data, private=private)


def _projected(row: Remedy, agency: Agency, book: Book) -> bool:
    """Refresh what lists query of a remedy; tells whether it changed."""
    nodes = remedies.due(proceedings(row), clocks.rules_of(agency), book.of(agency.region))
    coming = remedies.next_due(nodes)
    fresh = (coming.node, coming.due_on, coming.provisional) if coming else (None, None, False)
    if (row.next_node, row.next_on, row.provisional) == fresh:
        return False
    row.next_node, row.next_on, row.provisional = fresh
    return True


def _opened(desk: Desk, remedy: Remedy, case: Case, agency: Agency, *, hints: Sequence[str] = ()) -> Opened:
    course, rules, calendar = proceedings(remedy), clocks.rules_of(agency), desk.book.of(agency.region)
    return Opened(
        remedy=remedy,
        case=case,
        agency=agency,
        due=remedies.due(course, rules, calendar),
        sue_until=remedies.sue_until(course, rules, calendar),
        today=desk.today,
        hints=tuple(hints),
    )


def _pleas(desk: Desk, row: Remedy) -> list[str]:
    earlier = desk.session.get(Remedy, row.after_id) if row.after_id else None
    opened = files.open_file(desk, row.case_id)
    return pleas.of_agency(opened, proceedings(row), proceedings(earlier) if earlier else None)


def _refuse(found: Sequence[tuple[str, str]]) -> None:
    if found:
        reasons = [{"kind": "field", "code": "not_applicable", "field": f, "message": m, "basis": ""} for f, m in found]
        raise Invalid("；".join(message for _, message in found), reasons=reasons)
