"""Drafts of the reply with their reviews, and the one signed reply of a case."""

import datetime as dt

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.terms import ReplyKind, ReviewKind, SupplementKind
from app.models.base import AgencyId, Base, BigId, CaseId, Code, Id, Short, term
from app.models.sealed import sealed_json, sealed_or_none, sealed_text


class Draft(Base):
    """One version of the reply as its drafter sent it to review; never changed afterwards."""

    __tablename__ = "drafts"
    SEALED_BY = ("number",)
    __table_args__ = (UniqueConstraint("case_id", "number"),)

    id: Mapped[Id]
    case_id: Mapped[CaseId]
    number: Mapped[int]  # 1 for the first version
    drafter: Mapped[Short]
    content = sealed_json()  # domain.commands.Submit
    submitted_at: Mapped[dt.datetime]


class Review(Base):
    """What a reviewer decided on one version of the reply."""

    __tablename__ = "reviews"
    SEALED_BY = ("draft_id", "kind", "at")

    id: Mapped[Id]
    case_id: Mapped[CaseId]
    draft_id: Mapped[int] = mapped_column(BigId, ForeignKey("drafts.id"))
    kind: Mapped[ReviewKind] = mapped_column(term(ReviewKind))
    passed: Mapped[bool]
    reviewer: Mapped[Short]
    opinion = sealed_or_none()
    on: Mapped[dt.date]
    at: Mapped[dt.datetime]


class Reply(Base):
    """The signed reply. Its primary key is the case: a second one is impossible."""

    __tablename__ = "replies"
    __table_args__ = (UniqueConstraint("agency_id", "document_no"),)

    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    agency_id: Mapped[AgencyId]
    draft_id: Mapped[int] = mapped_column(BigId, ForeignKey("drafts.id"))
    kind: Mapped[ReplyKind] = mapped_column(term(ReplyKind))
    document_no: Mapped[Code]
    signed_on: Mapped[dt.date]
    signed_by: Mapped[Short]


class SupplementaryReply(Base):
    """A second document after the reply, under its own number; the reply itself is never changed."""

    __tablename__ = "supplementary_replies"
    SEALED_BY = ("document_no",)
    __table_args__ = (UniqueConstraint("agency_id", "document_no"),)

    id: Mapped[Id]
    case_id: Mapped[CaseId]
    agency_id: Mapped[AgencyId]
    kind: Mapped[SupplementKind] = mapped_column(term(SupplementKind))
    document_no: Mapped[Code]
    reason = sealed_text()
    content = sealed_text()
    sent_by = sealed_text()
    signed_on: Mapped[dt.date]
    signed_by: Mapped[Short]
