"""supervisions, lists of problems, and the problems behind requests"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def codes(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "case_problems",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column(
            "problem",
            codes(
                "underlyingproblem",
                "land",
                "housing",
                "planning",
                "environment",
                "labour",
                "welfare",
                "education",
                "health",
                "finance",
                "enforcement",
                "village",
                "other",
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("status", codes("followupstatus", "open", "in_progress", "solved", "not_solvable"), nullable=False),
        sa.Column("follow_up", sa.Text(), nullable=True),
        sa.Column("follow_up_by", sa.Date(), nullable=True),
        sa.Column("followed_on", sa.Date(), nullable=True),
        sa.Column("tagged_at", INSTANT, nullable=False),
        sa.Column("tagged_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_problems_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_problems")),
    )
    op.create_index(op.f("ix_case_problems_case_id"), "case_problems", ["case_id"], unique=False)
    op.create_table(
        "problems",
        sa.Column("id", ID, nullable=False),
        sa.Column("agency_id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=True),
        sa.Column(
            "source", codes("problemsource", "supervision", "remedy", "bulletin", "inspection", "self"), nullable=False
        ),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column("found_by", sa.String(length=200), nullable=False),
        sa.Column("rectify_by", sa.Date(), nullable=False),
        sa.Column("status", codes("rectificationstatus", "not_needed", "open", "in_progress", "done"), nullable=False),
        sa.Column("measures", sa.Text(), nullable=True),
        sa.Column("rectified_on", sa.Date(), nullable=True),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_problems_agency_id_agencies")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_problems_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problems")),
    )
    op.create_index("ix_problems_agency", "problems", ["agency_id", "status", "rectify_by"], unique=False)
    op.create_index(op.f("ix_problems_case_id"), "problems", ["case_id"], unique=False)
    op.create_table(
        "supervisions",
        sa.Column("id", ID, nullable=False),
        sa.Column("agency_id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=True),
        sa.Column("issuer_id", ID, nullable=False),
        sa.Column("mark", codes("mark", "yellow", "red", "black"), nullable=True),
        sa.Column("demand", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("issued_by", sa.String(length=200), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("status", codes("supervisionstatus", "issued", "answered", "returned", "closed"), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("answered_by", sa.String(length=200), nullable=True),
        sa.Column("opinion", sa.Text(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closed_by", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_supervisions_agency_id_agencies")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_supervisions_case_id_cases")),
        sa.ForeignKeyConstraint(["issuer_id"], ["agencies.id"], name=op.f("fk_supervisions_issuer_id_agencies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervisions")),
    )
    op.create_index("ix_supervisions_agency", "supervisions", ["agency_id", "status", "answer_by"], unique=False)
    op.create_index(op.f("ix_supervisions_case_id"), "supervisions", ["case_id"], unique=False)
