"""Reminders of what falls due in a case and in the remedies against it: each planned once, each recipient told once."""

import datetime as dt

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.terms import NodeKind, RemedyNode, ReminderTier
from app.models.base import AgencyId, Base, BigId, CaseId, Code, Id, OneOf, Short, term

NOT_MAILED = text("mailed_at IS NULL")


class Reminder(Base):
    """A node that comes near or has passed. The key makes a second one of the same step impossible, whoever plans it."""

    __tablename__ = "reminders"
    __table_args__ = (UniqueConstraint("case_id", "node", "ref", "due_on", "step"),)

    id: Mapped[Id]
    case_id: Mapped[CaseId]
    agency_id: Mapped[AgencyId]
    node: Mapped[NodeKind | RemedyNode] = mapped_column(OneOf("remindernode", NodeKind, RemedyNode))
    ref: Mapped[Code]  # of the consultation, or the remedy's id; empty for other nodes
    due_on: Mapped[dt.date]  # the node's day
    step: Mapped[int]  # working days before it; negative: after it
    due_at: Mapped[dt.datetime]  # when the reminder was due, however late the job ran
    created_at: Mapped[dt.datetime]


class ReminderRecipient(Base):
    """One person's copy."""

    __tablename__ = "reminder_recipients"
    __table_args__ = (
        Index("ix_reminder_recipients_username", "username", "reminder_id"),
        Index("ix_reminder_recipients_mail", "username", sqlite_where=NOT_MAILED, postgresql_where=NOT_MAILED),
    )

    reminder_id: Mapped[int] = mapped_column(BigId, ForeignKey("reminders.id"), primary_key=True, autoincrement=False)
    username: Mapped[Short] = mapped_column(primary_key=True)
    tier: Mapped[ReminderTier] = mapped_column(term(ReminderTier))
    read_at: Mapped[dt.datetime | None]
    mail_claimed_at: Mapped[dt.datetime | None]  # somebody is sending it; stale after a while
    mailed_at: Mapped[dt.datetime | None]


class Mailbox(Base):
    """Where a person wants the morning's digest."""

    __tablename__ = "mailboxes"

    username: Mapped[Short] = mapped_column(primary_key=True)
    address: Mapped[Short]
    set_at: Mapped[dt.datetime]
