"""Writes that can be repeated: the first answer of an `Idempotency-Key`, kept in the transaction of the write."""

import datetime as dt
import hashlib
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.terms import KeyPurpose
from app.errors import KeyInFlight, KeyReused
from app.models import StoredAnswer
from app.models.keyring import keyring_of


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a write: by whom, of which agency, where, under which key, with which body."""

    caller: str
    agency_id: int
    method: str
    path: str
    key: str
    digest: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and JSON text of an answer."""

    status: int
    body: str
    headers: dict[str, str]


def earlier(session: Session, attempt: Attempt) -> Answer | None:
    """Return the answer this attempt was given before, or None for the first try.

    Takes the key's lock first: a try whose COMMIT was acknowledged to nobody is found here, one still running
    raises `KeyInFlight`, another body under the same key `KeyReused`.
    """
    if session.get_bind().dialect.name == "postgresql":
        name = f"{attempt.caller}\0{attempt.method}\0{attempt.path}\0{attempt.key}"
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
        if not session.scalar(select(func.pg_try_advisory_xact_lock(number))):
            raise KeyInFlight(headers={"Retry-After": "1"})
    row = session.get(StoredAnswer, (attempt.caller, attempt.method, attempt.path, attempt.key))
    if row is None:
        return None
    if row.digest != attempt.digest:
        raise KeyReused
    body = keyring_of(session).open_for(session, row.body, *_place(attempt))
    return Answer(row.status, body, row.headers)


def _place(attempt: Attempt) -> tuple[str, ...]:
    return ("answers", "body", attempt.caller, attempt.method, attempt.path, attempt.key)


def keep(session: Session, attempt: Attempt, answer: Answer, at: dt.datetime) -> None:
    """Store the answer beside the change it answers for, sealed: it repeats what the case says."""
    keys = keyring_of(session)
    body = keys.seal_for(session, KeyPurpose.ANSWERS, attempt.agency_id, at, answer.body, *_place(attempt))
    session.add(
        StoredAnswer(
            caller=attempt.caller,
            method=attempt.method,
            path=attempt.path,
            key=attempt.key,
            digest=attempt.digest,
            status=answer.status,
            headers=answer.headers,
            body=body,
            at=at,
        )
    )
