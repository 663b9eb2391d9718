"""Entering rows at the price of their statements: the one place where rows are written closer to the driver than by mapping.

A session's flush is made for graphs of objects that change; what most writes add are rows that nobody touches again in
their transaction. `enter` sends those at once, with the same types, defaults and seals (a test holds both ways equal).
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnDefault, Dialect, insert, inspect
from sqlalchemy.orm import Session

from app.models.base import Base
from app.models.sealed import is_touched, seal_row


class _Column(NamedTuple):
    key: str  # the attribute
    name: str
    default: Any
    bound: Callable[[Any], Any] | None


class _Way(NamedTuple):
    """How rows of one class go into one kind of database."""

    statement: str
    columns: tuple[_Column, ...]
    positions: tuple[int, ...] | None  # of the columns in the statement; None where it names them


_ways: WeakKeyDictionary[Dialect, dict[type[Base], _Way]] = WeakKeyDictionary()


def enter(session: Session, *rows: Base) -> None:
    """Insert new rows, one statement each, in the order given; their texts are sealed on the way.

    The rows stay outside the session: what is set on them later is not written, and an id the database gives is not
    fetched. What they refer to must have been flushed.
    """
    connection = session.connection()
    for row in rows:
        if is_touched(row):
            seal_row(session, row)
        way = _way(connection.dialect, type(row))
        connection.exec_driver_sql(way.statement, _values(way, row.__dict__))


def _values(way: _Way, given: Mapping[str, Any]) -> Any:
    values = []
    for key, _name, default, bound in way.columns:
        value = given.get(key, default)
        values.append(value if bound is None or value is None else bound(value))
    if way.positions is None:
        return {column.name: value for column, value in zip(way.columns, values, strict=True)}
    return tuple(values[place] for place in way.positions)


def _way(dialect: Dialect, kind: type[Base]) -> _Way:
    ways = _ways.setdefault(dialect, {})
    if kind not in ways:
        ways[kind] = _found(dialect, kind)
    return ways[kind]


def _found(dialect: Dialect, kind: type[Base]) -> _Way:
    mapper = inspect(kind)
    given_by_database = kind.__table__.autoincrement_column  # type: ignore[attr-defined]  # a mapped class has a table
    columns = []
    for attribute in mapper.column_attrs:
        (column,) = attribute.columns
        if column is given_by_database:
            continue
        default = column.default
        if default is not None and not (isinstance(default, ColumnDefault) and default.is_scalar):
            raise TypeError(f"{kind.__name__}.{attribute.key} has a default that only a flush can fill")
        bound = column.type.dialect_impl(dialect).bind_processor(dialect)
        columns.append(_Column(attribute.key, column.name, default.arg if default is not None else None, bound))
    names = [column.name for column in columns]
    compiled = insert(kind).inline().compile(dialect=dialect, column_keys=names)
    ordered = compiled.positiontup
    positions = tuple(names.index(name) for name in ordered) if ordered is not None else None
    return _Way(str(compiled), tuple(columns), positions)
