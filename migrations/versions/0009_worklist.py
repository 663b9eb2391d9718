"""the work list: an index over open cases by agency and state and by handler, and the filters people keep"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
OPEN = sa.text("archived_on IS NULL")


def upgrade() -> None:
    for name, columns in (
        ("ix_cases_open", ["agency_id", "state", "next_node_on", "id"]),
        ("ix_cases_open_handler", ["handler", "next_node_on", "id"]),
    ):
        op.create_index(name, "cases", columns, sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_table(
        "saved_filters",
        sa.Column("id", ID, nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("query", JSON, nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filters")),
        sa.UniqueConstraint("owner", "name", name=op.f("uq_saved_filters_owner_name")),
    )
