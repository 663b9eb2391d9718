"""Talks between agencies on a case: who takes part, what was said, and how far each person has read."""

import datetime as dt

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.terms import MessageKind
from app.models.base import AgencyId, Base, BigId, CaseId, Data, Id, Short, term
from app.models.sealed import sealed_text


class Thread(Base):
    __tablename__ = "threads"
    SEALED_BY = ("opened_at",)

    id: Mapped[Id]
    case_id: Mapped[CaseId]
    agency_id: Mapped[AgencyId]  # who opened it
    subject = sealed_text()
    opened_by: Mapped[Short]
    opened_at: Mapped[dt.datetime]


class ThreadAgency(Base):
    """An agency that takes part; the one that opened the thread is among them."""

    __tablename__ = "thread_agencies"
    __table_args__ = (Index("ix_thread_agencies_agency_id", "agency_id", "thread_id"),)

    thread_id: Mapped[int] = mapped_column(BigId, ForeignKey("threads.id"), primary_key=True, autoincrement=False)
    agency_id: Mapped[int] = mapped_column(BigId, ForeignKey("agencies.id"), primary_key=True, autoincrement=False)
    invited_by: Mapped[Short]
    invited_at: Mapped[dt.datetime]


class Message(Base):
    """One thing said; never changed afterwards."""

    __tablename__ = "messages"
    SEALED_BY = ("author", "at")
    __table_args__ = (Index("ix_messages_thread_id", "thread_id", "id"),)

    id: Mapped[Id]
    thread_id: Mapped[int] = mapped_column(BigId, ForeignKey("threads.id"))
    case_id: Mapped[CaseId]  # of the thread
    agency_id: Mapped[AgencyId]
    author: Mapped[Short]
    author_label: Mapped[Short]
    kind: Mapped[MessageKind] = mapped_column(term(MessageKind))
    text = sealed_text()
    answers_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("messages.id"))
    attachment_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("attachments.id"))
    mentions: Mapped[Data]  # {"agencies": [code], "people": [user name]}
    at: Mapped[dt.datetime]


class ReadMark(Base):
    """How far somebody has read a thread."""

    __tablename__ = "read_marks"

    thread_id: Mapped[int] = mapped_column(BigId, ForeignKey("threads.id"), primary_key=True, autoincrement=False)
    reader: Mapped[Short] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(BigId, ForeignKey("messages.id"))
    at: Mapped[dt.datetime]
