"""row-level security for what agencies keep beside cases, and for what is one person's own (PostgreSQL)

Policies as in 0024. Rows without a policy stay so for a reason, which `tests/api/test_isolation.py` names for each table.
"""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

EVERYTHING = "current_setting('app.agencies', true) = '*'"
CALLER = "nullif(current_setting('app.actor', true), '')"
SYSTEM = "substring(current_setting('app.portal', true) from 5)"  # a portal's account is key:<its system>
PORTAL = "nullif(current_setting('app.portal', true), '')"
ADMINISTERED = (
    "EXISTS (SELECT FROM agencies WHERE agencies.id = webhooks.agency_id "
    "AND starts_with(agencies.path, nullif(current_setting('app.journal', true), '')))"
)


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in ("evaluations", "ledger_imports", "report_snapshots"):
        _policy(table, "agency_in_reach(agency_id)")
    # A portal, which sees no agency's rows, offers to applicants what is published.
    _policy("catalogue_documents", f"agency_in_reach(agency_id) OR {PORTAL} IS NOT NULL AND published_on IS NOT NULL")
    _policy("suggestions", f"agency_in_reach(agency_id) OR {PORTAL} IS NOT NULL")
    # Whoever demands sees the demand too, as on SQLite.
    op.execute("ALTER POLICY in_reach ON supervisions USING (agency_in_reach(agency_id) OR agency_in_reach(issuer_id))")
    for table, owner in (("saved_filters", "owner"), ("mailboxes", "username"), ("reminder_recipients", "username")):
        _policy(table, f"CASE WHEN {EVERYTHING} THEN true ELSE {owner} = {CALLER} END")
    _policy("webhooks", f"agency_in_reach(agency_id) OR system = {SYSTEM} OR {ADMINISTERED}")
    _policy("webhook_deliveries", _with_its("webhook_deliveries", "webhook_id", "webhooks"))
    _policy("webhook_tries", _with_its("webhook_tries", "delivery_id", "webhook_deliveries"))


def _with_its(table: str, column: str, whole: str) -> str:
    """Judge a row by the one it belongs to, which has a policy of its own."""
    return f"CASE WHEN {EVERYTHING} THEN true ELSE EXISTS (SELECT FROM {whole} WHERE {whole}.id = {table}.{column}) END"


def _policy(table: str, judgement: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY in_reach ON {table} USING ({judgement}) WITH CHECK (true)")
