"""imported ledgers, and the index that answers the annual report"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KINDS = (
    *("natural_person", "commercial_enterprise", "research_institution"),
    *("public_welfare_org", "legal_service_org", "other_org"),
)
DISCLOSURE = sa.text("kind = 'disclosure'")


def upgrade() -> None:
    op.create_table(
        "ledger_imports",
        sa.Column("id", ID, nullable=False),
        sa.Column("agency_id", ID, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("open_cases", sa.Integer(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_ledger_imports_agency_id_agencies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_imports")),
        sa.UniqueConstraint("agency_id", "sha256", name=op.f("uq_ledger_imports_agency_id_sha256")),
    )
    # As text: `add_column` would have SQLite copy the table, which others refer to, for the sake of the constraints.
    kinds = ", ".join(f"'{kind}'" for kind in KINDS)
    op.execute(
        "ALTER TABLE cases ADD COLUMN applicant_kind VARCHAR(40) "
        f"CONSTRAINT ck_cases_applicantkind CHECK (applicant_kind IN ({kinds}))"
    )
    integer = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    op.execute(
        f"ALTER TABLE cases ADD COLUMN ledger_id {integer} "
        "CONSTRAINT fk_cases_ledger_id_ledger_imports REFERENCES ledger_imports (id)"
    )
    op.execute("UPDATE cases SET applicant_kind = (SELECT kind FROM applicants WHERE applicants.case_id = cases.id)")
    op.create_index(
        "ix_cases_annual_report",
        "cases",
        ["agency_id", "stopped_on", "received_on", "applicant_kind", "outcome"],
        unique=False,
        sqlite_where=DISCLOSURE,
        postgresql_where=DISCLOSURE,
    )
