"""remedies beside their cases: reconsiderations, lawsuits, complaints, their parties and papers"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def codes(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "remedies",
        sa.Column("id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("agency_id", ID, nullable=False),
        sa.Column(
            "kind",
            codes(
                "remedykind", "reconsideration", "litigation_direct", "litigation_after_reconsideration", "complaint"
            ),
            nullable=False,
        ),
        sa.Column("after_id", ID, nullable=True),
        sa.Column("authority", sa.String(length=200), nullable=False),
        sa.Column("docket_no", sa.String(length=200), nullable=True),
        sa.Column("procedure", codes("remedyprocedure", "ordinary", "simplified"), nullable=True),
        sa.Column("grounds", sa.Text(), nullable=True),
        sa.Column("filed_on", sa.Date(), nullable=False),
        sa.Column("notified_on", sa.Date(), nullable=True),
        sa.Column("answer_by", sa.Date(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column(
            "decision",
            codes(
                "remedydecision",
                "upheld",
                "claim_dismissed",
                "revoked",
                "changed",
                "declared_unlawful",
                "ordered_to_act",
                "withdrawn",
                "not_admitted",
                "action_dismissed",
                "settled",
                "other",
            ),
            nullable=True,
        ),
        sa.Column("decision_no", sa.String(length=200), nullable=True),
        sa.Column(
            "result",
            codes("remedyoutcome", "upheld", "corrected", "other", "pending"),
            server_default="pending",
            nullable=False,
        ),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("decision_served_on", sa.Date(), nullable=True),
        sa.Column("order_by", sa.Date(), nullable=True),
        sa.Column("order_met_on", sa.Date(), nullable=True),
        sa.Column("opinion_on", sa.Date(), nullable=True),
        sa.Column("opinion_answered_on", sa.Date(), nullable=True),
        sa.Column(
            "cause",
            codes(
                "checkcode",
                "K01",
                "K02",
                "K03",
                "K04",
                "K05",
                "K06",
                "K07",
                "K08",
                "K09",
                "K10",
                "K11",
                "K12",
                "K13",
                "K14",
                "K15",
                "K16",
                "K17",
                "K18",
                "K19",
                "K20",
                "K21",
                "K22",
                "K23",
                "K24",
                "K25",
                "K26",
                "K27",
                "K28",
                "K29",
                "K30",
            ),
            nullable=True,
        ),
        sa.Column("cause_note", sa.Text(), nullable=True),
        sa.Column(
            "rectification", codes("rectificationstatus", "not_needed", "open", "in_progress", "done"), nullable=False
        ),
        sa.Column("rectification_plan", sa.Text(), nullable=True),
        sa.Column("rectify_by", sa.Date(), nullable=True),
        sa.Column("rectified_on", sa.Date(), nullable=True),
        sa.Column(
            "next_node",
            codes("remedynode", "answer", "defence", "complaint_answer", "order", "opinion", "rectification"),
            nullable=True,
        ),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.CheckConstraint("(result = 'pending') = (closed_on IS NULL)", name=op.f("ck_remedies_closed")),
        sa.ForeignKeyConstraint(["after_id"], ["remedies.id"], name=op.f("fk_remedies_after_id_remedies")),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_remedies_agency_id_agencies")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_remedies_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remedies")),
    )
    op.create_index(op.f("ix_remedies_after_id"), "remedies", ["after_id"], unique=False)
    op.create_index(
        "ix_remedies_agency_filed", "remedies", ["agency_id", "filed_on", "kind", "result", "closed_on"], unique=False
    )
    op.create_index(op.f("ix_remedies_case_id"), "remedies", ["case_id"], unique=False)
    op.create_index(
        "ix_remedies_next",
        "remedies",
        ["next_on", "id"],
        unique=False,
        sqlite_where=sa.text("next_on IS NOT NULL"),
        postgresql_where=sa.text("next_on IS NOT NULL"),
    )
    op.create_table(
        "remedy_papers",
        sa.Column("id", ID, nullable=False),
        sa.Column("remedy_id", ID, nullable=False),
        sa.Column(
            "kind",
            codes(
                "remedypaperkind",
                "application",
                "notice",
                "answer",
                "defence",
                "evidence",
                "authority_letter",
                "decision",
                "opinion",
                "feedback",
                "other",
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("document_no", sa.String(length=200), nullable=True),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("added_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["remedy_id"], ["remedies.id"], name=op.f("fk_remedy_papers_remedy_id_remedies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remedy_papers")),
    )
    op.create_index(op.f("ix_remedy_papers_remedy_id"), "remedy_papers", ["remedy_id"], unique=False)
    op.create_table(
        "remedy_parties",
        sa.Column("remedy_id", ID, autoincrement=False, nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("role", codes("partyrole", "claimant", "respondent", "third_party", "agent"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["remedy_id"], ["remedies.id"], name=op.f("fk_remedy_parties_remedy_id_remedies")),
        sa.PrimaryKeyConstraint("remedy_id", "no", name=op.f("pk_remedy_parties")),
    )
