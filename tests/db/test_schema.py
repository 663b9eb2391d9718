"""The migrations build what the mappings say, on both databases; alembic itself notices no changed code list."""

import re

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Enum, inspect

from app.models import Base

TERM_COLUMNS = [
    pytest.param(table.name, column.name, column.type, id=f"{table.name}.{column.name}")
    for table in Base.metadata.sorted_tables
    for column in table.columns
    if isinstance(column.type, Enum)
]


@pytest.mark.parametrize(("table", "column", "kind"), TERM_COLUMNS)
def test_the_database_holds_a_column_to_exactly_the_codes_of_its_list(
    connection: Connection, table: str, column: str, kind: Enum
) -> None:
    checks = [check["sqltext"] for check in inspect(connection).get_check_constraints(table)]
    codes = set(kind.enums)
    held = [set(re.findall(r"'([^']*)'", text)) for text in checks if re.search(rf"\b{column}\b", text)]
    assert codes in held, f"{table}.{column}: {held}"


def test_the_migrations_leave_no_table_column_or_index_behind_the_mappings(connection: Connection) -> None:
    context = MigrationContext.configure(connection, opts={"compare_type": False, "include_object": _ours})
    assert [change for change in compare_metadata(context, Base.metadata) if not _by_hand(change)] == []


def _ours(_object: object, name: str | None, kind: str, _reflected: bool, _compared: object) -> bool:
    """Leave out what only migrations know: the full-text tables of SQLite and alembic's own table."""
    return not (kind == "table" and (name or "").startswith(("case_texts_fts", "alembic_version", "sqlite_")))


def _by_hand(change: object) -> bool:
    """Tell whether a difference is meant: an index over an expression, which cannot be read back from the database, or a
    reference of the journal's, which PostgreSQL does not check (migration 0030).
    """
    names = (
        "ix_case_texts_tokens",
        "ix_cases_agency_id_desc",
        "fk_journal_case_id_cases",
        "fk_journal_agency_id_agencies",
    )
    return any(name in str(change) for name in names)
