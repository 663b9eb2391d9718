"""What supervisors demand of agencies, the problems found in them, and the problems behind requests."""

import datetime as dt

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.terms import (
    FollowUpStatus,
    Mark,
    ProblemSource,
    RectificationStatus,
    SupervisionStatus,
    UnderlyingProblem,
)
from app.models.base import AgencyId, Base, BigId, CaseId, Id, Short, term
from app.models.sealed import sealed_or_none, sealed_text


class Supervision(Base):
    """A demand to an agency, about a case or in general, with a day by which it must answer (督办)."""

    __tablename__ = "supervisions"
    SEALED_BY, SEALED_IN = ("issued_by", "issued_on"), "issued_on"
    __table_args__ = (Index("ix_supervisions_agency", "agency_id", "status", "answer_by"),)

    id: Mapped[Id]
    agency_id: Mapped[AgencyId]  # of whom it is demanded
    case_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("cases.id"), index=True)
    issuer_id: Mapped[int] = mapped_column(BigId, ForeignKey("agencies.id"))
    mark: Mapped[Mark | None] = mapped_column(term(Mark))
    demand = sealed_text()
    issued_on: Mapped[dt.date]
    issued_by: Mapped[Short]
    answer_by: Mapped[dt.date]
    status: Mapped[SupervisionStatus] = mapped_column(term(SupervisionStatus))
    answer = sealed_or_none()
    answered_on: Mapped[dt.date | None]
    answered_by: Mapped[Short | None]
    opinion = sealed_or_none()
    closed_on: Mapped[dt.date | None]
    closed_by: Mapped[Short | None]


class Problem(Base):
    """One line of an agency's list of problems (问题清单)."""

    __tablename__ = "problems"
    SEALED_BY, SEALED_IN = ("found_by", "found_on"), "updated_at"
    __table_args__ = (Index("ix_problems_agency", "agency_id", "status", "rectify_by"),)

    id: Mapped[Id]
    agency_id: Mapped[AgencyId]
    case_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("cases.id"), index=True)
    source: Mapped[ProblemSource] = mapped_column(term(ProblemSource))
    title = sealed_text()
    detail = sealed_or_none()
    found_on: Mapped[dt.date]
    found_by: Mapped[Short]
    rectify_by: Mapped[dt.date]
    status: Mapped[RectificationStatus] = mapped_column(term(RectificationStatus))
    measures = sealed_or_none()
    rectified_on: Mapped[dt.date | None]
    updated_at: Mapped[dt.datetime]


class CaseProblem(Base):
    """The real problem behind a request, tagged by whoever handles it, and what is done about it."""

    __tablename__ = "case_problems"
    SEALED_BY = ("tagged_at",)

    id: Mapped[Id]
    case_id: Mapped[CaseId]
    problem: Mapped[UnderlyingProblem] = mapped_column(term(UnderlyingProblem))
    note = sealed_or_none()
    status: Mapped[FollowUpStatus] = mapped_column(term(FollowUpStatus))
    follow_up = sealed_or_none()
    follow_up_by: Mapped[dt.date | None]
    followed_on: Mapped[dt.date | None]
    tagged_at: Mapped[dt.datetime]
    tagged_by: Mapped[Short]
