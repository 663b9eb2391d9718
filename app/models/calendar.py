"""Notices of days off and make-up working days, kept as versions: the newest of a region and year counts."""

import datetime as dt
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Code, Id, Json, Short


class CalendarNotice(Base):
    __tablename__ = "calendar_notices"
    __table_args__ = (Index("ix_calendar_notices_region_year", "region", "year", "id"),)

    id: Mapped[Id]
    region: Mapped[Code]
    year: Mapped[int]
    source: Mapped[Short]
    off: Mapped[list[Any]] = mapped_column(Json)  # [["2026-10-01", "国庆节"], …]
    work: Mapped[list[Any]] = mapped_column(Json)  # ["2026-10-10", …]
    sha256: Mapped[Code]  # of region, year, off and work: the same notice twice is one
    imported_at: Mapped[dt.datetime]
    imported_by: Mapped[Short]
    recomputed_at: Mapped[dt.datetime | None]  # when every running case had been folded by it
