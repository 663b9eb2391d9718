"""The answer given to a write that carried an `Idempotency-Key`, stored in the transaction of that write."""

import datetime as dt

from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Code, Data, Long, Short


class StoredAnswer(Base):
    __tablename__ = "answers"

    caller: Mapped[Short] = mapped_column(primary_key=True)
    method: Mapped[Code] = mapped_column(primary_key=True)
    path: Mapped[Short] = mapped_column(primary_key=True)
    key: Mapped[Short] = mapped_column(primary_key=True)
    digest: Mapped[Code]  # SHA-256 of the body, hex
    status: Mapped[int]
    headers: Mapped[Data]
    body: Mapped[Long]  # sealed by `services.answers`
    at: Mapped[dt.datetime]
