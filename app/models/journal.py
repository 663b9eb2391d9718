"""The one journal: each act appends a row in the same transaction; the timeline and the procedure of a case are read from it.

Rows of `journal` and of `seals` are inserted and read, never changed or deleted: triggers refuse it on both databases.
"""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import AgencyId, Base, BigId, Code, Data, Id, Short
from app.models.sealed import sealed_json_or_none

REVEALED = text("act = 'personal_data_revealed'")

OTHERS = text("case_id IS NULL")
"""What is about no case: sign-ins, refusals, accounts, rights, settings."""

FEES = text("act IN ('notify_fee', 'record_payment', 'refund_fee')")
"""The acts from which section six of the annual report is added up."""


class JournalEntry(Base):
    __tablename__ = "journal"
    SEALED_BY, SEALED_IN = ("act", "at"), "at"
    __table_args__ = (
        Index("ix_journal_case_id", "case_id", "id"),
        Index("ix_journal_fees", "on", "case_id", sqlite_where=FEES, postgresql_where=FEES),
        Index("ix_journal_mark", "mark", unique=True),
        Index("ix_journal_others", "id", sqlite_where=OTHERS, postgresql_where=OTHERS),
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
    private_sealed: Mapped[str | None]  # as the database has it, which is what the chain covers
    mark: Mapped[Code]  # domain.seals: the service wrote this row

    @property
    def whole(self) -> dict[str, Any]:
        """Everything that was recorded. The words are missing once the case's personal data have been erased."""
        found = dict(self.data)
        for name, words in (self.private or {}).items():
            codes = found.get(name)
            found[name] = {**codes, **words} if isinstance(codes, dict) else words
        return found


class Seal(Base):
    """The place of a committed row in the order of commits, and its link in the chains (`domain.seals`)."""

    __tablename__ = "seals"
    __table_args__ = (
        UniqueConstraint("agency_id", "number"),
        Index("ix_seals_agency_id_sequence", "agency_id", "sequence"),  # a feed of one agency
    )

    sequence: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)  # 1, 2, 3 … without a gap
    entry_id: Mapped[int] = mapped_column(BigId, ForeignKey("journal.id"), unique=True)
    agency_id: Mapped[AgencyId]
    number: Mapped[int] = mapped_column(BigId)  # in the agency's chain, without a gap
    hash: Mapped[Code]
    root: Mapped[Code]
    at: Mapped[dt.datetime]


class Unsealed(Base):
    """A row of the journal that waits for its seal: a trigger puts it here with the row, the sealer takes it away."""

    __tablename__ = "unsealed"

    entry_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    refused: Mapped[bool] = mapped_column(default=False)  # its mark is not the service's: it gets no seal
