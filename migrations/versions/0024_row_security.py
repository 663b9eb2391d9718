"""row-level security: what a session may read is decided by the database too (PostgreSQL)

The service says at the start of a transaction for whom it works (`app.services.visibility.bind`); a query that forgets its
filter then finds nothing it should not. It holds for the owner of the tables as well (FORCE); SQLite has no such thing.
"""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

OF_CASE = (
    *("applicants", "attachments", "case_items", "case_problems", "clock_entries", "complaints", "decisions"),
    *("deliveries", "documents", "drafts", "fees", "rectifications", "remedies", "remedy_papers", "remedy_parties"),
    *("reminders", "replies", "reviews", "subjects", "supplementary_replies"),
)
"""Tables whose rows go with their case. `case_texts` and `subject_grams` hold keyed digests only, and are searched by
operators that the planner may use an index for only without a policy; `case_keys` opens nothing without the rows."""

EVERYTHING = "current_setting('app.agencies', true) = '*'"


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    # As a function it is written into each query; one with a query of its own would be started anew for every row.
    op.execute(
        "CREATE FUNCTION agency_in_reach(bigint) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT "
        f"CASE WHEN {EVERYTHING} THEN true "  # the setting is an array only where it is not '*'
        "ELSE $1 = ANY (coalesce(nullif(current_setting('app.agencies', true), ''), '{}')::bigint[]) END $$"
    )
    _policy("cases", "agency_in_reach(agency_id) OR portal = nullif(current_setting('app.portal', true), '')")
    for table in OF_CASE:
        _policy(table, _with_its_case(table))
    _policy("assistances", f"agency_in_reach(agency_id) OR {_with_its_case('assistances')}")
    for table in ("threads", "messages"):  # those who take part and the case's agency are told apart by the service
        _policy(table, f"agency_in_reach(agency_id) OR {_with_its_case(table)}")
    for table in ("supervisions", "problems"):  # of an agency, with or without a case
        _policy(table, "agency_in_reach(agency_id)")
    _policy(
        "journal",
        "actor = nullif(current_setting('app.actor', true), '') OR agency_in_reach(agency_id) "
        f"OR {_with_its_case('journal')} OR EXISTS (SELECT FROM agencies WHERE agencies.id = journal.agency_id "
        "AND starts_with(agencies.path, nullif(current_setting('app.journal', true), '')))",
    )


def _with_its_case(table: str) -> str:
    """Judge a row by its case, which has a policy of its own."""
    return f"CASE WHEN {EVERYTHING} THEN true ELSE EXISTS (SELECT FROM cases WHERE cases.id = {table}.case_id) END"


def _policy(table: str, judgement: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY in_reach ON {table} USING ({judgement}) WITH CHECK (true)")
