"""The one journal: each act appends a row in the same transaction; the timeline and the procedure of a case are read from it."""

import datetime as dt

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import AgencyId, Base, BigId, Code, Data, Id, Short


class JournalEntry(Base):
    __tablename__ = "journal"
    __table_args__ = (Index("ix_journal_case_id", "case_id", "id"),)

    id: Mapped[Id]
    agency_id: Mapped[AgencyId]
    case_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("cases.id"))
    act: Mapped[Code]
    label: Mapped[Short]
    actor: Mapped[Short]
    actor_label: Mapped[Short]
    on: Mapped[dt.date]  # the legal day of the act
    at: Mapped[dt.datetime]  # when it was recorded
    state: Mapped[Code | None]  # of the case, after the act
    data: Mapped[Data]
