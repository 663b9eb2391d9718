"""the dates of running clocks in a table of their own, so that a new calendar does not write every index of the cases"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NODES = (
    *("receipt_confirmation", "correction_notice", "correction_reply", "local_limit", "statutory"),
    *("consultation_reply", "fee_payment", "reconsideration", "litigation", "litigation_after_reconsideration"),
    "handling_limit",
)
LIABLE, OPEN = sa.text("overdue_after IS NOT NULL"), sa.text("archived_on IS NULL")
EVERYTHING = "current_setting('app.agencies', true) = '*'"


def upgrade() -> None:
    op.create_table(
        "running_clocks",
        sa.Column("case_id", ID, autoincrement=False, nullable=False),
        sa.Column("agency_id", ID, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("target_on", sa.Date(), nullable=True),
        sa.Column("overdue_after", sa.Date(), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column(
            "next_node",
            sa.Enum(*NODES, name="nodekind", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("next_node_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_running_clocks_case_id_cases")),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_running_clocks_agency_id_agencies")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_running_clocks")),
    )
    op.execute(
        "INSERT INTO running_clocks (case_id, agency_id, due_on, target_on, overdue_after, provisional, next_node, next_node_on)"
        " SELECT id, agency_id, due_on, target_on, overdue_after, provisional, next_node, next_node_on FROM cases"
        " WHERE stopped_on IS NULL ORDER BY id"
    )
    for name, column, where in (
        ("ix_running_clocks_overdue", "overdue_after", LIABLE),
        ("ix_running_clocks_target", "target_on", LIABLE),
        ("ix_running_clocks_node", "next_node_on", sa.text("next_node_on IS NOT NULL")),
    ):
        op.create_index(
            *(name, "running_clocks", [column, "case_id", "agency_id"]), sqlite_where=where, postgresql_where=where
        )
    for name in ("overdue", "target", "node", "running", "open", "open_handler"):
        op.drop_index(f"ix_cases_{name}", table_name="cases")
    for name, names in (("ix_cases_open", ["agency_id", "state", "id"]), ("ix_cases_open_handler", ["handler", "id"])):
        op.create_index(name, "cases", names, sqlite_where=OPEN, postgresql_where=OPEN)
    op.execute("UPDATE cases SET due_on = NULL, target_on = NULL WHERE stopped_on IS NULL")
    op.execute("ALTER TABLE cases RENAME COLUMN due_on TO final_due_on")
    op.execute("ALTER TABLE cases RENAME COLUMN target_on TO final_target_on")
    _forget_nodes()
    for name in ("next_node", "next_node_on", "overdue_after", "provisional"):
        op.execute(f"ALTER TABLE cases DROP COLUMN {name}")
    if op.get_bind().dialect.name == "postgresql":
        _guard()
        # Each row of the journal looked up, and locked, the rows of its case and its agency, which its own transaction has in
        # hand and nobody ever deletes. SQLite could only let go of them by copying the journal, and they cost it next to nothing.
        for name in ("fk_journal_case_id_cases", "fk_journal_agency_id_agencies"):
            op.drop_constraint(op.f(name), "journal", type_="foreignkey")


def _forget_nodes() -> None:
    """Take away the CHECK on `cases.next_node`, with which SQLite would not let the column go."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_cases_nodekind"), "cases", type_="check")
        return
    # As in 0004: only the schema's text changes. Copying would drop a table that others refer to.
    table = sa.text("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = 'cases'")
    sql, found = re.subn(
        r",\s*CONSTRAINT ck_cases_nodekind CHECK \(next_node IN \([^)]*\)\)", "", connection.scalar(table)
    )
    assert found == 1
    version = connection.execute(sa.text("PRAGMA schema_version")).scalar_one()
    op.execute("PRAGMA writable_schema = ON")
    connection.execute(
        sa.text("UPDATE sqlite_schema SET sql = :sql WHERE type = 'table' AND name = 'cases'"), {"sql": sql}
    )
    op.execute(f"PRAGMA schema_version = {version + 1}")
    op.execute("PRAGMA writable_schema = OFF")


def _guard() -> None:
    """Hide other agencies' rows, as 0024 does; a portal's case is judged by the case."""
    op.execute("ALTER TABLE running_clocks ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE running_clocks FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY in_reach ON running_clocks USING (agency_in_reach(agency_id) OR "
        f"CASE WHEN {EVERYTHING} THEN true ELSE EXISTS (SELECT FROM cases WHERE cases.id = running_clocks.case_id) END) "
        "WITH CHECK (true)"
    )
