"""What lies on the desks of the demo city this morning: files, a question that waits, a fresh remedy, a kept report."""

import datetime as dt

from sqlalchemy import select

from app.domain.commands import AskAssistance
from app.domain.commands import publication as p
from app.domain.commands import remedy as r
from app.domain.commands import supervision as s
from app.domain.terms import (
    AttachmentKind,
    EvaluationSource,
    Mark,
    MessageKind,
    RemedyKind,
    RemedyPaperKind,
    RemedyProcedure,
    ReportScope,
    State,
)
from app.models import Agency, Case, CatalogueDocument, Remedy, Thread
from app.services import (
    annual_report,
    attachments,
    cases,
    file_types,
    publications,
    remedies,
    remedy_papers,
    reminders,
    report_keeping,
    saved_filters,
    supervisions,
    threads,
)
from app.services.demo import city
from app.services.demo.aftermath import DeskFor
from app.services.desk import Desk
from app.services.threads import NewMessage

_SEARCH = "检索记录\n检索地点：机关档案室、业务系统\n检索词：规划、批复\n检索结果：检索到批复1份，已复印附卷。\n"
_PETITION = "行政复议申请书\n请求：撤销原答复，责令重新答复。\n理由：认为应当公开该批复全文。\n"


def lie_on_the_desks(desk_for: DeskFor) -> None:
    """Put everything there, each through the use case of a click; what a small city has no case for is left out."""
    saved_filters.save(desk_for("dengji"), "本周到期", {"stage": "accept"})
    _files(desk_for)
    _question(desk_for)
    _contest(desk_for)
    _evaluation(desk_for)
    _supervise(desk_for)
    _remind(desk_for(city.CITY_SUPERVISOR))
    keeper = desk_for("duban")
    year = keeper.today.year - 1
    report_keeping.freeze(keeper, annual_report.ask(keeper, None, year, ReportScope.OWN), "报送前冻结")


def _files(desk_for: DeskFor) -> None:
    """A clerk's record of a search in a case, and another one handed to the agency that helps."""
    desk = desk_for("jingban")
    record = file_types.examine("检索记录.txt", _SEARCH.encode())
    described = attachments.Described(kind=AttachmentKind.EVIDENCE)
    own = (Case.agency_id == desk.actor.agency_id, Case.state == State.HANDLING)
    if case_id := desk.session.scalar(select(Case.id).where(*own).order_by(Case.id).limit(1)):
        attachments.add(desk, case_id, record, described, None)
    open_threads = select(Thread).join(Case, Case.id == Thread.case_id).where(Case.state != State.ARCHIVED)
    thread = desk.session.scalars(open_threads.order_by(Thread.id).limit(1)).first()
    if thread is not None and thread.agency_id == desk.actor.agency_id:
        added = attachments.add(desk, thread.case_id, record, described, None)
        note = NewMessage(thread_id=thread.id, kind=MessageKind.NOTE, text="检索记录供参考。", attachment_id=added.id)
        threads.say(desk, thread.case_id, note)


def _question(desk_for: DeskFor) -> None:
    """Another agency of the city asks for help and waits."""
    root = desk_for(city.CITY_SUPERVISOR)
    wanted = (
        select(Case)
        .join(Agency, Agency.id == Case.agency_id)
        .where(Case.state == State.HANDLING, Case.handler.is_not(None), Agency.code != city.EXAMPLE)
    )
    case = root.session.scalars(wanted.order_by(Case.id.desc()).limit(1)).first()
    if case is None or case.handler is None:
        return
    asked = AskAssistance(
        agency_code=city.EXAMPLE,
        question="请核实该地块的规划条件是否由贵局出具，并提供文本",
        answer_by=root.today + dt.timedelta(days=14),
    )
    cases.act(desk_for(case.handler), case.id, asked, None)


def _contest(desk_for: DeskFor) -> None:
    """An applicant has asked for reconsideration; the copy has not reached the agency."""
    desk = desk_for("jingban")
    contested = select(Remedy.case_id)
    wanted = select(Case).where(
        Case.agency_id == desk.actor.agency_id,
        Case.state == State.ARCHIVED,
        Case.outcome.is_not(None),
        Case.id.not_in(contested),
    )
    case = desk.session.scalars(wanted.order_by(Case.stopped_on.desc(), Case.id).limit(1)).first()
    if case is None:
        return
    filing = r.Filing(
        kind=RemedyKind.RECONSIDERATION,
        authority="海州市人民政府",
        filed_on=desk.today,
        procedure=RemedyProcedure.ORDINARY,
        grounds="认为应当公开该批复全文",
    )
    opened = remedies.file(desk, case.id, filing)
    paper = r.Paper(kind=RemedyPaperKind.APPLICATION, title="行政复议申请书", on=desk.today)
    number = remedies.add_paper(desk, opened.remedy.id, paper).remedy.papers[-1].id
    notice = r.Paper(kind=RemedyPaperKind.NOTICE, title="行政复议答复通知书", on=desk.today)
    remedies.add_paper(desk, opened.remedy.id, notice)
    file = file_types.examine("行政复议申请书.txt", _PETITION.encode())
    remedy_papers.put(desk, opened.remedy.id, number, file)


def _evaluation(desk_for: DeskFor) -> None:
    """Whether a document of the catalogue can be published is being examined."""
    desk = desk_for("jingban")
    wanted = select(CatalogueDocument.id).where(
        CatalogueDocument.agency_id == desk.actor.agency_id, CatalogueDocument.published_on.is_(None)
    )
    if document_id := desk.session.scalar(wanted.order_by(CatalogueDocument.id).limit(1)):
        entry = p.EvaluationEntry(source=EvaluationSource.REVIEW, document_id=document_id)
        publications.propose(desk, entry)


def _supervise(desk_for: DeskFor) -> None:
    """The city asks twice; one question is answered and waits to be closed."""
    desk = desk_for(city.CITY_SUPERVISOR)
    for demand, days in (("请说明本月补正告知的办理情况", 7), ("请报送检索记录的抽查结果", 10)):
        issued = supervisions.issue(
            desk,
            s.Demand(
                agency_code=city.EXAMPLE,
                mark=Mark.YELLOW,
                demand=demand,
                answer_by=desk.today + dt.timedelta(days=days),
            ),
        )
    given = s.SupervisionAnswer(answer="已抽查本月办结的案件，检索记录齐全")
    supervisions.answer(desk_for("jingban"), issued.row.id, given)


def _remind(desk: Desk) -> None:
    """What the morning's reminders would say; the job finds them entered and says nothing twice."""
    people = reminders.People(desk.session)
    for look in (reminders.due, reminders.due_in_remedies):
        after: int | None = 0
        while after is not None:
            found, after = look(desk.session, desk.book, desk.now, after)
            reminders.enter(desk.session, desk.actor, desk.now, found, people)
