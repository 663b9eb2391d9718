"""Running numbers (case numbers, document numbers): one row each, raised by `UPDATE … RETURNING`, never `max()+1`."""

from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Short


class Counter(Base):
    __tablename__ = "counters"

    name: Mapped[Short] = mapped_column(primary_key=True)
    value: Mapped[int]
