"""personal data sealed field by field: keys by case, agency and year, blind indexes, and what the journal keeps in words

What stands in the columns already is sealed by `app.migrate` after this, since only it has the keys.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
IN_USE = sa.text("retired_at IS NULL")

SEALED = {  # columns that were shorter than a sealed text, or JSON; SQLite holds text in any of them
    "cases": ("title",),
    "case_items": ("title", "document_no"),
    "applicants": (
        *("name", "id_number", "phone", "email", "address", "postcode", "legal_representative", "contact_person"),
        *("agent_name", "agent_phone"),
    ),
    "deliveries": ("proof_ref", "receiver"),
    "attachments": ("name",),
    "documents": ("data",),
    "drafts": ("content",),
    "supplementary_replies": ("sent_by",),
    "remedy_parties": ("name", "phone"),
    "remedy_papers": ("title",),
}


def upgrade() -> None:
    op.create_table(
        "data_keys",
        sa.Column("id", ID, nullable=False),
        sa.Column("kid", sa.String(length=64), nullable=False),
        sa.Column("agency_id", ID, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("master", sa.String(length=64), nullable=False),
        sa.Column("wrapped", sa.Text(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("retired_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_data_keys_agency_id_agencies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_keys")),
        sa.UniqueConstraint("kid", name=op.f("uq_data_keys_kid")),
    )
    op.create_index(
        "ix_data_keys_in_use",
        "data_keys",
        ["agency_id", "year"],
        unique=True,
        sqlite_where=IN_USE,
        postgresql_where=IN_USE,
    )
    op.create_table(
        "case_keys",
        sa.Column("case_id", ID, autoincrement=False, nullable=False),
        sa.Column("kid", sa.String(length=64), nullable=False),
        sa.Column("data_kid", sa.String(length=64), nullable=False),
        sa.Column("wrapped", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_keys_case_id_cases")),
        sa.ForeignKeyConstraint(["data_kid"], ["data_keys.kid"], name=op.f("fk_case_keys_data_kid_data_keys")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_keys")),
    )
    op.create_index(op.f("ix_case_keys_data_kid"), "case_keys", ["data_kid"], unique=False)
    op.add_column("cases", sa.Column("held_at", INSTANT, nullable=True))
    op.add_column("cases", sa.Column("erased_at", INSTANT, nullable=True))
    op.add_column("journal", sa.Column("private", sa.Text(), nullable=True))
    revealed = sa.text("act = 'personal_data_revealed'")
    op.create_index("ix_journal_revealed", "journal", ["actor", "on"], sqlite_where=revealed, postgresql_where=revealed)
    for name in ("name_digest", "phone_digest"):
        op.add_column("applicants", sa.Column(name, sa.String(length=64), nullable=True))
        op.create_index(op.f(f"ix_applicants_{name}"), "applicants", [name], unique=False)
    of_remedy = sa.text("(SELECT r.case_id FROM remedies r WHERE r.id = remedy_id)")
    for name in ("remedy_parties", "remedy_papers"):  # what is sealed says whose it is
        op.add_column(name, sa.Column("case_id", ID, nullable=False, server_default="0"))
        table = sa.table(name, sa.column("case_id"))
        op.execute(table.update().values(case_id=of_remedy))
    # Pairs of characters told what was asked for; they are entered anew, as keyed numbers, by the worker.
    op.execute("DELETE FROM subject_grams")
    op.execute("DELETE FROM subjects")
    if op.get_bind().dialect.name == "postgresql":
        for table, columns in SEALED.items():
            changes = ", ".join(f'ALTER COLUMN "{name}" TYPE TEXT USING "{name}"::text' for name in columns)
            op.execute(f"ALTER TABLE {table} {changes}")
