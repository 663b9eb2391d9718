"""threads between agencies on a case"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
INSTANT = sa.DateTime(timezone=True)
KIND = sa.Enum(
    "question", "answer", "note", name="messagekind", native_enum=False, create_constraint=True, length=40
)  # fmt: skip


def refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))


def upgrade() -> None:
    op.create_table(
        "threads",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("agency_id", ID, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.String(length=200), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        refers("threads", "case_id", "cases"),
        refers("threads", "agency_id", "agencies"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_threads")),
    )
    op.create_index(op.f("ix_threads_case_id"), "threads", ["case_id"], unique=False)
    op.create_table(
        "thread_agencies",
        sa.Column("thread_id", ID, autoincrement=False, nullable=False),
        sa.Column("agency_id", ID, autoincrement=False, nullable=False),
        sa.Column("invited_by", sa.String(length=200), nullable=False),
        sa.Column("invited_at", INSTANT, nullable=False),
        refers("thread_agencies", "thread_id", "threads"),
        refers("thread_agencies", "agency_id", "agencies"),
        sa.PrimaryKeyConstraint("thread_id", "agency_id", name=op.f("pk_thread_agencies")),
    )
    op.create_index("ix_thread_agencies_agency_id", "thread_agencies", ["agency_id", "thread_id"], unique=False)
    op.create_table(
        "messages",
        sa.Column("id", ID, nullable=False),
        sa.Column("thread_id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("agency_id", ID, nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("author_label", sa.String(length=200), nullable=False),
        sa.Column("kind", KIND, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answers_id", ID, nullable=True),
        sa.Column("attachment_id", ID, nullable=True),
        sa.Column("mentions", JSON, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        refers("messages", "thread_id", "threads"),
        refers("messages", "case_id", "cases"),
        refers("messages", "agency_id", "agencies"),
        refers("messages", "answers_id", "messages"),
        refers("messages", "attachment_id", "attachments"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )
    op.create_index(op.f("ix_messages_case_id"), "messages", ["case_id"], unique=False)
    op.create_index("ix_messages_thread_id", "messages", ["thread_id", "id"], unique=False)
    op.create_table(
        "read_marks",
        sa.Column("thread_id", ID, autoincrement=False, nullable=False),
        sa.Column("reader", sa.String(length=200), nullable=False),
        sa.Column("message_id", ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        refers("read_marks", "thread_id", "threads"),
        refers("read_marks", "message_id", "messages"),
        sa.PrimaryKeyConstraint("thread_id", "reader", name=op.f("pk_read_marks")),
    )
