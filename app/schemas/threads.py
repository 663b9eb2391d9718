"""Threads between agencies as their readers see them."""

import datetime as dt

from pydantic import Field

from app.domain.shape import Shape
from app.domain.terms import MessageKind
from app.models import Agency, Message
from app.services.clocks import in_shanghai
from app.services.threads import Talk


class MessageOut(Shape):
    id: int
    agency_code: str
    author: str
    author_label: str
    kind: MessageKind
    kind_label: str
    text: str
    answers: int | None = Field(description="回答的是哪一条提问")
    answered: bool | None = Field(description="提问是否已有回答；不是提问的为空")
    attachment_id: int | None = Field(
        description="引用的附件；内容在 /cases/{case_id}/messages/{message_id}/attachment"
    )
    mentioned_agencies: list[str]
    mentioned_people: list[str]
    at: dt.datetime


class ThreadParty(Shape):
    """An agency that takes part."""

    code: str
    name: str


class ReaderOut(Shape):
    """How far somebody has read."""

    reader: str
    message_id: int


class ThreadOut(Shape):
    id: int
    case_id: int
    case_no: str
    subject: str
    opened_at: dt.datetime
    agencies: list[ThreadParty]
    unread: int = Field(description="您未读的条数")
    readers: list[ReaderOut] = Field(description="各人读到哪一条")
    messages: list[MessageOut]


class ThreadList(Shape):
    items: list[ThreadOut]


class ThreadPage(ThreadList):
    total: int
    page: int
    size: int


def thread_out(talk: Talk) -> ThreadOut:
    thread = talk.thread
    codes = {agency.id: agency.code for agency in talk.agencies}
    answered = {message.answers_id for message in talk.messages}
    return ThreadOut(
        id=thread.id,
        case_id=thread.case_id,
        case_no=talk.case_no,
        subject=thread.subject,
        opened_at=in_shanghai(thread.opened_at),
        agencies=[_party(agency) for agency in talk.agencies],
        unread=talk.unread,
        readers=[ReaderOut(reader=reader, message_id=upto) for reader, upto in talk.readers.items()],
        messages=[_message(message, codes, answered) for message in talk.messages],
    )


def _party(agency: Agency) -> ThreadParty:
    return ThreadParty(code=agency.code, name=agency.name)


def _message(message: Message, codes: dict[int, str], answered: set[int | None]) -> MessageOut:
    return MessageOut(
        id=message.id,
        agency_code=codes[message.agency_id],
        author=message.author,
        author_label=message.author_label,
        kind=message.kind,
        kind_label=message.kind.label,
        text=message.text,
        answers=message.answers_id,
        answered=message.id in answered if message.kind is MessageKind.QUESTION else None,
        attachment_id=message.attachment_id,
        mentioned_agencies=message.mentions["agencies"],
        mentioned_people=message.mentions["people"],
        at=in_shanghai(message.at),
    )
