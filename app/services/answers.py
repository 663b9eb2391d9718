"""Writes that can be repeated: the first answer of an `Idempotency-Key`, kept in the transaction of the write.

An answer may hold what is told only once, such as an applicant's query code; a repeated one has to be the same to the
last byte. So it is kept sealed, under a key made of the service's secret and of the caller's own `Idempotency-Key`,
of which only a digest is stored: the caller can open his answer again, and nobody else can read it in the database.
"""

import datetime as dt
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import BigInteger, bindparam, delete, func, select
from sqlalchemy.orm import Session

from app.domain.terms import State
from app.errors import KeyInFlight, KeyReused
from app.models import Case, StoredAnswer
from app.models.direct import PreparedStatement, enter

KEPT = dt.timedelta(days=30)
"""At least; and as long as a case it is about is not archived."""

_NONCE = 12  # bytes, as AES-GCM wants it
_AT_ONCE = 500


_HELD = PreparedStatement(select(func.pg_try_advisory_xact_lock(bindparam("number", type_=BigInteger))))
_GIVEN = PreparedStatement(
    select(StoredAnswer.digest, StoredAnswer.sealed).where(StoredAnswer.name == bindparam("name"))
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a write: the name its answer is stored under, the key that opens it, and the digest of its body."""

    name: str
    opener: bytes
    digest: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and JSON text of an answer."""

    status: int
    body: str
    headers: dict[str, str]


def attempt(secret: bytes, caller: str, method: str, path: str, key: str, digest: str) -> Attempt:
    """Describe a try: by whom, where, under which `Idempotency-Key`, with which body."""
    told = f"{caller}\0{method}\0{path}\0{key}".encode()
    name, opener = (hmac.new(secret, use + told, hashlib.sha256) for use in (b"answer-name\0", b"answer-key\0"))
    return Attempt(name.hexdigest(), opener.digest(), digest)


def earlier(session: Session, attempt: Attempt) -> Answer | None:
    """Return the answer this attempt was given before, or None for the first try.

    Takes the key's lock first: a try whose COMMIT was acknowledged to nobody is found here, one still running
    raises `KeyInFlight`, another body under the same key `KeyReused`.
    """
    if session.get_bind().dialect.name == "postgresql":
        number = int.from_bytes(bytes.fromhex(attempt.name)[:8], "big", signed=True)
        if not _HELD.one_or_none(session, number=number):
            raise KeyInFlight(headers={"Retry-After": "1"})
    rows = _GIVEN.rows(session, name=attempt.name)
    if not rows:
        return None
    ((digest, sealed),) = rows
    if digest != attempt.digest:
        raise KeyReused
    nonce, content = sealed[:_NONCE], sealed[_NONCE:]
    return Answer(**json.loads(AESGCM(attempt.opener).decrypt(nonce, content, attempt.name.encode())))


def keep(session: Session, attempt: Attempt, answer: Answer, at: dt.datetime, case_ids: Iterable[int] = ()) -> None:
    """Store the answer beside the change it answers for."""
    content = json.dumps({"status": answer.status, "body": answer.body, "headers": answer.headers}).encode()
    nonce = secrets.token_bytes(_NONCE)
    sealed = nonce + AESGCM(attempt.opener).encrypt(nonce, content, attempt.name.encode())
    row = StoredAnswer(name=attempt.name, digest=attempt.digest, sealed=sealed, case_ids=sorted(case_ids), at=at)
    enter(session, row)


def clear(session: Session, now: dt.datetime) -> None:
    """Delete the answers nobody can need any more: 30 days old, and of cases that are archived. The worker does it."""
    old = select(StoredAnswer.name, StoredAnswer.case_ids).where(StoredAnswer.at < now - KEPT)
    for rows in session.execute(old).partitions(_AT_ONCE):
        about = {case_id for row in rows for case_id in row.case_ids}
        still_open = set(session.scalars(select(Case.id).where(Case.id.in_(about), Case.state != State.ARCHIVED)))
        done = [row.name for row in rows if still_open.isdisjoint(row.case_ids)]
        session.execute(delete(StoredAnswer).where(StoredAnswer.name.in_(done)))
