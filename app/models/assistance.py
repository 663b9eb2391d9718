"""A question from one agency to another on a case; the asked agency sees this row and nothing else of the case."""

import datetime as dt

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import AgencyId, Base, BigId, CaseId, Id, Short
from app.models.sealed import sealed_or_none, sealed_text


class Assistance(Base):
    __tablename__ = "assistances"
    SEALED_BY = ("asked_at",)
    __table_args__ = (Index("ix_assistances_agency_id", "agency_id", "id"),)

    id: Mapped[Id]
    case_id: Mapped[CaseId]
    asked_by: Mapped[int] = mapped_column(BigId, ForeignKey("agencies.id"))
    agency_id: Mapped[AgencyId]  # who is asked
    question = sealed_text()
    asked_at: Mapped[dt.datetime]
    answer_by: Mapped[dt.date]
    answer = sealed_or_none()
    answered_at: Mapped[dt.datetime | None]
    answered_by: Mapped[Short | None]
