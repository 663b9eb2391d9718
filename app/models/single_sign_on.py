"""Sign-in at the government's own OpenID provider: whom its subjects stand for here, and sign-ins that are on their way."""

import datetime as dt

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, BigId, Code, Id, Long, Short


class UserIdentity(Base):
    """A person's name at an issuer. Without a row here nobody comes in, whatever the issuer says."""

    __tablename__ = "user_identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"), UniqueConstraint("issuer", "user_id"))

    id: Mapped[Id]
    issuer: Mapped[Short]
    subject: Mapped[Short]
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"), index=True)
    created_at: Mapped[dt.datetime]


class SingleSignOnStart(Base):
    """A person sent to the issuer: by which client, from which browser. Taken once, within minutes."""

    __tablename__ = "single_sign_on_starts"

    digest: Mapped[Code] = mapped_column(primary_key=True)  # of the `state` sent to the issuer
    browser: Mapped[Code]  # digest of the cookie this browser was given
    client_id: Mapped[Code]
    redirect_uri: Mapped[Long]
    challenge: Mapped[Code]
    state: Mapped[Long]  # the client's own
    expires_at: Mapped[dt.datetime]
