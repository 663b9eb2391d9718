"""What the demo city sees beside its cases: remedies, publications, supervisions, so that every figure shows something.

Each event looks for its case when its day has come, and is left out where a small city has none.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import select

from app.domain.application import Application, ItemIn
from app.domain.commands import publication as p
from app.domain.commands import remedy as r
from app.domain.commands import supervision as s
from app.domain.terms import (
    CheckCode,
    DisclosureAttribute,
    EvaluationSource,
    FollowUpStatus,
    Mark,
    PartyRole,
    ProblemSource,
    RectificationStatus,
    RemedyDecision,
    RemedyKind,
    RemedyProcedure,
    State,
    SuggestionOutcome,
    UnderlyingProblem,
)
from app.models import Agency, Case, Remedy, RunningClock, Subject
from app.services import problems, publications, remedies, suggestions, supervisions
from app.services.demo import city
from app.services.desk import Desk

POPULAR = ("城东片区棚户区改造房屋征收补偿方案", "滨海新城控制性详细规划的批复")
_WORDINGS = ("{}", "申请公开{}", "请提供{}的复印件", "{}及附件")
EVERY = 4
"""One show-piece in so many asks for one of the popular documents."""

DeskFor = Callable[[str], Desk]
"""Give the desk of a person at the moment of the event."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens at a moment."""

    at: dt.datetime
    happen: Callable[[DeskFor], None]


def popular(application: Application, number: int) -> Application:
    """Let some applicants ask for what others ask for too."""
    if number % EVERY or application.items[0].title is None:
        return application
    wanted = number // EVERY
    title = _WORDINGS[wanted % len(_WORDINGS)].format(POPULAR[wanted % len(POPULAR)])
    first = ItemIn(title=title, document_no=None, description=None)
    return application.model_copy(update={"items": [first, *application.items[1:]]})


def events(now: dt.datetime, opened_at: dt.datetime) -> Iterator[Event]:
    """Plan everything, by days before today."""

    def on(days: int, happen: Callable[[DeskFor], None]) -> Event:
        return Event(max(now - dt.timedelta(days=days), opened_at + dt.timedelta(days=1)), happen)

    yield on(400, _catalogued(DisclosureAttribute.WITHHOLD, "规划编制内部工作方案", "内部工作流程，条例第16条第1款"))
    for days, attribute, title, reason in (
        (120, DisclosureAttribute.PUBLISH, "海州市国土空间总体规划公告", None),
        (110, DisclosureAttribute.ON_REQUEST, "竹溪镇某地块规划条件", "只涉及特定相对人，按申请提供"),
        (105, DisclosureAttribute.REDACTED, "城西片区征收补偿结果汇总", "删去被征收人姓名、证件号码后公开"),
    ):
        yield on(days, _catalogued(attribute, title, reason))
    for days, brought in zip(range(96, 8, -11), _BROUGHT, strict=False):
        yield from _remedy(on, days, brought)
    yield from _Publication().events(on)
    yield from _Supervision().events(on)


@dataclass(frozen=True, slots=True)
class _Brought:
    kind: RemedyKind
    decision: RemedyDecision | None = None
    cause: CheckCode | None = None
    status: RectificationStatus | None = None


_K, _D = RemedyKind, RemedyDecision
_BROUGHT = (
    _Brought(_K.RECONSIDERATION, _D.ORDERED_TO_ACT, CheckCode.K04, RectificationStatus.DONE),
    _Brought(_K.LITIGATION_DIRECT, _D.CLAIM_DISMISSED),
    _Brought(_K.RECONSIDERATION, _D.UPHELD),
    _Brought(_K.LITIGATION_AFTER_RECONSIDERATION, _D.DECLARED_UNLAWFUL, CheckCode.K07, RectificationStatus.IN_PROGRESS),
    _Brought(_K.RECONSIDERATION, _D.WITHDRAWN),
    _Brought(_K.COMPLAINT),
    _Brought(_K.RECONSIDERATION),
    _Brought(_K.LITIGATION_DIRECT),
)


