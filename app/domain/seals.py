"""How the journal proves that nobody changed it: a mark on each row, a chain of hashes per agency, one root over all.

* The **mark** is a keyed digest made with the row itself: only the service has the key, so that a row which somebody else put
  into the table is told from its own, sealed or not.
* The **hash** of a row is SHA-256 over the hash of the row before it in its agency's chain and the digest of its content.
* The **root** is SHA-256 over the root before it and the row's hash: one value that pins every row of every agency and
  their order. It is what a checkpoint outside of the database signs.
"""

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

START = "0" * 64
"""What stands before the first row of a chain."""

_COVERED = ("agency_id", "case_id", "act", "label", "actor", "actor_label", "on", "at", "state", "private_sealed")
_EXACT = 2**53  # above it a float does not hold every whole number
_NONCE = 32  # characters of the mark that make two equal rows differ


class Content(Protocol):
    """The row of the journal as it was written, whatever holds it."""

    agency_id: int
    case_id: int | None
    act: str
    label: str
    actor: str
    actor_label: str
    on: dt.date
    at: dt.datetime
    state: str | None
    data: dict[str, Any]
    private_sealed: str | None
    mark: str


def canonical(value: Mapping[str, Any]) -> bytes:
    """Write a JSON object in the one form that is hashed: names in order, no blanks, UTF-8, 5.0 as 5, 10²³ as 1e+23.

    A number has one form because a database may hand it back in another: PostgreSQL gives 1e23 as an integer.
    """
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def mark_of(key: bytes, row: Content, nonce: str) -> str:
    """Make the mark of a row: `nonce`, 32 hex characters that were never used before, and a keyed digest."""
    row_fields = {name: getattr(row, name) for name in _COVERED}
    return _marked(key, nonce, canonical({**_fields(row_fields, data_digest(row.data)), "nonce": nonce}))


def _marked(key: bytes, nonce: str, content: bytes) -> str:
    return nonce + hmac.digest(key, b"row\0" + content, hashlib.sha256).hex()[:_NONCE]


class Marker:
    """Makes the marks of many rows that have all but their case, agency, state and data in common.

    The content of a row is written out once; each row only fills in its own. The marks are those of `mark_of`.
    """

    def __init__(self, key: bytes, row: Mapping[str, Any]) -> None:
        blanks = {name: f"\0{name}" for name in ("agency_id", "case_id", "state", "data_sha256", "nonce")}
        fields = _fields({**row, **{name: blanks[name] for name in blanks.keys() & row.keys()}}, blanks["data_sha256"])
        written = canonical({**fields, "nonce": blanks["nonce"]}).decode()
        self._key, self._between = key, []
        for blank in sorted(blanks):  # as `canonical` has them in order
            before, _, written = written.partition(json.dumps(blanks[blank]))
            self._between.append(before)
        self._end = written

    def marks(self, nonce: str, rows: Iterable[tuple[int, int, str, str]]) -> list[str]:
        """Make the marks of rows, given as (case id, agency id, state, digest of the data).

        `nonce` is the first half of theirs, never used before; they are numbered in the second.
        """
        agency, case, data, once, standing = self._between
        key, end, keyed = self._key, self._end, hmac.digest  # by hand: a notice makes a million of these
        made = []
        for number, (case_id, agency_id, state, digest) in enumerate(rows):
            own = f"{nonce}{number:016x}"
            row = f'row\0{agency}{agency_id}{case}{case_id}{data}"{digest}"{once}"{own}"{standing}"{state}"{end}'
            made.append(own + keyed(key, row.encode(), "sha256").hex()[:_NONCE])
        return made


def is_marked(key: bytes, row: Content) -> bool:
    """Tell whether the service itself wrote this row as it stands."""
    fresh = mark_of(key, row, row.mark[:_NONCE])
    return hmac.compare_digest(fresh.encode(), row.mark.encode())


def data_digest(data: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(data)).hexdigest()


def content_of(entry_id: int, row: Content) -> dict[str, Any]:
    """Write down what the hash of a row covers, as an extract shows it."""
    row_fields = {name: getattr(row, name) for name in _COVERED}
    return {"id": entry_id, **_fields(row_fields, data_digest(row.data)), "mark": row.mark}


def digest_of(content: Mapping[str, Any]) -> str:
    """Digest what `content_of` wrote down."""
    return hashlib.sha256(canonical(content)).hexdigest()


def link(previous: str, digest: str) -> str:
    """Chain one link on: of two digests, both as 64 hex characters, the next one."""
    return hashlib.sha256(f"{previous}{digest}".encode()).hexdigest()


def _fields(row: Mapping[str, Any], data_sha256: str) -> dict[str, Any]:
    fields = {name: row[name] for name in _COVERED}
    private: str | None = fields.pop("private_sealed")
    return {
        **fields,
        "on": row["on"].isoformat(),
        "at": row["at"].astimezone(dt.UTC).isoformat(timespec="microseconds"),
        "data_sha256": data_sha256,
        # As it is sealed: words can be erased with their key, and the chain stays whole.
        "private_sha256": hashlib.sha256(private.encode()).hexdigest() if private is not None else None,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return int(value) if abs(value) < _EXACT and value == int(value) else float(value)
    return value
