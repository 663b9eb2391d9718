"""a notice recomputes cases, an answered case keeps its calendar, a clock entry may take another's place"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("calendar_notices", sa.Column("recomputed_at", INSTANT, nullable=True))
    op.execute("UPDATE calendar_notices SET recomputed_at = imported_at")
    op.add_column("cases", sa.Column("calendar_edition", ID, nullable=True))
    op.execute(
        "UPDATE cases SET calendar_edition = (SELECT max(id) FROM calendar_notices) WHERE stopped_on IS NOT NULL"
    )
    running = sa.text("stopped_on IS NULL")
    op.create_index("ix_cases_running", "cases", ["id"], unique=False, sqlite_where=running, postgresql_where=running)
    with op.batch_alter_table("clock_entries") as table:
        table.add_column(sa.Column("supersedes_id", ID, nullable=True))
        table.add_column(sa.Column("reason", sa.Text(), nullable=True))
        table.create_foreign_key(
            op.f("fk_clock_entries_supersedes_id_clock_entries"), "clock_entries", ["supersedes_id"], ["id"]
        )
    op.create_index(op.f("ix_clock_entries_supersedes_id"), "clock_entries", ["supersedes_id"], unique=True)
