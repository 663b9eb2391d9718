"""What people keep for their own work: filters of the work list under a name."""

import datetime as dt

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from app.models.base import Base, Data, Id, Short


class SavedFilter(Base):
    """A filter of the work list that a person comes back to; nobody else sees it."""

    __tablename__ = "saved_filters"
    __table_args__ = (UniqueConstraint("owner", "name"),)

    id: Mapped[Id]
    owner: Mapped[Short]  # user name
    name: Mapped[Short]
    query: Mapped[Data]  # services.worklist.Narrowing
    saved_at: Mapped[dt.datetime]
