"""The one journal: each act appends a row in the same transaction; the timeline and the procedure of a case are read from it."""

import datetime as dt

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import AgencyId, Base, BigId, Code, Data, Id, Short

FEES = text("act IN ('notify_fee', 'record_payment', 'refund_fee')")
"""The acts from which section six of the annual report is added up."""


class JournalEntry(Base):
    __tablename__ = "journal"
    __table_args__ = (
        Index("ix_journal_case_id", "case_id", "id"),
        Index("ix_journal_fees", "on", "case_id", sqlite_where=FEES, postgresql_where=FEES),
    )

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
