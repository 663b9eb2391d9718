"""Talks between agencies on a case, for those who take part in it and nobody else.

The agency that works on the case opens a thread and invites others; it may invite those the case brought it together
with: asked for assistance, consulted as co-producers, or holders of the case before it was handed on. Who was not
invited finds nothing, as for a missing case; a superior's supervision does not reach into a talk either. Who takes
part sees the thread and of the case no more than its number.

The journal says that something was said, for each agency that takes part, and never what.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field, model_validator
from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from app.domain import commands
from app.domain.commands import Line, Strict, Text
from app.domain.terms import ConsultationKind, MessageKind, State
from app.errors import ActionRefused, Forbidden, Invalid, NotFound
from app.models import (
    Agency,
    Assistance,
    Attachment,
    Case,
    JournalEntry,
    Message,
    ReadMark,
    Thread,
    ThreadAgency,
    User,
)
from app.models.keyring import keyring_of
from app.services import journal
from app.services.desk import Desk
from app.services.storage import store_of
from app.services.visibility import everywhere

_TOGETHER = frozenset({ConsultationKind.CO_PRODUCER, ConsultationKind.OTHER_AGENCY})


class Mentions(Strict):
    """Whom a message is for in particular."""

    agencies: list[Line] = Field(
        default_factory=list, max_length=20, description="提到的机关（代码）", examples=[["379900-ZRJ"]]
    )
    people: list[Line] = Field(
        default_factory=list, max_length=20, description="提到的人（登录名）", examples=[["jingban"]]
    )


class NewMessage(Strict):
    """Something to say: in a thread, or opening one."""

    thread_id: int | None = Field(
        None, ge=1, le=2**53, strict=True, description="在哪个话题中；不填为新开话题", examples=[None]
    )
    subject: Line | None = Field(None, description="新话题的标题", examples=["核实批复的制作机关"])
    invite: list[Line] = Field(
        default_factory=list, max_length=20, description="邀请参加的机关（代码）", examples=[["379900-ZRJ"]]
    )
    kind: MessageKind = Field(description="提问、回答还是说明", examples=["question"])
    text: Text = Field(description="内容；不写申请人的个人信息", examples=["该批复是否由贵机关制作？"])
    answers: int | None = Field(
        None, ge=1, le=2**53, strict=True, description="回答的是哪一条提问（编号）", examples=[None]
    )
    attachment_id: int | None = Field(
        None, ge=1, le=2**53, strict=True, description="引用本案的哪一个附件；参加话题的机关可以取得它", examples=[None]
    )
    mentions: Mentions = Field(default_factory=Mentions, description="提到谁")

    @model_validator(mode="after")
    def _whole(self) -> "NewMessage":
        if self.thread_id is None and not (self.subject and self.invite):
            raise ValueError("新开话题须填写标题（subject）和邀请的机关（invite）")
        if self.thread_id is not None and self.subject:
            raise ValueError("已有的话题不能改标题：subject 只用于新开话题")
        if (self.kind is MessageKind.ANSWER) != (self.answers is not None):
            raise ValueError("回答须指明所回答的提问（answers），其他不填")
        return self


class ReadUpTo(Strict):
    """How far the caller has read."""

    thread_id: int = Field(ge=1, le=2**53, strict=True, description="话题的编号", examples=[1])
    message_id: int = Field(ge=1, le=2**53, strict=True, description="读到哪一条", examples=[1])


@dataclass(frozen=True, slots=True)
class Talk:
    """A thread with all that was said in it, as one of its readers finds it."""

    thread: Thread
    case_no: str
    agencies: Sequence[Agency]
    messages: Sequence[Message]
    read_up_to: int  # id of the last message the reader has marked as read; 0 for none
    readers: Mapping[str, int]

    @property
    def unread(self) -> int:
        return sum(message.id > self.read_up_to for message in self.messages)


def of_case(desk: Desk, case_id: int) -> list[Talk]:
    """List the threads on a case in which the caller's agency takes part.

    Raises NotFound for a case on which it takes part in none, unless the case is its own.
    """
    with everywhere(desk.session):  # agencies take part in threads on cases that are not theirs
        case = desk.session.get(Case, case_id)
        mine = select(Thread).where(Thread.case_id == case_id, _takes_part(desk)).order_by(Thread.id)
        threads = desk.session.scalars(mine).all()
        if case is None or not (threads or case.agency_id == desk.actor.agency_id):
            raise NotFound
        return _talks(desk, threads)


def inbox(desk: Desk, *, unread: bool, page: int, size: int) -> tuple[list[Talk], int]:
    """Return one page of the threads the caller's agency takes part in, the newest word first, and their number."""
    with everywhere(desk.session):  # agencies take part in threads on cases that are not theirs
        newest = select(func.max(Message.id)).where(Message.thread_id == Thread.id).scalar_subquery()
        wanted = select(Thread).where(_takes_part(desk))
        if unread:
            read = select(ReadMark.message_id).where(
                ReadMark.thread_id == Thread.id, ReadMark.reader == desk.actor.name
            )  # fmt: skip
            wanted = wanted.where(newest > func.coalesce(read.scalar_subquery(), 0))
        total = (
            desk.session.scalar(select(func.count()).select_from(wanted.with_only_columns(Thread.id).subquery())) or 0
        )
        found = desk.session.scalars(wanted.order_by(newest.desc()).offset((page - 1) * size).limit(size)).all()
        return _talks(desk, found), total


