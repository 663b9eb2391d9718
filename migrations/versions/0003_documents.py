"""documents, attachments and templates"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
INSTANT = sa.DateTime(timezone=True)


def codes(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


DOC = codes(
    "doc",
    "receipt",
    "correction",
    "reasons",
    "extension",
    "consult_third_party",
    "consult_applicant",
    "notice_third_party",
    "consult_co_producer",
    "consult_agency",
    "assist",
    "fee",
    "reply",
    "closing",
    "transfer",
    "archive_index",
)
ATTACHMENTKIND = codes(
    "attachmentkind",
    "application",
    "id_proof",
    "authority_letter",
    "evidence",
    "redacted",
    "delivery_proof",
    "payment_receipt",
    "other",
)
FILETYPE = codes("filetype", "pdf", "docx", "xlsx", "ofd", "jpg", "png", "txt")


def upgrade() -> None:
    op.create_table(
        "document_templates",
        sa.Column("id", ID, nullable=False),
        sa.Column("agency_id", ID, nullable=False),
        sa.Column("doc", DOC, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.Column("set_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_document_templates_agency_id_agencies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_templates")),
    )
    op.create_index("ix_document_templates_agency_doc", "document_templates", ["agency_id", "doc", "id"])

    op.create_table(
        "attachments",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("kind", ATTACHMENTKIND, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("file_type", FILETYPE, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("encrypted", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("original_id", ID, nullable=True),
        sa.Column("redactions", sa.Text(), nullable=True),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("added_by", sa.String(length=200), nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("withdrawn_by", sa.String(length=200), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'redacted') = (original_id IS NOT NULL) AND (kind = 'redacted') = (redactions IS NOT NULL)",
            name=op.f("ck_attachments_redaction"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_attachments_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["original_id"], ["attachments.id"], name=op.f("fk_attachments_original_id_attachments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
    )
    op.create_index("ix_attachments_case_id", "attachments", ["case_id"])

    op.create_table(
        "documents",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("doc", DOC, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document_no", sa.String(length=64), nullable=True),
        sa.Column("data", JSON, nullable=False),
        sa.Column("template_sha256", sa.String(length=64), nullable=False),
        sa.Column("docx_sha256", sa.String(length=64), nullable=True),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=True),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_documents_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
        sa.UniqueConstraint("case_id", "doc", "number", name=op.f("uq_documents_case_id_doc_number")),
    )
    op.create_index("ix_documents_case_id", "documents", ["case_id"])


def downgrade() -> None:
    op.drop_table("documents")
    op.drop_table("attachments")
    op.drop_table("document_templates")
