"""annual reports that were frozen or imported, and the index from which a year's fees are added up"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
FEES = sa.text("act IN ('notify_fee', 'record_payment', 'refund_fee')")


def codes(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "report_snapshots",
        sa.Column("id", ID, nullable=False),
        sa.Column("agency_id", ID, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("scope", codes("reportscope", "own", "subtree"), nullable=False),
        sa.Column("form", codes("reportform", "2019", "2021"), nullable=False),
        sa.Column("kind", codes("snapshotkind", "frozen", "published"), nullable=False),
        sa.Column("table3", JSON, nullable=True),
        sa.Column("table4", JSON, nullable=True),
        sa.Column("details", JSON, nullable=False),
        sa.Column("checks", JSON, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_report_snapshots_agency_id_agencies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_snapshots")),
    )
    op.create_index("ix_report_snapshots_year", "report_snapshots", ["agency_id", "year", "scope", "id"], unique=False)
    disclosure = sa.text("kind = 'disclosure'")
    op.create_index(
        "ix_cases_annual_report_city",
        "cases",
        ["stopped_on", "received_on", "agency_id", "applicant_kind", "outcome"],
        unique=False,
        sqlite_where=disclosure,
        postgresql_where=disclosure,
    )
    op.create_index(
        "ix_journal_fees", "journal", ["on", "case_id"], unique=False, sqlite_where=FEES, postgresql_where=FEES
    )
