"""What rectifications and complaints have that a disclosure request has not, and how they were decided."""

import datetime as dt

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.terms import ComplaintOutcome, RectificationOutcome
from app.models.base import AgencyId, Base, BigId, Code, Short, term
from app.models.sealed import sealed_or_none, sealed_text


class Rectification(Base):
    """A record about the applicant which he says is inaccurate (条例第41条)."""

    __tablename__ = "rectifications"

    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    record = sealed_text()
    concern = sealed_or_none()
    correct_content = sealed_or_none()
    evidence = sealed_or_none()
    outcome: Mapped[RectificationOutcome | None] = mapped_column(term(RectificationOutcome))


class Complaint(Base):
    """What is complained of, about which agency and which request (条例第47条第2款、第51条)."""

    __tablename__ = "complaints"

    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    about_agency_id: Mapped[AgencyId]
    about_case_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("cases.id"))
    grounds = sealed_text()
    outcome: Mapped[ComplaintOutcome | None] = mapped_column(term(ComplaintOutcome))


class Decision(Base):
    """The signed decision on a rectification or a complaint. Its primary key is the case: a second one is impossible."""

    __tablename__ = "decisions"
    __table_args__ = (UniqueConstraint("agency_id", "document_no"),)

    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    agency_id: Mapped[AgencyId]
    draft_id: Mapped[int] = mapped_column(BigId, ForeignKey("drafts.id"))
    document_no: Mapped[Code]
    signed_on: Mapped[dt.date]
    signed_by: Mapped[Short]
