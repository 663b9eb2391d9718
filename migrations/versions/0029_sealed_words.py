"""what people write beside cases is sealed too: keys of agencies' own texts, and columns wide enough for sealed ones

What stands in the columns already is sealed by `app.migrate` after this, since only it has the keys.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

SEALED = {  # columns that were shorter than a sealed text; SQLite holds text of any length in them
    "problems": "title",
    "evaluations": "title",
    "ledger_imports": "name",
    "remedy_papers": "file_name",
}


def upgrade() -> None:
    op.create_table(
        "agency_keys",
        sa.Column("kid", sa.String(length=64), nullable=False),
        sa.Column("agency_id", ID, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("data_kid", sa.String(length=64), nullable=False),
        sa.Column("wrapped", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_agency_keys_agency_id_agencies")),
        sa.ForeignKeyConstraint(["data_kid"], ["data_keys.kid"], name=op.f("fk_agency_keys_data_kid_data_keys")),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_agency_keys")),
        sa.UniqueConstraint("agency_id", "year", name=op.f("uq_agency_keys_agency_id_year")),
    )
    op.create_index(op.f("ix_agency_keys_data_kid"), "agency_keys", ["data_kid"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        for table, column in SEALED.items():
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE TEXT")
    _saved_filters()


def _saved_filters() -> None:
    """Give each filter its owner's agency, and what its name is found by, which `app.migrate` then sets."""
    with op.batch_alter_table("saved_filters") as table:
        table.add_column(sa.Column("agency_id", ID, nullable=True))
        table.add_column(sa.Column("name_digest", sa.String(length=64), nullable=True))
        table.alter_column("name", existing_type=sa.String(length=200), type_=sa.Text(), existing_nullable=False)
        table.drop_constraint(op.f("uq_saved_filters_owner_name"), type_="unique")
    op.execute(
        "UPDATE saved_filters SET name_digest = CAST(id AS VARCHAR(64)), "
        "agency_id = (SELECT users.agency_id FROM users WHERE users.username = saved_filters.owner)"
    )
    op.execute("DELETE FROM saved_filters WHERE agency_id IS NULL")
    with op.batch_alter_table("saved_filters") as table:
        table.alter_column("agency_id", existing_type=ID, nullable=False)
        table.alter_column("name_digest", existing_type=sa.String(length=64), nullable=False)
        table.create_foreign_key(op.f("fk_saved_filters_agency_id_agencies"), "agencies", ["agency_id"], ["id"])
        table.create_unique_constraint(op.f("uq_saved_filters_owner_name_digest"), ["owner", "name_digest"])
