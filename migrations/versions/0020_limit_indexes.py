"""three indexes for the limits of open cases instead of six, so that a new calendar writes half as much"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

LIABLE = "overdue_after IS NOT NULL"
OLD = {
    "ix_cases_overdue": (["overdue_after", "id"], LIABLE),
    "ix_cases_agency_overdue": (["agency_id", "overdue_after", "id"], LIABLE),
    "ix_cases_target": (["target_on", "id"], LIABLE),
    "ix_cases_agency_target": (["agency_id", "target_on", "id"], LIABLE),
    "ix_cases_node": (["next_node_on", "id"], None),
    "ix_cases_agency_node": (["agency_id", "next_node_on", "id"], None),
}
NEW = {
    "ix_cases_overdue": (["overdue_after", "id", "agency_id"], LIABLE),
    "ix_cases_target": (["target_on", "id", "agency_id"], LIABLE),
    "ix_cases_node": (["next_node_on", "id", "agency_id"], "next_node_on IS NOT NULL"),
}


def upgrade() -> None:
    _replace(OLD, NEW)


def downgrade() -> None:
    _replace(NEW, OLD)


def _replace(there: dict[str, tuple[list[str], str | None]], wanted: dict[str, tuple[list[str], str | None]]) -> None:
    for name in there:
        op.drop_index(name, table_name="cases")
    for name, (columns, where) in wanted.items():
        op.create_index(name, "cases", columns, unique=False, sqlite_where=_sql(where), postgresql_where=_sql(where))


def _sql(where: str | None) -> sa.TextClause | None:
    return None if where is None else sa.text(where)
