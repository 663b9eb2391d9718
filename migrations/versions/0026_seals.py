"""the journal is sealed: marks on rows, a chain of seals, and triggers that refuse any change"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
KEPT = ("journal", "seals")


def upgrade() -> None:
    # As text: `add_column` of a NOT NULL column would have SQLite copy the table. Rows from before have no mark of the
    # service's key; their own number keeps them apart.
    op.execute("ALTER TABLE journal ADD COLUMN mark VARCHAR(64) DEFAULT '' NOT NULL")
    op.execute("UPDATE journal SET mark = 'before-' || id")
    op.create_index("ix_journal_mark", "journal", ["mark"], unique=True)
    op.create_table(
        "seals",
        sa.Column("sequence", ID, autoincrement=False, nullable=False),
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("agency_id", ID, nullable=False),
        sa.Column("number", ID, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_seals_agency_id_agencies")),
        sa.ForeignKeyConstraint(["entry_id"], ["journal.id"], name=op.f("fk_seals_entry_id_journal")),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_seals")),
        sa.UniqueConstraint("agency_id", "number", name=op.f("uq_seals_agency_id_number")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_seals_entry_id")),
    )
    op.create_index("ix_seals_agency_id_sequence", "seals", ["agency_id", "sequence"], unique=False)
    op.create_table(
        "unsealed",
        sa.Column("entry_id", ID, autoincrement=False, nullable=False),
        sa.Column("refused", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_unsealed")),
    )
    op.execute("INSERT INTO unsealed (entry_id) SELECT id FROM journal")
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION journal_wait_for_seal() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "INSERT INTO unsealed (entry_id) SELECT id FROM fresh; RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER journal_wait_for_seal AFTER INSERT ON journal REFERENCING NEW TABLE AS fresh "
        "FOR EACH STATEMENT EXECUTE FUNCTION journal_wait_for_seal()"
    )
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME; END $$"
    )
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _guard_sqlite() -> None:
    op.execute(
        "CREATE TRIGGER journal_wait_for_seal AFTER INSERT ON journal BEGIN "
        "INSERT INTO unsealed (entry_id) VALUES (new.id); END"
    )
    for table in KEPT:
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_is_kept_from_{change.lower()} BEFORE {change} ON {table} BEGIN "
                f"SELECT RAISE(ABORT, 'rows of {table} are never changed or deleted'); END"
            )
