"""What people keep for their own work: filters of the work list under a name."""

import datetime as dt

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from app.models.base import AgencyId, Base, Code, Data, Id, Short
from app.models.sealed import sealed_text


class SavedFilter(Base):
    """A filter of the work list that a person comes back to; nobody else sees it."""

    __tablename__ = "saved_filters"
    SEALED_BY, SEALED_IN = ("owner", "name_digest"), "saved_at"
    __table_args__ = (UniqueConstraint("owner", "name_digest"),)

    id: Mapped[Id]
    owner: Mapped[Short]  # user name
    agency_id: Mapped[AgencyId]  # whose key seals the name
    name = sealed_text()
    name_digest: Mapped[Code]
    query: Mapped[Data]  # services.worklist.Narrowing; what is searched for is sealed in it
    saved_at: Mapped[dt.datetime]
