"""The second factor of a person: the secret of an authenticator app, codes for the day the telephone is lost, and the
moment between password and code.
"""

import datetime as dt

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, BigId, Code, Long


class SecondFactor(Base):
    """A secret that is sealed (`services.secret_box`), and the last thirty seconds for which a code was taken."""

    __tablename__ = "second_factors"

    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"), primary_key=True, autoincrement=False)
    sealed_secret: Mapped[Long]
    created_at: Mapped[dt.datetime]
    confirmed_at: Mapped[dt.datetime | None]  # empty: shown to the person, and no code has come back yet
    last_step: Mapped[int] = mapped_column(BigId, default=0)  # a code is taken once (RFC 6238, 5.2)


class RecoveryCode(Base):
    """A code that stands in for the telephone, once; a keyed digest."""

    __tablename__ = "recovery_codes"

    digest: Mapped[Code] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"), index=True)
    used_at: Mapped[dt.datetime | None]


class SignInStep(Base):
    """A sign-in whose first factor has been proven and whose second one is being asked for, bound to its client."""

    __tablename__ = "sign_in_steps"

    digest: Mapped[Code] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"), index=True)
    client_id: Mapped[Code]
    redirect_uri: Mapped[Long]
    challenge: Mapped[Code]
    state: Mapped[Long]
    passed_at: Mapped[dt.datetime | None]  # a factor was set up just now: the recovery codes are being written down
    expires_at: Mapped[dt.datetime]
