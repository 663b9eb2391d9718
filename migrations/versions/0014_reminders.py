"""reminders of a case's nodes, who was told, and where people want their digest"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
NODES = (
    *("receipt_confirmation", "correction_notice", "correction_reply", "local_limit", "statutory", "handling_limit"),
    *("consultation_reply", "fee_payment", "reconsideration", "litigation", "litigation_after_reconsideration"),
)


def codes(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "reminders",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("agency_id", ID, nullable=False),
        sa.Column("node", codes("nodekind", *NODES), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_reminders_agency_id_agencies")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_reminders_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders")),
        sa.UniqueConstraint(
            "case_id", "node", "ref", "due_on", "step", name=op.f("uq_reminders_case_id_node_ref_due_on_step")
        ),
    )
    op.create_index("ix_reminders_case_id", "reminders", ["case_id"])
    op.create_table(
        "reminder_recipients",
        sa.Column("reminder_id", ID, autoincrement=False, nullable=False),
        sa.Column("username", sa.String(length=200), nullable=False),
        sa.Column("tier", codes("remindertier", "handler", "section_leader", "supervisor"), nullable=False),
        sa.Column("read_at", INSTANT, nullable=True),
        sa.Column("mail_claimed_at", INSTANT, nullable=True),
        sa.Column("mailed_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["reminder_id"], ["reminders.id"], name=op.f("fk_reminder_recipients_reminder_id_reminders")
        ),
        sa.PrimaryKeyConstraint("reminder_id", "username", name=op.f("pk_reminder_recipients")),
    )
    op.create_index("ix_reminder_recipients_username", "reminder_recipients", ["username", "reminder_id"])
    not_mailed = sa.text("mailed_at IS NULL")
    op.create_index(
        "ix_reminder_recipients_mail",
        "reminder_recipients",
        ["username"],
        sqlite_where=not_mailed,
        postgresql_where=not_mailed,
    )
    op.create_table(
        "mailboxes",
        sa.Column("username", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("username", name=op.f("pk_mailboxes")),
    )
