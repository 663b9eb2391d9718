"""keys have scopes and a system that outlives them; a case belongs to the system that brought it"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("api_keys", sa.Column("scopes", JSON, nullable=True))
    op.add_column("api_keys", sa.Column("system", sa.String(length=64), nullable=False, server_default=""))
    op.execute("UPDATE api_keys SET system = prefix")
    # Until now the system was kept only beside a number of its own; who registered stands in the journal.
    op.execute(
        "UPDATE cases SET portal = (SELECT max(actor) FROM journal WHERE case_id = cases.id AND act = 'register') "
        "WHERE portal IS NULL AND EXISTS "
        "(SELECT 1 FROM journal WHERE case_id = cases.id AND act = 'register' AND actor LIKE 'key:%')"
    )
