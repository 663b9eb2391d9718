"""The fee notice of a case, as it was reckoned when it was sent: amount, basis, standard and working."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.terms import FeeMethod
from app.models.base import Base, BigId, Json, Long, term


class Fee(Base):
    """One row a case: by request or by page, never both (国办函〔2020〕109号第3条)."""

    __tablename__ = "fees"

    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    method: Mapped[FeeMethod] = mapped_column(term(FeeMethod))
    quantity: Mapped[int]  # pages, or the request's place in its applicant's calendar month
    amount_yuan: Mapped[int]
    basis: Mapped[Long]
    standard: Mapped[Long]
    working: Mapped[list[Any]] = mapped_column(Json)  # lines of text
    payment: Mapped[Long]  # how to pay
    notified_on: Mapped[dt.date]
