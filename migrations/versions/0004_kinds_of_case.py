"""rectifications and complaints: a kind for every case, what they are about, and how they were decided"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NODES = (
    *("receipt_confirmation", "correction_notice", "correction_reply", "local_limit", "statutory"),
    *("consultation_reply", "fee_payment", "reconsideration", "litigation", "litigation_after_reconsideration"),
)


def codes(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    # As text: `add_column` would have SQLite copy the table, which others refer to, for the sake of the CHECK.
    op.execute(
        "ALTER TABLE cases ADD COLUMN kind VARCHAR(40) DEFAULT 'disclosure' NOT NULL "
        "CONSTRAINT ck_cases_casekind CHECK (kind IN ('disclosure', 'rectification', 'complaint'))"
    )
    op.create_index("ix_cases_kind", "cases", ["kind", "id"], unique=False)
    _allow_node("handling_limit")
    op.create_table(
        "rectifications",
        sa.Column("case_id", ID, autoincrement=False, nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("concern", sa.Text(), nullable=True),
        sa.Column("correct_content", sa.Text(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column(
            "outcome", codes("rectificationoutcome", "corrected", "forwarded", "told_whom", "refused"), nullable=True
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_rectifications_case_id_cases")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_rectifications")),
    )
    op.create_table(
        "complaints",
        sa.Column("case_id", ID, autoincrement=False, nullable=False),
        sa.Column("about_agency_id", ID, nullable=False),
        sa.Column("about_case_id", ID, nullable=True),
        sa.Column("grounds", sa.Text(), nullable=False),
        sa.Column(
            "outcome", codes("complaintoutcome", "upheld", "criticised", "unfounded", "transferred"), nullable=True
        ),
        sa.ForeignKeyConstraint(
            ["about_agency_id"], ["agencies.id"], name=op.f("fk_complaints_about_agency_id_agencies")
        ),
        sa.ForeignKeyConstraint(["about_case_id"], ["cases.id"], name=op.f("fk_complaints_about_case_id_cases")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_complaints_case_id_cases")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_complaints")),
    )
    op.create_table(
        "decisions",
        sa.Column("case_id", ID, autoincrement=False, nullable=False),
        sa.Column("agency_id", ID, nullable=False),
        sa.Column("draft_id", ID, nullable=False),
        sa.Column("document_no", sa.String(length=64), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("signed_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_decisions_agency_id_agencies")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_decisions_case_id_cases")),
        sa.ForeignKeyConstraint(["draft_id"], ["drafts.id"], name=op.f("fk_decisions_draft_id_drafts")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_decisions")),
        sa.UniqueConstraint("agency_id", "document_no", name=op.f("uq_decisions_agency_id_document_no")),
    )


def _allow_node(code: str) -> None:
    """Add a code to what `cases.next_node` may hold."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_cases_nodekind"), "cases", type_="check")
        names = ", ".join(f"'{name}'" for name in (*NODES, code))
        op.execute(f"ALTER TABLE cases ADD CONSTRAINT ck_cases_nodekind CHECK (next_node IN ({names}))")
        return
    # SQLite's own way to change a CHECK without copying the table: the stored rows need no change, only the schema's
    # text (sqlite.org/lang_altertable.html). Copying would drop a table that others refer to.
    last = f"'{NODES[-1]}'"
    version = connection.execute(sa.text("PRAGMA schema_version")).scalar_one()
    op.execute("PRAGMA writable_schema = ON")
    changed = connection.execute(
        sa.text("UPDATE sqlite_schema SET sql = replace(sql, :old, :new) WHERE type = 'table' AND name = 'cases'"),
        {"old": f"{last})", "new": f"{last}, '{code}')"},
    )
    assert changed.rowcount == 1
    op.execute(f"PRAGMA schema_version = {version + 1}")
    op.execute("PRAGMA writable_schema = OFF")
