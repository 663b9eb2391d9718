"""Cases: taking a step, listing, the timeline."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy import ColumnElement, func, literal_column, select

from app.domain import agenda
from app.domain.acts import LegalDay, Moment
from app.domain.commands import PLAIN, Command, Strict
from app.domain.machine import Option, Refused
from app.domain.masking import Veil
from app.domain.terms import ApplicantKind, CaseKind, CaseOrigin, Channel, ReasonKind, ReplyKind, Role, Stage, State
from app.domain.workflow import WORKFLOWS
from app.domain.worklist import Turn
from app.models import Agency, Case, JournalEntry
from app.services import archive, clocks, documents, files, journal, persons, search
from app.services.desk import Desk
from app.services.effects import EFFECTS, nothing
from app.services.facts import facts_of
from app.services.files import File, Standing
from app.services.visibility import visible_cases

Sort = Literal["-id", "id", "due_on", "-due_on", "received_on", "-received_on", "updated_at", "-updated_at"]


class Query(Strict):
    """What a clerk's list is narrowed to; an absent filter means all."""

    q: str | None = Field(None, max_length=100, description="在案号、申请人、申请内容中查找")
    agency: str | None = Field(None, max_length=64, description="机关代码")
    kind: CaseKind | None = Field(None, description="案件类别，不填为全部")
    stage: Stage | None = Field(None, description="阶段")
    state: State | None = Field(None, description="状态")
    channel: Channel | None = Field(None, description="申请渠道")
    applicant_kind: ApplicantKind | None = Field(None, description="申请人类别")
    outcome: ReplyKind | None = Field(None, description="处理决定")
    origin: CaseOrigin | None = Field(None, description="来源")
    handler: str | None = Field(None, max_length=64, description="经办人登录名")
    received_from: LegalDay | None = Field(None, description="收到之日自")
    received_to: LegalDay | None = Field(None, description="收到之日至")
    due_from: LegalDay | None = Field(None, description="法定期限自")
    due_to: LegalDay | None = Field(None, description="法定期限至")
    updated_since: Moment | None = Field(
        None,
        description="最近改动的时间自（含），带时区，网址中的加号写作 %2B。下一次以本次开始的时间再减一分钟为起点，"
        "按 id 和 version 去重，就不会漏；期限因放假通知重算的不算改动。要逐条不漏的，用变更流",
        examples=["2026-11-20T16:30:00+08:00"],
    )
    sort: Sort = Field(
        "-id",
        description="排序：`id` 登记先后，`due_on` 法定期限，`received_on` 收到之日，`updated_at` 最近改动；前加减号为倒序",
    )
    page: Annotated[int, Field(ge=1, le=10_000), PLAIN] = Field(1, description="第几页")
    size: Annotated[int, Field(ge=1, le=100), PLAIN] = Field(20, description="每页件数")


class CaseSearch(Query):
    """The same in a body, where names and numbers of people belong: an address is written down everywhere it passes."""

    q: str | None = Field(
        None, min_length=1, max_length=100, description="案号、申请人、申请内容", examples=["11010519491231002X"]
    )
    page: Annotated[int, Field(ge=1, le=10_000, strict=True)] = Field(1, description="第几页")
    size: Annotated[int, Field(ge=1, le=100, strict=True)] = Field(20, description="每页件数")


def act(desk: Desk, case_id: int, command: Command, seen_version: int | None) -> File:
    """Take one step: lock the case, let the law decide, record the decision; returns the case after it.

    Raises NotFound, StaleVersion when the caller has seen another version, or Refused with every reason.
    """
    file = files.open_file(desk, case_id, lock=True)
    case = file.case
    files.require_version(case, seen_version)
    try:
        decision = WORKFLOWS[case.kind].decide(command, facts_of(desk, file))
    except Refused as refused:
        refused.due = [turn.step for turn in next_steps(desk, file) if not turn.lacks]
        raise
    command, effect = decision.command, EFFECTS[type(decision.command)]
    effect(desk, file, command)
    case.state = decision.target
    clocks.append(desk, case, decision.acts)
    before = clocks.dates_of(case)
    clocks.project(case, (*file.acts, *decision.acts), file.rules, file.calendar, desk.book.edition)
    case.updated_at = desk.now
    codes, words = command.parted()
    journal.record(
        desk,
        command.action,
        decision.step.label,
        case=case,
        on=command.on,
        data={"command": codes} | clocks.moved(before, clocks.dates_of(case)),
        private={"command": words} if words else None,
    )
    desk.session.flush()
    after = files.stepped(desk, file, command, decision.acts) if effect is nothing else files.reopen(desk, case_id)
    if decision.step.issues:
        documents.issue(desk, file, after, command)
    if decision.target is State.ARCHIVED:
        archive.seal(desk, after)
    return after


