"""second factors, single sign-on, password ageing, ways back in, and what a key is held to"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
CODE = sa.String(64)
SHORT = sa.String(200)
JSON = sa.JSON().with_variant(JSONB, "postgresql")


def users_own(table: str, *columns: sa.schema.SchemaItem, key: str) -> None:
    """Make a table whose rows belong to a user."""
    op.create_table(
        table,
        *columns,
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f(f"fk_{table}_user_id_users")),
        sa.PrimaryKeyConstraint(key, name=op.f(f"pk_{table}")),
    )
    if key != "user_id":
        op.create_index(op.f(f"ix_{table}_user_id"), table, ["user_id"], unique=False)


def upgrade() -> None:
    op.add_column("users", sa.Column("password_changed_at", INSTANT, nullable=True))
    op.add_column("sign_in_codes", sa.Column("second_factor_at", INSTANT, nullable=True))
    op.add_column("access_tokens", sa.Column("second_factor_at", INSTANT, nullable=True))
    op.add_column("api_keys", sa.Column("networks", JSON, nullable=True))
    users_own(
        "second_factors",
        sa.Column("user_id", ID, autoincrement=False, nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("confirmed_at", INSTANT, nullable=True),
        sa.Column("last_step", ID, nullable=False),
        key="user_id",
    )
    users_own(
        "recovery_codes",
        sa.Column("digest", CODE, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        key="digest",
    )
    users_own(
        "sign_in_steps",
        sa.Column("digest", CODE, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("client_id", CODE, nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("challenge", CODE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("passed_at", INSTANT, nullable=True),
        sa.Column("expires_at", INSTANT, nullable=False),
        key="digest",
    )
    users_own(
        "past_passwords",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("password_hash", SHORT, nullable=False),
        sa.Column("given_up_at", INSTANT, nullable=False),
        key="id",
    )
    users_own(
        "recovery_tokens",
        sa.Column("digest", CODE, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        key="digest",
    )
    users_own(
        "user_identities",
        sa.Column("id", ID, nullable=False),
        sa.Column("issuer", SHORT, nullable=False),
        sa.Column("subject", SHORT, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_user_identities_issuer_subject")),
        sa.UniqueConstraint("issuer", "user_id", name=op.f("uq_user_identities_issuer_user_id")),
        key="id",
    )
    op.create_table(
        "single_sign_on_starts",
        sa.Column("digest", CODE, nullable=False),
        sa.Column("browser", CODE, nullable=False),
        sa.Column("client_id", CODE, nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("challenge", CODE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_single_sign_on_starts")),
    )
