"""documents of supplementary replies, and of decisions on rectifications and complaints"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TABLES = ("documents", "document_templates")
DOCS = (
    *("receipt", "correction", "reasons", "extension", "consult_third_party", "consult_applicant"),
    *("notice_third_party", "consult_co_producer", "consult_agency", "assist", "fee", "reply", "closing", "transfer"),
    "archive_index",
)
NEW = ("supplement", "rectification", "complaint")


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        names = ", ".join(f"'{name}'" for name in (*DOCS, *NEW))
        for table in TABLES:
            op.drop_constraint(op.f(f"ck_{table}_doc"), table, type_="check")
            op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_doc CHECK (doc IN ({names}))")
        return
    # Only the schema's text, as in 0004: copying would drop tables that others refer to.
    last, added = f"'{DOCS[-1]}'", "".join(f", '{name}'" for name in NEW)
    version = connection.execute(sa.text("PRAGMA schema_version")).scalar_one()
    op.execute("PRAGMA writable_schema = ON")
    for table in TABLES:
        changed = connection.execute(
            sa.text("UPDATE sqlite_schema SET sql = replace(sql, :old, :new) WHERE type = 'table' AND name = :table"),
            {"old": f"{last})", "new": f"{last}{added})", "table": table},
        )
        assert changed.rowcount == 1
    op.execute(f"PRAGMA schema_version = {version + 1}")
    op.execute("PRAGMA writable_schema = OFF")