def say(desk: Desk, case_id: int, new: NewMessage) -> Talk:
    """Say something, in a new thread or in one the caller's agency takes part in; the speaker has read it.

    Raises NotFound, Forbidden when somebody else than the case's agency invites, Invalid with a reason for each name
    that does not fit, ActionRefused on an archived case.
    """
    with everywhere(desk.session):  # agencies take part in threads on cases that are not theirs
        case = desk.session.get(Case, case_id, with_for_update=True)
        thread = _thread(desk, case_id, new.thread_id) if new.thread_id is not None else None
        own = case is not None and case.agency_id == desk.actor.agency_id
        if case is None or not (thread or own):
            raise NotFound
        if case.state is State.ARCHIVED:
            raise ActionRefused("案件已经归档，话题不再增加内容")
        if new.invite and not own:
            raise Forbidden("只有办理本案的机关可以邀请其他机关")
        invited = _invited(desk, case, new.invite)
        if thread is None:
            thread = Thread(
                case_id=case_id,
                agency_id=desk.actor.agency_id,
                subject=new.subject,
                opened_by=desk.actor.name,
                opened_at=desk.now,
            )
            desk.session.add(thread)
            desk.session.flush()
            invited = [desk.session.get_one(Agency, desk.actor.agency_id), *invited]
        _join(desk, thread, invited)
        message = _message(desk, case, thread, new)
        desk.session.add(message)
        desk.session.flush()
        _mark(desk, thread.id, message.id)
        data: dict[str, object] = {"message_id": message.id, "kind": new.kind.value, "mentions": message.mentions}
        _tell(desk, case, thread, "message_sent", "发出话题消息", data)
        return _talks(desk, [thread])[0]


def read(desk: Desk, case_id: int, upto: ReadUpTo) -> Talk:
    """Mark a thread as read up to a message; a mark never goes back."""
    with everywhere(desk.session):  # agencies take part in threads on cases that are not theirs
        case, thread = desk.session.get(Case, case_id), _thread(desk, case_id, upto.thread_id)
        message = desk.session.get(Message, upto.message_id)
        if case is None or message is None or message.thread_id != thread.id:
            raise NotFound
        if _mark(desk, thread.id, message.id):
            _tell(desk, case, thread, "message_read", "读过话题消息", {"message_id": message.id})
        return _talks(desk, [thread])[0]


