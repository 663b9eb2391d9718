"""A case: the application as it came, where it stands, and the clock's cached projection."""

import datetime as dt

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.terms import (
    ApplicantKind,
    Carrier,
    CaseKind,
    Channel,
    DeliveryMethod,
    IdType,
    ReplyKind,
    State,
)
from app.models.base import AgencyId, Base, BigId, Code, Id, Long, Short, term
from app.models.running_clock import RunningClock
from app.models.sealed import sealed_or_none, sealed_text

DISCLOSURE = text("kind = 'disclosure'")
"""The cases that table three of the annual report counts."""

NO_QUERY_CODE = "-"
"""In place of a digest: no code has it, so that nobody can ask for the case."""

OPEN = text("archived_on IS NULL")
"""The cases somebody still has to do something about: few beside those in the archive."""


class Case(Base):
    __tablename__ = "cases"
    SEALED_BY = ("case_no",)
    __table_args__ = (
        UniqueConstraint("portal", "external_no"),
        Index("ix_cases_kind", "kind", "id"),
        Index("ix_cases_updated", "updated_at", "id"),
        # The work list walks these: one agency's open cases by state, one handler's open cases.
        Index("ix_cases_open", "agency_id", "state", "id", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_cases_open_handler", "handler", "id", sqlite_where=OPEN, postgresql_where=OPEN),
        # Holds all that table three asks of a case: its queries never visit the table itself.
        Index(
            "ix_cases_annual_report",
            *("agency_id", "stopped_on", "received_on", "applicant_kind", "outcome"),
            sqlite_where=DISCLOSURE,
            postgresql_where=DISCLOSURE,
        ),
        # The same for a city, all of whose agencies count: hundreds of short ranges would cost more than one.
        Index(
            "ix_cases_annual_report_city",
            *("stopped_on", "received_on", "agency_id", "applicant_kind", "outcome"),
            sqlite_where=DISCLOSURE,
            postgresql_where=DISCLOSURE,
        ),
        Index("ix_cases_agency_id_desc", "agency_id", text("id DESC")),
    )

    id: Mapped[Id]
    version: Mapped[int] = mapped_column()
    kind: Mapped[CaseKind] = mapped_column(
        term(CaseKind), default=CaseKind.DISCLOSURE, server_default=CaseKind.DISCLOSURE.value
    )
    case_no: Mapped[Code] = mapped_column(unique=True)
    agency_id: Mapped[AgencyId]
    state: Mapped[State] = mapped_column(term(State))

    channel: Mapped[Channel] = mapped_column(term(Channel))
    portal: Mapped[Short | None]  # who sent it in, with its own number: the pair is unique
    external_no: Mapped[Short | None]
    query_code_digest: Mapped[Code]  # NO_QUERY_CODE where no applicant was ever given one
    submitted_at: Mapped[dt.datetime]
    received_on: Mapped[dt.date | None]
    carrier: Mapped[Carrier | None] = mapped_column(term(Carrier))
    delivery_method: Mapped[DeliveryMethod | None] = mapped_column(term(DeliveryMethod))
    purpose = sealed_or_none()
    title = sealed_text()  # of the first item, for lists
    applicant_kind: Mapped[ApplicantKind | None] = mapped_column(
        term(ApplicantKind)
    )  # repeats the applicant's, so that an index alone answers the annual report
    # Whose it was before a reform of agencies; no reference, so that a join with agencies stays unambiguous.
    taken_from_id: Mapped[int | None] = mapped_column(BigId)
    ledger_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("ledger_imports.id"))  # it came with this ledger

    origin_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("cases.id"))  # split from, or merged into
    handler: Mapped[Short | None]
    outcome: Mapped[ReplyKind | None] = mapped_column(term(ReplyKind))
    volume_no: Mapped[Short | None]
    retention_years: Mapped[int | None]
    archived_on: Mapped[dt.date | None]

    # The clock's projection, written by services.clocks.project from the entries: here once it has stopped, for good; while it
    # runs, in `clock`.
    stopped_on: Mapped[dt.date | None]  # the legal day of the reply or closing
    final_due_on: Mapped[dt.date | None]
    final_target_on: Mapped[dt.date | None]
    calendar_edition: Mapped[int | None] = mapped_column(BigId)  # the notices a stopped clock was counted by, for good

    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]
    held_at: Mapped[dt.datetime | None]  # under a legal hold since; who and why is in the journal
    erased_at: Mapped[dt.datetime | None]  # when its personal data were erased for good

    items: Mapped[list["CaseItem"]] = relationship(order_by="CaseItem.no", lazy="raise")
    applicant: Mapped["Applicant"] = relationship(lazy="raise")
    clock: Mapped[RunningClock | None] = relationship(cascade="all, delete-orphan", single_parent=True)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 — read once by the mapper

    @property
    def due_on(self) -> dt.date | None:
        return self.clock.due_on if self.clock else self.final_due_on

    @property
    def target_on(self) -> dt.date | None:
        return self.clock.target_on if self.clock else self.final_target_on

    @property
    def next_node_on(self) -> dt.date | None:
        """The day by which the agency has to act next; none once the clock has stopped."""
        return self.clock.next_node_on if self.clock else None


class CaseItem(Base):
    """One piece of information asked for (条例第29条第2款第2项)."""

    __tablename__ = "case_items"
    SEALED_BY = ("no",)

    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title = sealed_or_none()
    document_no = sealed_or_none()
    description = sealed_or_none()


class Applicant(Base):
    """Who applies (条例第29条第2款第1项): personal data, apart from everything else."""

    __tablename__ = "applicants"

    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    kind: Mapped[ApplicantKind] = mapped_column(term(ApplicantKind))
    name = sealed_or_none()
    id_type: Mapped[IdType | None] = mapped_column(term(IdType))
    id_number = sealed_or_none()
    phone = sealed_or_none()
    email = sealed_or_none()
    address = sealed_or_none()
    postcode = sealed_or_none()
    legal_representative = sealed_or_none()
    contact_person = sealed_or_none()
    agent_name = sealed_or_none()
    agent_phone = sealed_or_none()
    assistance_needed = sealed_or_none()

    # Blind indexes (services.blind): they find the same value again and tell nothing else.
    id_digest: Mapped[Code | None] = mapped_column(index=True)
    name_digest: Mapped[Code | None] = mapped_column(index=True)
    phone_digest: Mapped[Code | None] = mapped_column(index=True)


class CaseText(Base):
    """The searchable words of a case, made by `services.search`."""

    __tablename__ = "case_texts"

    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    tokens: Mapped[Long]
