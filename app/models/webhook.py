"""Webhooks: who is told of what, each event's way to each receiver, and every try."""

import datetime as dt

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.terms import Role, WebhookDeliveryState, WebhookFailure, WebhookStop
from app.models.agency import Agency
from app.models.base import AgencyId, Base, BigId, Code, Id, Json, Long, Short, term

PENDING = text("state = 'pending'")


class Webhook(Base):
    """A receiver. It is told what a key of its agency with its role would see; `system` has it seen for that portal."""

    __tablename__ = "webhooks"

    id: Mapped[Id]
    agency_id: Mapped[AgencyId] = mapped_column(index=True)
    role: Mapped[Role] = mapped_column(term(Role))
    system: Mapped[Code | None] = mapped_column(index=True)  # whose key subscribed; empty: an administrator
    label: Mapped[Short]
    url: Mapped[Long]
    events: Mapped[list[str]] = mapped_column(Json)  # domain.webhooks.PATTERN
    secret: Mapped[Long]  # sealed, as is the next: services.secret_box
    former_secret: Mapped[Long | None]
    former_until: Mapped[dt.datetime | None]
    cursor: Mapped[int] = mapped_column(BigId)  # events up to this number have been put on their way
    disabled_at: Mapped[dt.datetime | None]
    disabled_why: Mapped[WebhookStop | None] = mapped_column(term(WebhookStop))
    failures: Mapped[int] = mapped_column(default=0)  # in a row
    failing_since: Mapped[dt.datetime | None]
    rests_until: Mapped[dt.datetime | None]  # after failures
    claimed_until: Mapped[dt.datetime | None]  # a worker is at it; stale after that
    served_at: Mapped[dt.datetime | None]
    created_by: Mapped[Short]
    created_at: Mapped[dt.datetime]

    agency: Mapped[Agency] = relationship(lazy="raise")


class WebhookDelivery(Base):
    """One event on its way to one receiver; unique, however many workers put it there."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("webhook_id", "sequence"),
        Index(
            "ix_webhook_deliveries_lane",
            *("webhook_id", "lane", "sequence"),
            sqlite_where=PENDING,
            postgresql_where=PENDING,
        ),
        Index("ix_webhook_deliveries_newest", "webhook_id", "id"),
    )

    id: Mapped[Id]
    webhook_id: Mapped[int] = mapped_column(BigId, ForeignKey("webhooks.id"))
    sequence: Mapped[int | None] = mapped_column(BigId)  # of the event; empty: a trial
    lane: Mapped[int] = mapped_column(BigId)  # kept in order: the case's id, minus the agency's where there is no case
    type: Mapped[Code]
    state: Mapped[WebhookDeliveryState] = mapped_column(term(WebhookDeliveryState))
    tries: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[dt.datetime | None]
    due_at: Mapped[dt.datetime]  # the next try
    created_at: Mapped[dt.datetime]
    settled_at: Mapped[dt.datetime | None] = mapped_column(index=True)


class WebhookTry(Base):
    """One try; nothing of what the receiver answered is kept but its status."""

    __tablename__ = "webhook_tries"

    id: Mapped[Id]
    delivery_id: Mapped[int] = mapped_column(BigId, ForeignKey("webhook_deliveries.id"), index=True)
    at: Mapped[dt.datetime]
    status: Mapped[int | None]
    failure: Mapped[WebhookFailure | None] = mapped_column(term(WebhookFailure))
    took_ms: Mapped[int]
