"""The append-only history of acts from which the clock is folded; a deadline is never stored and edited."""

import datetime as dt

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, BigId, CaseId, Code, Data, Id, Short
from app.models.sealed import sealed_or_none


class ClockEntry(Base):
    """One act, or its correction: an entry is never changed, a later one with a reason takes its place.

    `act` is "retracted" where the correction says that the act never happened, and "received" where it moves the day of
    receipt, which the case's own column then repeats.
    """

    __tablename__ = "clock_entries"
    SEALED_BY = ("act", "recorded_at")

    id: Mapped[Id]
    case_id: Mapped[CaseId]
    act: Mapped[Code]
    on: Mapped[dt.date]
    data: Mapped[Data]  # the whole act, as app.domain.clock reads it
    recorded_at: Mapped[dt.datetime]
    recorded_by: Mapped[Short]
    supersedes_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("clock_entries.id"), index=True, unique=True)
    reason = sealed_or_none()  # of a correction
