"""The keys personal data are sealed with: one a case, wrapped by one an agency and year, wrapped by the master key.

Which is where each can be replaced, and where erasing is done: a case whose key is gone can no longer be read, in no table.
What people write that belongs to no case is sealed with a key of its agency and year, wrapped in the same way.
"""

import datetime as dt

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import AgencyId, Base, BigId, Code, Id, Long

IN_USE = text("retired_at IS NULL")


class DataKey(Base):
    """A key of one agency and one year. A retired one wraps nothing new; it is destroyed once it wraps nothing at all."""

    __tablename__ = "data_keys"
    __table_args__ = (
        Index(
            "ix_data_keys_in_use",
            "agency_id",
            "year",
            unique=True,
            sqlite_where=IN_USE,
            postgresql_where=IN_USE,
        ),
    )

    id: Mapped[Id]
    kid: Mapped[Code] = mapped_column(unique=True)
    agency_id: Mapped[AgencyId]
    year: Mapped[int]
    master: Mapped[Code]  # which master key wraps it
    wrapped: Mapped[Long | None]
    created_at: Mapped[dt.datetime]
    retired_at: Mapped[dt.datetime | None]


class CaseKey(Base):
    """The key of one case. Deleting the row erases the case's personal data, in the journal too."""

    __tablename__ = "case_keys"

    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    kid: Mapped[Code]
    data_kid: Mapped[Code] = mapped_column(ForeignKey("data_keys.kid"), index=True)
    wrapped: Mapped[Long]


class AgencyKey(Base):
    """The key of what an agency wrote in a year about no case; a replaced data key wraps it no more, its texts stay."""

    __tablename__ = "agency_keys"
    __table_args__ = (UniqueConstraint("agency_id", "year"),)

    kid: Mapped[Code] = mapped_column(primary_key=True)
    agency_id: Mapped[AgencyId]
    year: Mapped[int]
    data_kid: Mapped[Code] = mapped_column(ForeignKey("data_keys.kid"), index=True)
    wrapped: Mapped[Long]
