"""agencies that were merged: when and into which, and from whom a case was taken over"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    # As text: `add_column` would have SQLite copy tables that others refer to, for the sake of the reference.
    integer = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    op.execute(
        f"ALTER TABLE agencies ADD COLUMN successor_id {integer} "
        "CONSTRAINT fk_agencies_successor_id_agencies REFERENCES agencies (id)"
    )
    op.execute(f"ALTER TABLE cases ADD COLUMN taken_from_id {integer}")
    op.add_column("agencies", sa.Column("closed_at", INSTANT, nullable=True))
    op.add_column("agencies", sa.Column("predecessors", JSON, nullable=False, server_default="[]"))