def _remedy(on: Callable[..., Event], days: int, brought: _Brought) -> Iterator[Event]:
    known: dict[str, Any] = {}

    def file(desk_for: DeskFor) -> None:
        case = _answered(desk_for(city.CITY_SUPERVISOR))
        if case is None or case.handler is None:
            return
        desk = desk_for(case.handler)
        lawsuit = "litigation" in brought.kind
        opened = remedies.file(
            desk,
            case.id,
            r.Filing(
                kind=brought.kind,
                authority="海州市海东区人民法院" if lawsuit else _city_name(desk),
                filed_on=desk.today,
                procedure=RemedyProcedure.ORDINARY if brought.kind is _K.RECONSIDERATION else None,
                grounds="认为答复认定事实不清，请求重新答复",
                parties=[
                    r.Party(role=PartyRole.CLAIMANT, name="某甲"),
                    r.Party(role=PartyRole.RESPONDENT, name="本机关"),
                ],
            ),
        )
        known.update(id=opened.remedy.id, who=case.handler)

    def then(act: Callable[[Desk, int], object]) -> Callable[[DeskFor], None]:
        def happen(desk_for: DeskFor) -> None:
            if known:
                act(desk_for(known["who"]), known["id"])

        return happen

    yield on(days, file)
    yield on(
        days - 2,
        then(
            lambda desk, remedy_id: remedies.notify(
                desk,
                remedy_id,
                r.Notice(
                    notified_on=desk.today,
                    answer_by=desk.today + dt.timedelta(days=12) if brought.kind is _K.COMPLAINT else None,
                ),
            )
        ),
    )
    if days > 20:
        yield on(days - 11, then(lambda desk, remedy_id: remedies.answer(desk, remedy_id, r.Dated())))
    if brought.decision is not None and days > 45:
        decision, cause = brought.decision, brought.cause
        yield on(
            days - 42,
            then(
                lambda desk, remedy_id: remedies.conclude(
                    desk, remedy_id, r.RemedyConclusion(decision=decision, closed_on=desk.today, cause=cause)
                )
            ),
        )
        if (status := brought.status) is not None:
            plan = "补充检索、充实理由，组织经办人员学习本案"
            yield on(
                days - 50,
                then(
                    lambda desk, remedy_id: remedies.rectify(desk, remedy_id, r.Rectification(status=status, plan=plan))
                ),
            )


def _city_name(desk: Desk) -> str:
    """Return the name of the city's government, which reconsiders its bureaus' replies."""
    return desk.session.scalars(select(Agency.name).where(Agency.parent_id.is_(None))).one()


def _answered(desk: Desk) -> Case | None:
    """Find the newest answered case that nobody has contested yet."""
    contested = select(Remedy.case_id)
    return desk.session.scalars(
        select(Case)
        .where(
            Case.state.in_((State.DELIVERED, State.ARCHIVED)),
            Case.handler.is_not(None),
            Case.outcome.is_not(None),
            Case.id.not_in(contested),
        )
        .order_by(Case.stopped_on.desc(), Case.id)
        .limit(1)
    ).first()


def _catalogued(attribute: DisclosureAttribute, title: str, reason: str | None) -> Callable[[DeskFor], None]:
    def enter(desk_for: DeskFor) -> None:
        publications.enter(desk_for("jingban"), p.DocumentEntry(attribute=attribute, title=title, reason=reason))

    return enter


class _Publication:
    """One popular document on its way to everybody, another one waiting to be published."""

    def __init__(self) -> None:
        self._evaluated: dict[int, int] = {}
        self._offered: list[int] = []

    def events(self, on: Callable[..., Event]) -> Iterator[Event]:
        yield on(40, lambda desk_for: self._propose(desk_for, 0))
        yield on(38, lambda desk_for: self._decide(desk_for, 0))
        yield on(30, self._publish)
        for days in (20, 15, 10):
            yield on(days, self._offer)
        yield on(9, self._use)
        yield on(9, lambda desk_for: self._propose(desk_for, 1))
        yield on(8, lambda desk_for: self._decide(desk_for, 1))

    def _propose(self, desk_for: DeskFor, number: int) -> None:
        desk = desk_for("jingban")
        asked = desk.session.scalars(
            select(Subject).where(Subject.agency_id == desk.actor.agency_id).order_by(Subject.case_id)
        )
        case_id = next((one.case_id for one in asked if POPULAR[number][:6] in one.text), None)
        if case_id is not None:
            entry = p.EvaluationEntry(source=EvaluationSource.FREQUENCY, case_id=case_id)
            self._evaluated[number] = publications.propose(desk, entry).row.id

    def _decide(self, desk_for: DeskFor, number: int) -> None:
        if evaluation_id := self._evaluated.get(number):
            decision = p.EvaluationDecision(
                attribute=DisclosureAttribute.PUBLISH, reason="多人申请，且可以公开", title=POPULAR[number]
            )
            publications.decide(desk_for("lingdao"), evaluation_id, decision)

    def _publish(self, desk_for: DeskFor) -> None:
        if evaluation_id := self._evaluated.get(0):
            link = p.Publication(url="https://haizhou.example/zwgk/0312.html")
            publications.publish(desk_for("jingban"), evaluation_id, link)

    def _offer(self, desk_for: DeskFor) -> None:
        wanted = ItemIn(title=POPULAR[0], document_no=None, description=None)
        offers = suggestions.offer(desk_for("dengji"), p.Sought(agency_code=city.EXAMPLE, items=[wanted]))
        self._offered += [one.suggestion_id for one in offers[:1]]

    def _use(self, desk_for: DeskFor) -> None:
        for suggestion_id in self._offered[1:]:
            suggestions.conclude(desk_for("dengji"), suggestion_id, p.Outcome(outcome=SuggestionOutcome.USED))


