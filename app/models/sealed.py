"""Columns that hold personal data: sealed in the database, plain to whoever asks the row, opened only then.

`name = sealed_or_none()` gives a mapped class the column `name` and the attribute `name_sealed`, which is what the database
has. Reading `row.name` opens it; setting it seals it at the next flush. A query cannot compare a sealed column: what must
be found has a blind index beside it. What a text belongs to is authenticated: its table, its field, and the columns that
the class names in `SEALED_BY`, which never change.
"""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from typing import Any, Generic, Protocol, TypeVar, cast, overload

from sqlalchemy import Text, event
from sqlalchemy.orm import Session, mapped_column, object_session

T = TypeVar("T")

_WAITING = "\0waiting"  # stands in the mapped attribute until the flush; no database would keep it
_PENDING, _OPENED = "_pending", "_opened"


class Ring(Protocol):
    """What seals and opens: `app.models.keyring.Keyring`, hung on the engine."""

    def prepare(self, session: Session, row: Any) -> None:
        """Give a new row what its texts are to be sealed with."""

    def inserted(self, session: Session, row: Any) -> None:
        """Keep what was given, now that the row is there."""

    def seal(self, session: Session, row: Any, text: str, *place: str) -> str:
        """Seal a text of a row."""

    def open(self, session: Session, row: Any, sealed: str, *place: str) -> str | None:
        """Open a sealed text; None when its key has been destroyed."""


def ring_of(session: Session) -> Ring:
    """Return the keys of the database a session works on."""
    found = session.get_bind().get_execution_options().get("keyring")
    if found is None:
        raise LookupError("this engine was made without keys: db.build_engine(…, keyring=…)")
    return cast("Ring", found)


class Sealed(Generic[T]):
    """A sealed column, as the descriptor of its plain value."""

    name: str
    column: str

    def __init__(
        self, write: Callable[[T], str], read: Callable[[str], T], erased: Callable[[], T], *, nullable: bool
    ) -> None:
        self.write, self._read, self._erased, self.nullable = write, read, erased, nullable

    def __set_name__(self, owner: type, name: str) -> None:
        self.name, self.column = name, f"{name}_sealed"

    @overload
    def __get__(self, row: None, owner: type) -> "Sealed[T]": ...

    @overload
    def __get__(self, row: object, owner: type) -> T: ...

    def __get__(self, row: Any, owner: type) -> Any:
        if row is None:
            return self
        pending = row.__dict__.get(_PENDING, {})
        if self.name in pending:
            return pending[self.name]
        sealed = getattr(row, self.column)
        if sealed is None:
            return None
        opened = row.__dict__.setdefault(_OPENED, {})
        if (known := opened.get(self.name)) is None or known[0] != sealed:
            session = object_session(row)
            assert session is not None, "a row that has left its session keeps its secrets"
            text = ring_of(session).open(session, row, sealed, *place_of(row, self))
            known = opened[self.name] = (sealed, self._erased() if text is None else self._read(text))
        return known[1]

    def __set__(self, row: object, value: T) -> None:
        row.__dict__.setdefault(_PENDING, {})[self.name] = value
        setattr(row, self.column, None if value is None else _WAITING)


ERASED = "（已依规定删除）"
"""What stands in place of a text whose key has been destroyed."""


def sealed_text() -> Sealed[str]:
    return Sealed[str](str, str, lambda: ERASED, nullable=False)


def sealed_or_none() -> Sealed[str | None]:
    return Sealed[str | None](lambda text: text or "", str, lambda: None, nullable=True)


def sealed_json() -> Sealed[dict[str, Any]]:
    return Sealed[dict[str, Any]](_as_json, json.loads, dict, nullable=False)


def sealed_json_or_none() -> Sealed[dict[str, Any] | None]:
    return Sealed[dict[str, Any] | None](_as_json, json.loads, lambda: None, nullable=True)


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def sealed_fields(kind: type) -> dict[str, Sealed[Any]]:
    """List the sealed columns of a mapped class by name."""
    return {name: found for name, found in vars(kind).items() if isinstance(found, Sealed)}


def add_columns(kind: type) -> None:
    """Give a class that is about to be mapped a column for each of its sealed fields."""
    for name, found in sealed_fields(kind).items():
        setattr(kind, found.column, mapped_column(name, Text, nullable=found.nullable))


def place_of(row: Any, field: Sealed[Any]) -> tuple[str, ...]:
    """Say where a text stands: table, field, and what tells the row from others of its case."""
    named = (getattr(row, name) for name in row.SEALED_BY)
    return (row.__tablename__, field.name, *map(_written, named))


def _written(value: object) -> str:
    return value.astimezone(dt.UTC).isoformat() if isinstance(value, dt.datetime) else str(value)


def is_touched(row: Any) -> bool:
    """Tell whether texts of a row wait to be sealed."""
    return _PENDING in row.__dict__


def _touched(session: Session) -> Iterator[Any]:
    return filter(is_touched, (*session.new, *session.dirty))


def seal_row(session: Session, row: Any) -> None:
    """Seal what was set of a row; the flush does it, and whoever needs the sealed texts before that (a digest over them)."""
    ring, fields = ring_of(session), sealed_fields(type(row))
    for name, value in row.__dict__.pop(_PENDING, {}).items():
        field = fields[name]
        sealed = None if value is None else ring.seal(session, row, field.write(value), *place_of(row, field))
        setattr(row, field.column, sealed)
        row.__dict__.setdefault(_OPENED, {})[name] = (sealed, value)


@event.listens_for(Session, "before_flush")
def _seal(session: Session, _context: object, _instances: object) -> None:
    rows = list(_touched(session))
    if not rows:
        return
    ring = ring_of(session)
    for row in rows:
        ring.prepare(session, row)
    for row in rows:
        seal_row(session, row)


@event.listens_for(Session, "after_flush")
def _keep(session: Session, _context: object) -> None:
    for row in session.new:
        if _OPENED in row.__dict__:
            ring_of(session).inserted(session, row)
