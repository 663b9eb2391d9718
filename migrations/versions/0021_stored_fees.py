"""fee notices as they were reckoned when they were sent"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "fees",
        sa.Column("case_id", ID, autoincrement=False, nullable=False),
        sa.Column(
            "method",
            sa.Enum("per_request", "per_page", name="feemethod", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("amount_yuan", sa.Integer(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("standard", sa.Text(), nullable=False),
        sa.Column("working", JSON, nullable=False),
        sa.Column("payment", sa.Text(), nullable=False),
        sa.Column("notified_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_fees_case_id_cases")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_fees")),
    )


def downgrade() -> None:
    op.drop_table("fees")
