"""The sending of the reply and the proof that it arrived."""

import datetime as dt

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.terms import ProofKind, SendMethod
from app.models.base import Base, BigId, Id, Short, term
from app.models.sealed import sealed_or_none


class Delivery(Base):
    __tablename__ = "deliveries"
    SEALED_BY = ("id",)  # known after the insert: what is sealed is set then

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("cases.id"), index=True)
    method: Mapped[SendMethod] = mapped_column(term(SendMethod))
    carrier: Mapped[Short | None]
    tracking_no: Mapped[Short | None]
    sent_on: Mapped[dt.date]
    served_on: Mapped[dt.date | None]
    proof: Mapped[ProofKind | None] = mapped_column(term(ProofKind))
    proof_ref = sealed_or_none()
    receiver = sealed_or_none()
    late_reason = sealed_or_none()
    returned_on: Mapped[dt.date | None]
    return_reason = sealed_or_none()
