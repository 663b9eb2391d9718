"""what requests are about, and the pairs of characters by which the like are found"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "subject_grams",
        sa.Column("agency_id", ID, autoincrement=False, nullable=False),
        sa.Column("gram", ID, autoincrement=False, nullable=False),
        sa.Column("case_id", ID, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("agency_id", "gram", "case_id", name=op.f("pk_subject_grams")),
    )
    op.create_table(
        "subjects",
        sa.Column("case_id", ID, autoincrement=False, nullable=False),
        sa.Column("agency_id", ID, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("document_no", sa.String(length=200), nullable=True),
        sa.Column("group_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_subjects_agency_id_agencies")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_subjects_case_id_cases")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_subjects")),
    )
    op.create_index("ix_subjects_document", "subjects", ["agency_id", "document_no"], unique=False)
    op.create_index("ix_subjects_group", "subjects", ["agency_id", "group_id"], unique=False)
