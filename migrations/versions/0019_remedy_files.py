"""the files of what was filed in a remedy"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # As text: `add_column` would have SQLite copy the table for the sake of the CHECK.
    op.execute(
        "ALTER TABLE remedy_papers ADD COLUMN file_type VARCHAR(40) CONSTRAINT ck_remedy_papers_filetype "
        "CHECK (file_type IN ('pdf', 'docx', 'xlsx', 'ofd', 'jpg', 'png', 'txt'))"
    )
    op.add_column("remedy_papers", sa.Column("file_name", sa.String(length=200), nullable=True))
    op.add_column("remedy_papers", sa.Column("size", sa.Integer(), nullable=True))
    op.add_column("remedy_papers", sa.Column("sha256", sa.String(length=64), nullable=True))