class _Supervision:
    """A supervision that was answered and one that waits, a list of problems, and what lies behind some requests."""

    def __init__(self) -> None:
        self._issued = 0

    def events(self, on: Callable[..., Event]) -> Iterator[Event]:
        yield on(26, self._issue)
        yield on(20, self._answer)
        yield on(19, self._close)
        yield on(3, self._issue_on_overdue)
        for days, title, source, status in (
            (28, "个别答复文书说理不足", ProblemSource.REMEDY, RectificationStatus.DONE),
            (18, "补正告知不及时", ProblemSource.BULLETIN, RectificationStatus.IN_PROGRESS),
            (6, "检索记录不完整", ProblemSource.INSPECTION, RectificationStatus.OPEN),
        ):
            yield on(days, partial(self._problem, title, source, status))
        for days, which, solved in (
            (45, UnderlyingProblem.LAND, True),
            (33, UnderlyingProblem.LAND, False),
            (22, UnderlyingProblem.PLANNING, True),
            (11, UnderlyingProblem.HOUSING, False),
        ):
            yield on(days, partial(self._tag, which, solved))

    def _issue(self, desk_for: DeskFor) -> None:
        desk = desk_for(city.CITY_SUPERVISOR)
        demand = s.Demand(
            agency_code=city.EXAMPLE,
            mark=Mark.YELLOW,
            demand="本季度内控期限按期率下降，请分析原因并提出措施",
            answer_by=desk.today + dt.timedelta(days=10),
        )
        self._issued = supervisions.issue(desk, demand).row.id

    def _answer(self, desk_for: DeskFor) -> None:
        given = s.SupervisionAnswer(answer="已明确到期前五个工作日逐件提醒，并调整了经办分工")
        supervisions.answer(desk_for("jingban"), self._issued, given)

    def _close(self, desk_for: DeskFor) -> None:
        accepted = s.SupervisionClosing(accepted=True, opinion="同意")
        supervisions.close(desk_for(city.CITY_SUPERVISOR), self._issued, accepted)

    def _issue_on_overdue(self, desk_for: DeskFor) -> None:
        desk = desk_for(city.CITY_SUPERVISOR)
        overdue = select(RunningClock.case_id).where(RunningClock.overdue_after < desk.today)
        overdue = overdue.order_by(RunningClock.overdue_after, RunningClock.case_id)
        case_id = desk.session.scalar(overdue.limit(1))
        if case_id is not None:
            demand = s.Demand(
                case_id=case_id,
                mark=Mark.RED,
                demand="本件已超过法定期限，请立即答复申请人并说明超期原因",
                answer_by=desk.today + dt.timedelta(days=7),
            )
            supervisions.issue(desk, demand)

    def _problem(self, title: str, source: ProblemSource, status: RectificationStatus, desk_for: DeskFor) -> None:
        desk = desk_for(city.CITY_SUPERVISOR)
        entry = s.ProblemEntry(
            agency_code=city.EXAMPLE, source=source, title=title, rectify_by=desk.today + dt.timedelta(days=30)
        )
        number = problems.enter(desk, entry).row.id
        if status is not RectificationStatus.OPEN:
            problems.rectify(desk, number, s.ProblemRectification(status=status, measures="已制定措施并落实到人"))

    def _tag(self, which: UnderlyingProblem, solved: bool, desk_for: DeskFor) -> None:  # noqa: FBT001 — of a plan above
        desk = desk_for("jingban")
        newest = select(Case.id).where(Case.agency_id == desk.actor.agency_id).order_by(Case.id.desc())
        case_id = desk.session.scalar(newest.limit(1))
        if case_id is None:
            return
        row = problems.tag(desk, case_id, s.CaseProblemEntry(problem=which, note="申请人关心后续办理"))
        if solved:
            done = s.FollowUp(status=FollowUpStatus.SOLVED, follow_up="已协调有关部门办理并告知申请人")
            problems.follow_up(desk, row.id, done)
