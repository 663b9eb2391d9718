"""The one place where rows are asked for and entered closer to the driver than by mapping: at the price of the statement.

A session's flush is made for graphs of objects that change, and a query for rows that become objects. What every request
asks and most writes add is neither. Types, defaults and seals are those of the mapping; a test holds both ways equal.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any, NamedTuple, cast
from weakref import WeakKeyDictionary

from sqlalchemy import (
    ColumnDefault,
    ColumnElement,
    CursorResult,
    Dialect,
    Select,
    Table,
    UpdateBase,
    bindparam,
    insert,
    inspect,
)
from sqlalchemy.engine.interfaces import Compiled
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler

from app.models.base import Base
from app.models.sealed import is_touched, seal_row

Change = Callable[[Any], Any]


class _Statement(NamedTuple):
    """A statement as one kind of database wants it."""

    text: str
    constants: Mapping[str, Any]
    bound: Mapping[str, Change]  # how a value is handed to the driver
    order: Sequence[str] | None  # of the values; None where the text names them
    read: Sequence[Change | None]  # how each column of the answer is understood

    def ready(self, name: str, value: Any) -> Any:
        return value if value is None or name not in self.bound else self.bound[name](value)

    def values(self, given: Mapping[str, Any]) -> Any:
        """Hand over what is given, by name; what is not, is none."""
        values = {**self.constants, **given}
        for name in self.bound:
            values[name] = self.ready(name, values[name])
        return values if self.order is None else tuple([values[name] for name in self.order])


def _understood(read: Change | None, value: Any) -> Any:
    return value if read is None or value is None else read(value)


class PreparedStatement:
    """A statement that is compiled once for each kind of database; nothing pending in the session is flushed for it."""

    def __init__(self, statement: Select[*tuple[Any, ...]] | UpdateBase) -> None:
        self._statement = statement
        self._compiled: WeakKeyDictionary[Dialect, _Statement] = WeakKeyDictionary()

    def rows(self, session: Session, **given: Any) -> list[tuple[Any, ...]]:
        """Run it; returns its rows in plain tuples, as the columns' types understand them."""
        connection = session.connection()
        statement = self._compiled.get(connection.dialect)
        if statement is None:
            statement = self._compiled[connection.dialect] = self._prepared(connection.dialect)
        found = connection.exec_driver_sql(statement.text, statement.values(given)).fetchall()
        if not any(statement.read):
            return [tuple(row) for row in found]
        return [tuple(map(_understood, statement.read, row)) for row in found]

    def one_or_none(self, session: Session, **given: Any) -> Any:
        """Run it for the first value of its only row; None without a row."""
        rows = self.rows(session, **given)
        return rows[0][0] if rows else None

    def _prepared(self, dialect: Dialect) -> _Statement:
        answered = self._statement.exported_columns
        read = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in answered]
        return _statement(self._statement.compile(dialect=dialect), dialect, read)


class OfCases:
    """A question about one case, which goes by a prepared statement, or about several.

    `case_id` is the column of the statement that says which case a row is about.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]], case_id: ColumnElement[int]) -> None:
        self._of_one = PreparedStatement(statement.where(case_id == bindparam("case_id")))
        self._of_several = statement.where(case_id.in_(bindparam("case_ids", expanding=True)))

    def rows(self, session: Session, case_ids: Sequence[int]) -> Iterable[Sequence[Any]]:
        if len(case_ids) == 1:
            return self._of_one.rows(session, case_id=case_ids[0])
        return session.execute(self._of_several, {"case_ids": case_ids})


def _statement(compiled: Compiled, dialect: Dialect, read: Sequence[Change | None] = ()) -> _Statement:
    sql = cast("SQLCompiler", compiled)
    if sql.post_compile_params:
        raise TypeError(f"how many values this has is known only when it is run: {sql}")
    processors = {
        name: parameter.type.dialect_impl(dialect).bind_processor(dialect) for name, parameter in sql.binds.items()
    }
    bound = {name: change for name, change in processors.items() if change is not None}
    return _Statement(str(sql), dict(sql.params), bound, sql.positiontup, read)


class _Way(NamedTuple):
    """How rows of one class go into one kind of database."""

    statement: _Statement
    columns: Mapping[str, str]  # by attribute
    defaults: Mapping[str, Any]


_ways: WeakKeyDictionary[Dialect, dict[tuple[type[Base], str | None], _Way]] = WeakKeyDictionary()


def enter(session: Session, *rows: Base) -> None:
    """Insert new rows, one statement each, in the order given; their texts are sealed on the way.

    The rows stay outside the session: what is set on them later is not written, and a running number that the database
    gives is not fetched (`enter_numbered`). What they refer to must have been flushed.
    """
    for row in rows:
        _sent(session, row)


def enter_numbered(session: Session, row: Base) -> None:
    """Insert a new row likewise, and set its `id`, the running number that the database gives."""
    vars(row)["id"] = _sent(session, row, "id").scalar_one()


def enter_many(
    session: Session, kind: type[Base], same: Mapping[str, Any], columns: Mapping[str, Sequence[Any]]
) -> None:
    """Insert many rows at once, for a database that takes values by their places: what they have in common, and the rest.

    Nothing of them is sealed here. A value that many rows share is made ready for the driver once.
    """
    connection = session.connection()
    statement = _way_of(connection.dialect, kind, None).statement
    assert statement.order, "by place"
    given: dict[str, Iterable[Any]] = {name: repeat(None) for name in statement.order}
    given |= {name: repeat(statement.ready(name, value)) for name, value in same.items()}
    for name, values in columns.items():
        if name in statement.bound:
            ready = {place: statement.ready(name, value) for place, value in {id(one): one for one in values}.items()}
            given[name] = [ready[id(value)] for value in values]
        else:
            given[name] = values
    rows = zip(*(given[name] for name in statement.order), strict=False)  # what is in common never ends
    connection.exec_driver_sql(statement.text, list(rows))


def _sent(session: Session, row: Base, number: str | None = None) -> CursorResult[Any]:
    if is_touched(row):
        seal_row(session, row)
    connection = session.connection()
    way = _way_of(connection.dialect, type(row), number)
    given = {name: row.__dict__.get(key, way.defaults.get(key)) for key, name in way.columns.items()}
    return connection.exec_driver_sql(way.statement.text, way.statement.values(given))


def _way_of(dialect: Dialect, kind: type[Base], number: str | None) -> _Way:
    ways = _ways.setdefault(dialect, {})
    if (kind, number) not in ways:
        ways[kind, number] = _way(dialect, kind, number)
    return ways[kind, number]


def _way(dialect: Dialect, kind: type[Base], number: str | None) -> _Way:
    table = cast("Table", kind.__table__)
    columns, defaults = {}, {}
    for attribute in inspect(kind).column_attrs:
        (column,) = attribute.columns
        if column is table.autoincrement_column:
            continue
        columns[attribute.key] = column.name
        if column.default is not None:
            if not (isinstance(column.default, ColumnDefault) and column.default.is_scalar):
                raise TypeError(f"{kind.__name__}.{attribute.key} has a default that only a flush can fill")
            defaults[attribute.key] = column.default.arg
    inserting = insert(table).returning(table.c[number]) if number else insert(table).inline()
    compiled = inserting.compile(dialect=dialect, column_keys=list(columns.values()))
    return _Way(_statement(compiled, dialect), columns, defaults)
