"""The ledgers (台账) that were imported: the same file comes in once."""

import datetime as dt

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from app.models.base import AgencyId, Base, Code, Id, Short
from app.models.sealed import sealed_text


class LedgerImport(Base):
    """One file of an agency's history; its cases name it (`Case.ledger_id`)."""

    __tablename__ = "ledger_imports"
    SEALED_BY, SEALED_IN = ("sha256",), "imported_at"
    __table_args__ = (UniqueConstraint("agency_id", "sha256"),)

    id: Mapped[Id]
    agency_id: Mapped[AgencyId]
    sha256: Mapped[Code]  # of the file's bytes, hex
    name = sealed_text()  # as the sender called it; only ever shown
    cases: Mapped[int]
    open_cases: Mapped[int]
    imported_at: Mapped[dt.datetime]
    imported_by: Mapped[Short]
