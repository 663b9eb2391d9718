"""Reconsiderations, lawsuits and complaints against a reply.

A remedy stands beside its case, which may long be closed or archived: nothing here is part of the sealed volume, and
recording a remedy changes neither the case nor its version.
"""

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.terms import (
    CheckCode,
    FileType,
    PartyRole,
    RectificationStatus,
    RemedyDecision,
    RemedyKind,
    RemedyNode,
    RemedyOutcome,
    RemedyPaperKind,
    RemedyProcedure,
)
from app.models.base import AgencyId, Base, BigId, CaseId, Code, Id, Short, term
from app.models.sealed import sealed_or_none, sealed_text

WAITING = text("next_on IS NOT NULL")
"""The remedies in which somebody still has to act."""


class Remedy(Base):
    __tablename__ = "remedies"
    SEALED_BY = ("recorded_at",)
    __table_args__ = (
        # Table four counts a remedy until it is closed as pending: the two say the same.
        CheckConstraint("(result = 'pending') = (closed_on IS NULL)", name="closed"),
        Index("ix_remedies_next", "next_on", "id", sqlite_where=WAITING, postgresql_where=WAITING),
        Index("ix_remedies_agency_filed", "agency_id", "filed_on", "kind", "result", "closed_on"),
    )

    id: Mapped[Id]
    version: Mapped[int] = mapped_column()
    case_id: Mapped[CaseId]
    agency_id: Mapped[AgencyId]  # whose reply is contested
    kind: Mapped[RemedyKind] = mapped_column(term(RemedyKind))
    after_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("remedies.id"), index=True)  # the reconsideration
    authority: Mapped[Short]  # who decides
    docket_no: Mapped[Short | None]
    procedure: Mapped[RemedyProcedure | None] = mapped_column(term(RemedyProcedure))
    grounds = sealed_or_none()

    filed_on: Mapped[dt.date]
    notified_on: Mapped[dt.date | None]  # the agency received the copy: its answer is counted from here
    answer_by: Mapped[dt.date | None]  # a day the notice itself sets; where the law has none (complaints)
    answered_on: Mapped[dt.date | None]

    decision: Mapped[RemedyDecision | None] = mapped_column(term(RemedyDecision))
    decision_no: Mapped[Short | None]
    result: Mapped[RemedyOutcome] = mapped_column(
        term(RemedyOutcome), default=RemedyOutcome.PENDING, server_default=RemedyOutcome.PENDING.value
    )
    closed_on: Mapped[dt.date | None]  # the date of the decision
    decision_served_on: Mapped[dt.date | None]
    order_by: Mapped[dt.date | None]  # by when the decision wants it done
    order_met_on: Mapped[dt.date | None]
    opinion_on: Mapped[dt.date | None]  # the agency received 行政复议意见书
    opinion_answered_on: Mapped[dt.date | None]

    cause: Mapped[CheckCode | None] = mapped_column(term(CheckCode))  # of the loss; the checks bear its names
    cause_note = sealed_or_none()
    rectification: Mapped[RectificationStatus] = mapped_column(term(RectificationStatus))
    rectification_plan = sealed_or_none()
    rectify_by: Mapped[dt.date | None]
    rectified_on: Mapped[dt.date | None]

    # Written only by services.remedies, from the dates above: the next day by which the agency must act.
    next_node: Mapped[RemedyNode | None] = mapped_column(term(RemedyNode))
    next_on: Mapped[dt.date | None]
    provisional: Mapped[bool]

    recorded_at: Mapped[dt.datetime]
    recorded_by: Mapped[Short]
    updated_at: Mapped[dt.datetime]

    parties: Mapped[list["RemedyParty"]] = relationship(order_by="RemedyParty.no", lazy="raise")
    papers: Mapped[list["RemedyPaper"]] = relationship(order_by="RemedyPaper.id", lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 — read once by the mapper


class RemedyParty(Base):
    """Who takes part in a remedy: personal data, apart from everything else."""

    __tablename__ = "remedy_parties"
    SEALED_BY = ("no",)

    remedy_id: Mapped[int] = mapped_column(BigId, ForeignKey("remedies.id"), primary_key=True, autoincrement=False)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    role: Mapped[PartyRole] = mapped_column(term(PartyRole))
    case_id: Mapped[int] = mapped_column(BigId, server_default="0")  # of the remedy
    name = sealed_text()
    phone = sealed_or_none()


class RemedyPaper(Base):
    """A paper received or filed in a remedy; its bytes, if any, are in the store under their digest."""

    __tablename__ = "remedy_papers"
    SEALED_BY = ("added_at",)

    id: Mapped[Id]
    remedy_id: Mapped[int] = mapped_column(BigId, ForeignKey("remedies.id"), index=True)
    kind: Mapped[RemedyPaperKind] = mapped_column(term(RemedyPaperKind))
    case_id: Mapped[int] = mapped_column(BigId, server_default="0")  # of the remedy
    title = sealed_text()
    document_no: Mapped[Short | None]
    on: Mapped[dt.date]
    added_at: Mapped[dt.datetime]
    added_by: Mapped[Short]
    file_type: Mapped[FileType | None] = mapped_column(term(FileType))
    file_name = sealed_or_none()  # as the sender called it; only ever shown
    size: Mapped[int | None]  # bytes
    sha256: Mapped[Code | None]
