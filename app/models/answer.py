"""The answer given to a write that carried an `Idempotency-Key`, stored in the transaction of that write."""

import datetime as dt

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Code, Json


class StoredAnswer(Base):
    """Sealed: without the service's secret and the caller's own key a row tells neither who asked nor what he was told."""

    __tablename__ = "answers"

    name: Mapped[Code] = mapped_column(primary_key=True)  # keyed digest of caller, method, path and key
    digest: Mapped[Code]  # keyed digest of the body
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    case_ids: Mapped[list[int]] = mapped_column(Json)  # kept while one of them is open
    at: Mapped[dt.datetime] = mapped_column(index=True)
