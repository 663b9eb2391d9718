"""documents with their disclosure attributes, evaluations, and links offered to applicants"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def codes(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "catalogue_documents",
        sa.Column("id", ID, nullable=False),
        sa.Column("agency_id", ID, nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("document_no", sa.String(length=200), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("formed_on", sa.Date(), nullable=True),
        sa.Column(
            "attribute", codes("disclosureattribute", "publish", "withhold", "on_request", "redacted"), nullable=False
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("basis", sa.String(length=200), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.String(length=200), nullable=False),
        sa.Column("review_by", sa.Date(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.CheckConstraint("attribute = 'publish' OR reason IS NOT NULL", name=op.f("ck_catalogue_documents_reason")),
        sa.CheckConstraint("(published_on IS NULL) = (url IS NULL)", name=op.f("ck_catalogue_documents_published")),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_catalogue_documents_agency_id_agencies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_documents")),
    )
    op.create_index("ix_catalogue_documents_agency", "catalogue_documents", ["agency_id", "document_no"], unique=False)
    op.create_index(
        "ix_catalogue_documents_published",
        "catalogue_documents",
        ["agency_id", "id"],
        unique=False,
        sqlite_where=sa.text("published_on IS NOT NULL"),
        postgresql_where=sa.text("published_on IS NOT NULL"),
    )
    op.create_index("ix_catalogue_documents_review", "catalogue_documents", ["agency_id", "review_by"], unique=False)
    op.create_table(
        "evaluations",
        sa.Column("id", ID, nullable=False),
        sa.Column("agency_id", ID, nullable=False),
        sa.Column("source", codes("evaluationsource", "frequency", "suggestion", "review"), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("group_id", ID, nullable=True),
        sa.Column("document_id", ID, nullable=True),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("opened_by", sa.String(length=200), nullable=False),
        sa.Column("status", codes("evaluationstatus", "open", "to_publish", "published", "kept"), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_evaluations_agency_id_agencies")),
        sa.ForeignKeyConstraint(
            ["document_id"], ["catalogue_documents.id"], name=op.f("fk_evaluations_document_id_catalogue_documents")
        ),
        sa.ForeignKeyConstraint(["group_id"], ["cases.id"], name=op.f("fk_evaluations_group_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluations")),
    )
    op.create_index("ix_evaluations_agency", "evaluations", ["agency_id", "status", "opened_on"], unique=False)
    op.create_index(op.f("ix_evaluations_document_id"), "evaluations", ["document_id"], unique=False)
    op.create_index(op.f("ix_evaluations_group_id"), "evaluations", ["group_id"], unique=False)
    op.create_table(
        "suggestions",
        sa.Column("id", ID, nullable=False),
        sa.Column("document_id", ID, nullable=False),
        sa.Column("agency_id", ID, nullable=False),
        sa.Column("offered_on", sa.Date(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("outcome", codes("suggestionoutcome", "offered", "used", "submitted"), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_suggestions_agency_id_agencies")),
        sa.ForeignKeyConstraint(
            ["document_id"], ["catalogue_documents.id"], name=op.f("fk_suggestions_document_id_catalogue_documents")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestions")),
    )
    op.create_index(op.f("ix_suggestions_document_id"), "suggestions", ["document_id"], unique=False)