def attachment(desk: Desk, case_id: int, message_id: int) -> tuple[Attachment, bytes]:
    """Read the file a message refers to; the caller writes down who took it before the answer leaves."""
    with everywhere(desk.session):  # agencies take part in threads on cases that are not theirs
        message = desk.session.get(Message, message_id)
        if message is None or message.attachment_id is None:
            raise NotFound
        _thread(desk, case_id, message.thread_id)
        row = desk.session.get_one(Attachment, message.attachment_id)
        if row.withdrawn_at is not None:
            raise NotFound("这个附件已经撤下")
        return row, store_of(desk.settings).get(row.sha256)


def _takes_part(desk: Desk) -> ColumnElement[bool]:
    agency_id = desk.actor.agency_id
    own = exists().where(Case.id == Thread.case_id, Case.agency_id == agency_id)
    return or_(own, exists().where(ThreadAgency.thread_id == Thread.id, ThreadAgency.agency_id == agency_id))


def _thread(desk: Desk, case_id: int, thread_id: int) -> Thread:
    wanted = select(Thread).where(Thread.id == thread_id, Thread.case_id == case_id, _takes_part(desk))
    if (found := desk.session.scalar(wanted)) is None:
        raise NotFound
    return found


def _talks(desk: Desk, threads: Sequence[Thread]) -> list[Talk]:
    """Read what belongs to some threads, with a fixed number of queries."""
    ids = [thread.id for thread in threads]
    messages: dict[int, list[Message]] = {thread_id: [] for thread_id in ids}
    for message in desk.session.scalars(select(Message).where(Message.thread_id.in_(ids)).order_by(Message.id)):
        messages[message.thread_id].append(message)
    agencies: dict[int, list[Agency]] = {thread_id: [] for thread_id in ids}
    joined = select(ThreadAgency.thread_id, Agency).join(Agency, Agency.id == ThreadAgency.agency_id)
    for thread_id, agency in desk.session.execute(joined.where(ThreadAgency.thread_id.in_(ids)).order_by(Agency.id)):
        agencies[thread_id].append(agency)
    marks: dict[int, dict[str, int]] = {thread_id: {} for thread_id in ids}
    for mark in desk.session.scalars(select(ReadMark).where(ReadMark.thread_id.in_(ids)).order_by(ReadMark.reader)):
        marks[mark.thread_id][mark.reader] = mark.message_id
    numbers = select(Case.id, Case.case_no).where(Case.id.in_({thread.case_id for thread in threads}))
    case_nos = {row.id: row.case_no for row in desk.session.execute(numbers)}
    keyring_of(desk.session).fetch(desk.session, case_nos)
    return [
        Talk(
            thread=thread,
            case_no=case_nos[thread.case_id],
            agencies=agencies[thread.id],
            messages=messages[thread.id],
            read_up_to=marks[thread.id].get(desk.actor.name, 0),
            readers=marks[thread.id],
        )
        for thread in threads
    ]


def _invited(desk: Desk, case: Case, codes: Sequence[str]) -> list[Agency]:
    """Find the agencies to invite among those the case brought this one together with."""
    able = {agency.code: agency for agency in desk.session.scalars(select(Agency).where(_together_on(desk, case)))}
    if any(code not in able for code in codes):
        known = "、".join(sorted(able)) or "目前没有"
        raise _wrong("invite", f"只能邀请参与过本案的机关（协助、移送、征求意见）：{known}")
    return [able[code] for code in dict.fromkeys(codes)]


def _together_on(desk: Desk, case: Case) -> ColumnElement[bool]:
    asked = select(Assistance.agency_id).where(Assistance.case_id == case.id)
    asking = select(Assistance.asked_by).where(Assistance.case_id == case.id)
    held = select(JournalEntry.agency_id).where(
        JournalEntry.case_id == case.id, JournalEntry.act.in_(("transferred_out", "register"))
    )
    consulted = [
        past.command.party
        for past in journal.pasts_of(desk.session, [case.id]).get(case.id, ())
        if isinstance(past.command, commands.Consult) and past.command.kind in _TOGETHER
    ]
    root = desk.actor.agency_path.split("/")[1]
    named = and_(Agency.name.in_(consulted), Agency.path.startswith(f"/{root}/"))
    return and_(
        Agency.id != case.agency_id, or_(Agency.id.in_(asked), Agency.id.in_(asking), Agency.id.in_(held), named)
    )


