"""The one journal: each act appends a row in the same transaction; the timeline and the procedure of a case are read from it."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import AgencyId, Base, BigId, Code, Data, Id, Short
from app.models.sealed import sealed_json_or_none

REVEALED = text("act = 'personal_data_revealed'")

FEES = text("act IN ('notify_fee', 'record_payment', 'refund_fee')")
"""The acts from which section six of the annual report is added up."""


class JournalEntry(Base):
    __tablename__ = "journal"
    SEALED_BY = ("act", "at")
    __table_args__ = (
        Index("ix_journal_case_id", "case_id", "id"),
        Index("ix_journal_fees", "on", "case_id", sqlite_where=FEES, postgresql_where=FEES),
        # How much somebody has been shown today.
        Index("ix_journal_revealed", "actor", "on", sqlite_where=REVEALED, postgresql_where=REVEALED),
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
    data: Mapped[Data]  # codes, numbers and dates: no personal data, so that the feed may show it
    private = sealed_json_or_none()  # what was written in words, laid over `data` when the case is shown

    @property
    def whole(self) -> dict[str, Any]:
        """Everything that was recorded. The words are missing once the case's personal data have been erased."""
        found = dict(self.data)
        for name, words in (self.private or {}).items():
            codes = found.get(name)
            found[name] = {**codes, **words} if isinstance(codes, dict) else words
        return found