def options(desk: Desk, case_id: int) -> tuple[File, list[Option]]:
    """List every action of the workflow with all that stands in its way for this caller."""
    file = files.open_file(desk, case_id)
    return file, WORKFLOWS[file.case.kind].options(facts_of(desk, file))


def next_steps(desk: Desk, file: File) -> list[Turn]:
    """List the steps that are due, those that only an occasion calls for last, each with what is missing."""
    anyone = replace(facts_of(desk, file), roles=frozenset(Role), actor="")
    found = [
        Turn(step, tuple(bar for bar in step.obstacles(anyone) if bar.kind is not ReasonKind.ROLE))
        for step in agenda.due(anyone, WORKFLOWS[file.case.kind].rows)
    ]
    return sorted(found, key=lambda turn: turn.step.command in agenda.OCCASIONAL)


def listing(desk: Desk, query: Query) -> tuple[list[Standing], int]:
    """Return one page of the caller's cases and how many there are in all."""
    conditions = _conditions(desk, query)
    total = desk.session.scalar(
        select(func.count())
        .select_from(Case)
        .join(Agency, Agency.id == Case.agency_id)
        .outerjoin(Case.clock)
        .where(visible_cases(desk.actor), *conditions)
    )
    return files.standings(desk, desk.session.execute(statement(desk, query)).all()), total or 0


def statement(desk: Desk, query: Query) -> files.Rows:
    """Build the statement of one page; its plan is held to an index by a test."""
    by, falling = query.sort.removeprefix("-"), query.sort[0] == "-"
    column = clocks.DUE_ON if by == "due_on" else getattr(Case, by)
    order: list[ColumnElement[Any]] = [Case.id.desc() if falling else Case.id.expression]
    if column is not Case.id:
        order.insert(0, (column.desc() if falling else column).nulls_last())
    page = files.visible(desk).outerjoin(Case.clock).where(*_conditions(desk, query)).order_by(*order)
    return page.limit(query.size).offset((query.page - 1) * query.size)


def _conditions(desk: Desk, query: Query) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool] | None] = [
        search.matching(desk.session, query.q) if query.q else None,
        Agency.code == query.agency if query.agency else None,
        Case.kind == query.kind if query.kind else None,
        Case.state.in_([s for s in State if s.stage is query.stage]) if query.stage else None,
        Case.state == query.state if query.state else None,
        Case.channel == query.channel if query.channel else None,
        Case.applicant_kind == query.applicant_kind if query.applicant_kind else None,
        Case.outcome == query.outcome if query.outcome else None,
        Case.ledger_id.is_not(None) == (query.origin is CaseOrigin.LEDGER) if query.origin else None,
        Case.handler == query.handler if query.handler else None,
        Case.received_on >= query.received_from if query.received_from else None,
        Case.received_on <= query.received_to if query.received_to else None,
        query.due_from <= clocks.DUE_ON if query.due_from else None,
        query.due_to >= clocks.DUE_ON if query.due_to else None,
        Case.updated_at >= query.updated_since if query.updated_since else None,
    ]
    return [condition for condition in found if condition is not None]


def counts_in_table_three() -> ColumnElement[bool]:
    """Build the condition that a case is counted in the annual report's table three: requests for information only.

    The code stands in the statement itself, so that a planner sees that the partial index covers it.
    """
    return Case.kind == literal_column(f"'{CaseKind.DISCLOSURE.value}'")


def timeline(desk: Desk, case_id: int) -> tuple[Veil, Sequence[JournalEntry]]:
    """Return the case's history in the order it was recorded, and the veil under which it is shown."""
    veil = persons.veil_of(files.open_file(desk, case_id))
    entries = select(JournalEntry).where(JournalEntry.case_id == case_id).order_by(JournalEntry.id)
    return veil, desk.session.scalars(entries).all()