def _join(desk: Desk, thread: Thread, agencies: Iterable[Agency]) -> None:
    there = set(desk.session.scalars(select(ThreadAgency.agency_id).where(ThreadAgency.thread_id == thread.id)))
    desk.session.add_all(
        ThreadAgency(thread_id=thread.id, agency_id=agency.id, invited_by=desk.actor.name, invited_at=desk.now)
        for agency in agencies
        if agency.id not in there
    )
    desk.session.flush()


def _message(desk: Desk, case: Case, thread: Thread, new: NewMessage) -> Message:
    session = desk.session
    question = session.get(Message, new.answers) if new.answers is not None else None
    if new.answers is not None and (
        question is None or question.thread_id != thread.id or question.kind is not MessageKind.QUESTION
    ):
        raise _wrong("answers", "这个话题中没有这一条提问")
    if new.attachment_id is not None:
        row = session.get(Attachment, new.attachment_id)
        own = case.agency_id == desk.actor.agency_id  # others do not see the case's files
        if not own or row is None or row.case_id != case.id or row.withdrawn_at is not None:
            raise _wrong("attachment_id", "本案没有这个编号的附件")
    present = and_(Agency.id == ThreadAgency.agency_id, ThreadAgency.thread_id == thread.id)
    agencies = {agency.code: agency.id for agency in session.scalars(select(Agency).join(ThreadAgency, present))}
    if any(code not in agencies for code in new.mentions.agencies):
        raise _wrong("mentions.agencies", "只能提到参加这个话题的机关")
    if new.mentions.people:
        there = User.agency_id.in_({*agencies.values(), case.agency_id})
        known = select(User.username).where(
            User.username.in_(new.mentions.people), there, User.disabled_at.is_(None)
        )  # fmt: skip
        if set(new.mentions.people) - set(session.scalars(known)):
            raise _wrong("mentions.people", "只能提到参加这个话题的机关的在用人员")
    return Message(
        thread_id=thread.id,
        case_id=case.id,
        agency_id=desk.actor.agency_id,
        author=desk.actor.name,
        author_label=desk.actor.label,
        kind=new.kind,
        text=new.text,
        answers_id=new.answers,
        attachment_id=new.attachment_id,
        mentions=new.mentions.model_dump(),
        at=desk.now,
    )


def _mark(desk: Desk, thread_id: int, message_id: int) -> bool:
    """Move the caller's mark on; tells whether it moved."""
    mark = desk.session.get(ReadMark, (thread_id, desk.actor.name), with_for_update=True)
    if mark is None:
        desk.session.add(
            ReadMark(thread_id=thread_id, reader=desk.actor.name, message_id=message_id, at=desk.now)
        )  # fmt: skip
    elif mark.message_id >= message_id:
        return False
    else:
        mark.message_id, mark.at = message_id, desk.now
    desk.session.flush()
    return True


def _tell(desk: Desk, case: Case, thread: Thread, act: str, label: str, data: dict[str, object]) -> None:
    """Write down that something happened in a thread, once for each agency that takes part."""
    told: dict[str, object] = {"thread_id": thread.id, **data}
    journal.record(desk, act, label, case=case, data=told)
    others = select(ThreadAgency.agency_id).where(
        ThreadAgency.thread_id == thread.id, ThreadAgency.agency_id != case.agency_id
    )
    for agency_id in desk.session.scalars(others.order_by(ThreadAgency.agency_id)).all():
        # Without the case, which they do not see; its id is where the thread is found.
        journal.record(desk, act, label, agency_id=agency_id, data=told | {"case_id": case.id})


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(message, reasons=[{"kind": "field", "code": "not_applicable", "field": field, "message": message}])
