"""People, their roles and sign-ins, and the keys of other systems. No secret is stored, only its digest."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.terms import Role
from app.models.agency import Agency
from app.models.base import AgencyId, Base, BigId, Code, Id, Json, Long, Short, term


class User(Base):
    __tablename__ = "users"

    id: Mapped[Id]
    username: Mapped[Code] = mapped_column(unique=True)  # lower case
    display_name: Mapped[Short]
    agency_id: Mapped[AgencyId] = mapped_column(index=True)
    password_hash: Mapped[Short]
    password_is_temporary: Mapped[bool] = mapped_column(
        default=False
    )  # given by somebody else: to be replaced at sign-in
    password_changed_at: Mapped[dt.datetime | None]  # empty: never since the account was made
    disabled_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]

    agency: Mapped[Agency] = relationship(lazy="raise")
    roles: Mapped[list["UserRole"]] = relationship(lazy="raise", cascade="all, delete-orphan")


class UserRole(Base):
    __tablename__ = "user_roles"

    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"), primary_key=True, autoincrement=False)
    role: Mapped[Role] = mapped_column(term(Role), primary_key=True)


def _own_prefix(context: Any) -> str:
    """Make a key the first of its system unless it says whose place it takes."""
    prefix: str = context.get_current_parameters()["prefix"]
    return prefix


class PastPassword(Base):
    """The hash of a password that was given up, so that a profile which demands it can refuse to take it again."""

    __tablename__ = "past_passwords"

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"), index=True)
    password_hash: Mapped[Short]
    given_up_at: Mapped[dt.datetime]


class ApiKey(Base):
    """A key of a portal or script: `prefix` finds the row, the digest proves the rest."""

    __tablename__ = "api_keys"

    id: Mapped[Id]
    prefix: Mapped[Code] = mapped_column(unique=True)
    digest: Mapped[Code]
    label: Mapped[Short]
    agency_id: Mapped[AgencyId] = mapped_column(index=True)
    role: Mapped[Role] = mapped_column(term(Role))
    system: Mapped[Code] = mapped_column(default=_own_prefix)  # prefix of the first key of the same system
    scopes: Mapped[list[str] | None] = mapped_column(Json)  # domain.terms.Scope; None: all
    networks: Mapped[list[str] | None] = mapped_column(Json)  # empty: from everywhere
    created_by: Mapped[Short]
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    revoked_at: Mapped[dt.datetime | None]

    agency: Mapped[Agency] = relationship(lazy="raise")


class SignInCode(Base):
    """An authorization code, bound to its client, address and PKCE challenge (RFC 7636).

    A used one is kept until it expires: a second use betrays a stolen code and ends the sign-in made with the first.
    """

    __tablename__ = "sign_in_codes"

    digest: Mapped[Code] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"), index=True)
    client_id: Mapped[Code]
    redirect_uri: Mapped[Long]
    challenge: Mapped[Code]
    second_factor_at: Mapped[dt.datetime | None]
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]


class AccessToken(Base):
    """A sign-in that is going on. Ending it deletes the row, so that the next request is refused."""

    __tablename__ = "access_tokens"

    digest: Mapped[Code] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"), index=True)
    code_digest: Mapped[Code] = mapped_column(index=True)  # the code it was given for
    second_factor_at: Mapped[dt.datetime | None]  # when a second factor was last proven in this sign-in
    created_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]


class SignInTries(Base):
    """Failed tries of one account, one source address, or one account from one address.

    `subject` is a keyed digest: people type passwords into the field for the name, and addresses are personal data.
    """

    __tablename__ = "sign_in_tries"

    subject: Mapped[Code] = mapped_column(primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[dt.datetime]
    familiar: Mapped[bool] = mapped_column(default=False)  # this account has signed in from this address


class SetupToken(Base):
    """The single-use token of a first run; at most one row."""

    __tablename__ = "setup_tokens"

    digest: Mapped[Code] = mapped_column(primary_key=True)
    created_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]


class RecoveryToken(Base):
    """A way back in for one person who has lost password or telephone, made on the command line and used once."""

    __tablename__ = "recovery_tokens"

    digest: Mapped[Code] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"), index=True)
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]
