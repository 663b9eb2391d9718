"""Annual reports that were fixed: frozen as this service counted them, or imported as they were published."""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.terms import ReportForm, ReportScope, SnapshotKind
from app.models.base import AgencyId, Base, Code, Data, Id, Json, Short, term
from app.models.sealed import sealed_or_none

Table = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class ReportSnapshot(Base):
    """The tables of one agency and year, never changed; a newer one stands beside it. Either table may be missing."""

    __tablename__ = "report_snapshots"
    SEALED_BY, SEALED_IN = ("sha256", "made_at"), "made_at"
    __table_args__ = (Index("ix_report_snapshots_year", "agency_id", "year", "scope", "id"),)

    id: Mapped[Id]
    agency_id: Mapped[AgencyId]
    year: Mapped[int]
    scope: Mapped[ReportScope] = mapped_column(term(ReportScope))
    form: Mapped[ReportForm] = mapped_column(term(ReportForm))
    kind: Mapped[SnapshotKind] = mapped_column(term(SnapshotKind))
    table3: Mapped[dict[str, Any] | None] = mapped_column(Table)
    table4: Mapped[dict[str, Any] | None] = mapped_column(Table)
    details: Mapped[Data]  # what stands beside the tables: fees, sentences, the prose of a published report
    checks: Mapped[list[Any]] = mapped_column(Json)  # as they came out when it was made
    sha256: Mapped[Code]  # of both tables
    source: Mapped[Short]  # where it was published, or "" for a frozen one
    note = sealed_or_none()
    made_on: Mapped[dt.date]
    made_at: Mapped[dt.datetime]
    made_by: Mapped[Short]
