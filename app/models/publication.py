"""Documents with their disclosure attributes, the evaluations that change them, and the links offered to applicants."""

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, synonym

from app.domain.terms import DisclosureAttribute, EvaluationSource, EvaluationStatus, SuggestionOutcome
from app.models.base import AgencyId, Base, BigId, Id, Long, Short, term
from app.models.sealed import sealed_or_none, sealed_text

PUBLISHED = text("published_on IS NOT NULL")


class CatalogueDocument(Base):
    """A document of an agency and who may have it (公开属性); what is not simply published needs a reason."""

    __tablename__ = "catalogue_documents"
    SEALED_BY, SEALED_IN = ("title",), "decided_on"
    __table_args__ = (
        CheckConstraint("attribute = 'publish' OR reason IS NOT NULL", name="reason"),
        CheckConstraint("(published_on IS NULL) = (url IS NULL)", name="published"),
        Index("ix_catalogue_documents_agency", "agency_id", "document_no"),
        Index(
            "ix_catalogue_documents_published", "agency_id", "id", sqlite_where=PUBLISHED, postgresql_where=PUBLISHED
        ),
        Index("ix_catalogue_documents_review", "agency_id", "review_by"),
    )

    id: Mapped[Id]
    agency_id: Mapped[AgencyId]
    title: Mapped[Short]
    document_no: Mapped[Short | None]
    subject: Mapped[Long]  # of the title, as requests are entered
    formed_on: Mapped[dt.date | None]
    attribute: Mapped[DisclosureAttribute] = mapped_column(term(DisclosureAttribute))
    reason = sealed_or_none()
    basis: Mapped[Short | None]
    decided_on: Mapped[dt.date]
    decided_by: Mapped[Short]
    review_by: Mapped[dt.date | None]  # when what is not published is examined again (条例第18条)
    url: Mapped[Long | None]
    published_on: Mapped[dt.date | None]
    updated_at: Mapped[dt.datetime]


class Evaluation(Base):
    """The examination whether something asked for can be published, and what came of it."""

    __tablename__ = "evaluations"
    SEALED_BY, SEALED_IN = ("opened_by", "opened_on"), "opened_on"
    __table_args__ = (Index("ix_evaluations_agency", "agency_id", "status", "opened_on"),)

    id: Mapped[Id]
    agency_id: Mapped[AgencyId]
    source: Mapped[EvaluationSource] = mapped_column(term(EvaluationSource))
    title = sealed_text()
    group_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("cases.id"), index=True)  # the case asking first
    case_id: Mapped[int | None] = synonym("group_id")  # whose key seals the title, which is the case's
    document_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("catalogue_documents.id"), index=True)
    requests: Mapped[int]  # how many asked when it was opened
    opened_on: Mapped[dt.date]
    opened_by: Mapped[Short]
    status: Mapped[EvaluationStatus] = mapped_column(term(EvaluationStatus))
    opinion = sealed_or_none()
    decided_on: Mapped[dt.date | None]
    decided_by: Mapped[Short | None]
    published_on: Mapped[dt.date | None]


class Suggestion(Base):
    """A link offered to somebody about to apply; nothing is kept of who it was or what was typed."""

    __tablename__ = "suggestions"

    id: Mapped[Id]
    document_id: Mapped[int] = mapped_column(BigId, ForeignKey("catalogue_documents.id"), index=True)
    agency_id: Mapped[AgencyId]
    offered_on: Mapped[dt.date]
    score: Mapped[int]
    outcome: Mapped[SuggestionOutcome] = mapped_column(term(SuggestionOutcome))
    closed_on: Mapped[dt.date | None]
