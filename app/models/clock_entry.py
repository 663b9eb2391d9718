"""The append-only history of acts from which the clock is folded; a deadline is never stored and edited."""

import datetime as dt

from sqlalchemy.orm import Mapped

from app.models.base import Base, CaseId, Code, Data, Id, Short


class ClockEntry(Base):
    __tablename__ = "clock_entries"

    id: Mapped[Id]
    case_id: Mapped[CaseId]
    act: Mapped[Code]
    on: Mapped[dt.date]
    data: Mapped[Data]  # the whole act, as app.domain.clock reads it
    recorded_at: Mapped[dt.datetime]
    recorded_by: Mapped[Short]
