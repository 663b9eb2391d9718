"""first schema"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "agencies",
        sa.Column("id", ID, nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("parent_id", ID, nullable=True),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("region", sa.String(length=64), nullable=False),
        sa.Column("settings", JSON, nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["agencies.id"], name=op.f("fk_agencies_parent_id_agencies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agencies")),
        sa.UniqueConstraint("code", name=op.f("uq_agencies_code")),
    )
    op.create_index(op.f("ix_agencies_path"), "agencies", ["path"], unique=False)
    op.create_table(
        "answers",
        sa.Column("caller", sa.String(length=200), nullable=False),
        sa.Column("method", sa.String(length=64), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", JSON, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("caller", "method", "path", "key", name=op.f("pk_answers")),
    )
    op.create_table(
        "calendar_notices",
        sa.Column("id", ID, nullable=False),
        sa.Column("region", sa.String(length=64), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("off", JSON, nullable=False),
        sa.Column("work", JSON, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("imported_at", INSTANT, nullable=False),
        sa.Column("imported_by", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_notices")),
    )
    op.create_index("ix_calendar_notices_region_year", "calendar_notices", ["region", "year", "id"], unique=False)
    op.create_table(
        "counters",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.create_table(
        "setup_tokens",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_setup_tokens")),
    )
    op.create_table(
        "sign_in_tries",
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("familiar", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_sign_in_tries")),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", ID, nullable=False),
        sa.Column("prefix", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("agency_id", ID, nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "intake_clerk",
                "handler",
                "reviewer",
                "legal_reviewer",
                "secrecy_reviewer",
                "approver",
                "archivist",
                "agency_supervisor",
                "city_supervisor",
                "portal",
                "script_reader",
                "system_admin",
                "security_admin",
                "audit_admin",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_api_keys_agency_id_agencies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("prefix", name=op.f("uq_api_keys_prefix")),
    )
    op.create_index(op.f("ix_api_keys_agency_id"), "api_keys", ["agency_id"], unique=False)
    op.create_table(
        "cases",
        sa.Column("id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("case_no", sa.String(length=64), nullable=False),
        sa.Column("agency_id", ID, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "registered",
                "reviewing",
                "awaiting_correction",
                "handling",
                "awaiting_payment",
                "section_review",
                "leader_review",
                "signed",
                "delivering",
                "delivered",
                "closed",
                "archived",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "channel",
            sa.Enum(
                "in_person",
                "oral",
                "registered_mail",
                "ordinary_mail",
                "internet",
                "fax",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("portal", sa.String(length=200), nullable=True),
        sa.Column("external_no", sa.String(length=200), nullable=True),
        sa.Column("query_code_digest", sa.String(length=64), nullable=False),
        sa.Column("submitted_at", INSTANT, nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column(
            "carrier",
            sa.Enum(
                "paper", "electronic", "disc", name="carrier", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column(
            "delivery_method",
            sa.Enum(
                "post",
                "email",
                "pickup",
                "web",
                "fax",
                "inspect",
                name="deliverymethod",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("origin_id", ID, nullable=True),
        sa.Column("handler", sa.String(length=200), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "grant_published",
                "grant",
                "partial",
                "deny_state_secret",
                "deny_law",
                "deny_security",
                "deny_third_party",
                "deny_internal",
                "deny_process",
                "deny_enforcement",
                "deny_query",
                "unable_not_exist",
                "unable_not_ours",
                "unable_create",
                "unable_unclear",
                "reject_petition",
                "reject_repeat",
                "reject_publication",
                "reject_excessive",
                "reject_reissue",
                "closed_no_correction",
                "closed_no_payment",
                "closed_other",
                name="replykind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("volume_no", sa.String(length=200), nullable=True),
        sa.Column("retention_years", sa.Integer(), nullable=True),
        sa.Column("archived_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("target_on", sa.Date(), nullable=True),
        sa.Column(
            "next_node",
            sa.Enum(
                "receipt_confirmation",
                "correction_notice",
                "correction_reply",
                "local_limit",
                "statutory",
                "consultation_reply",
                "fee_payment",
                "reconsideration",
                "litigation",
                "litigation_after_reconsideration",
                name="nodekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("next_node_on", sa.Date(), nullable=True),
        sa.Column("overdue_after", sa.Date(), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("stopped_on", sa.Date(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_cases_agency_id_agencies")),
        sa.ForeignKeyConstraint(["origin_id"], ["cases.id"], name=op.f("fk_cases_origin_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("case_no", name=op.f("uq_cases_case_no")),
        sa.UniqueConstraint("portal", "external_no", name=op.f("uq_cases_portal_external_no")),
    )
    op.create_index("ix_cases_agency_node", "cases", ["agency_id", "next_node_on", "id"], unique=False)
    op.create_index(
        "ix_cases_agency_overdue",
        "cases",
        ["agency_id", "overdue_after", "id"],
        unique=False,
        sqlite_where=sa.text("overdue_after IS NOT NULL"),
        postgresql_where=sa.text("overdue_after IS NOT NULL"),
    )
    op.create_index(
        "ix_cases_agency_target",
        "cases",
        ["agency_id", "target_on", "id"],
        unique=False,
        sqlite_where=sa.text("overdue_after IS NOT NULL"),
        postgresql_where=sa.text("overdue_after IS NOT NULL"),
    )
    op.create_index("ix_cases_node", "cases", ["next_node_on", "id"], unique=False)
    op.create_index(
        "ix_cases_overdue",
        "cases",
        ["overdue_after", "id"],
        unique=False,
        sqlite_where=sa.text("overdue_after IS NOT NULL"),
        postgresql_where=sa.text("overdue_after IS NOT NULL"),
    )
    op.create_index(
        "ix_cases_target",
        "cases",
        ["target_on", "id"],
        unique=False,
        sqlite_where=sa.text("overdue_after IS NOT NULL"),
        postgresql_where=sa.text("overdue_after IS NOT NULL"),
    )
    op.create_table(
        "users",
        sa.Column("id", ID, nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("display_name", sa.String(length=200), nullable=False),
        sa.Column("agency_id", ID, nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("password_is_temporary", sa.Boolean(), nullable=False),
        sa.Column("disabled_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_users_agency_id_agencies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("username", name=op.f("uq_users_username")),
    )
    op.create_index(op.f("ix_users_agency_id"), "users", ["agency_id"], unique=False)
    op.create_table(
        "access_tokens",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_access_tokens_user_id_users")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_access_tokens")),
    )
    op.create_index(op.f("ix_access_tokens_code_digest"), "access_tokens", ["code_digest"], unique=False)
    op.create_index(op.f("ix_access_tokens_user_id"), "access_tokens", ["user_id"], unique=False)
    op.create_table(
        "applicants",
        sa.Column("case_id", ID, autoincrement=False, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "natural_person",
                "commercial_enterprise",
                "research_institution",
                "public_welfare_org",
                "legal_service_org",
                "other_org",
                name="applicantkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column(
            "id_type",
            sa.Enum(
                "resident_id",
                "residence_permit_hmt",
                "passport",
                "credit_code",
                "other",
                name="idtype",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("id_number", sa.String(length=200), nullable=True),
        sa.Column("id_digest", sa.String(length=64), nullable=True),
        sa.Column("phone", sa.String(length=200), nullable=True),
        sa.Column("email", sa.String(length=200), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=True),
        sa.Column("postcode", sa.String(length=64), nullable=True),
        sa.Column("legal_representative", sa.String(length=200), nullable=True),
        sa.Column("contact_person", sa.String(length=200), nullable=True),
        sa.Column("agent_name", sa.String(length=200), nullable=True),
        sa.Column("agent_phone", sa.String(length=200), nullable=True),
        sa.Column("assistance_needed", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_applicants_case_id_cases")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_applicants")),
    )
    op.create_index(op.f("ix_applicants_id_digest"), "applicants", ["id_digest"], unique=False)
    op.create_table(
        "assistances",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("asked_by", ID, nullable=False),
        sa.Column("agency_id", ID, nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("answered_by", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_assistances_agency_id_agencies")),
        sa.ForeignKeyConstraint(["asked_by"], ["agencies.id"], name=op.f("fk_assistances_asked_by_agencies")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_assistances_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assistances")),
    )
    op.create_index("ix_assistances_agency_id", "assistances", ["agency_id", "id"], unique=False)
    op.create_index(op.f("ix_assistances_case_id"), "assistances", ["case_id"], unique=False)
    op.create_table(
        "case_items",
        sa.Column("case_id", ID, autoincrement=False, nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.String(length=200), nullable=True),
        sa.Column("document_no", sa.String(length=200), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_items_case_id_cases")),
        sa.PrimaryKeyConstraint("case_id", "no", name=op.f("pk_case_items")),
    )
    op.create_table(
        "case_texts",
        sa.Column("case_id", ID, autoincrement=False, nullable=False),
        sa.Column("tokens", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_texts_case_id_cases")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_texts")),
    )
    op.create_table(
        "clock_entries",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("act", sa.String(length=64), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("data", JSON, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_clock_entries_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_entries")),
    )
    op.create_index(op.f("ix_clock_entries_case_id"), "clock_entries", ["case_id"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "post",
                "email",
                "pickup",
                "web",
                "fax",
                "inspect",
                "public_notice",
                name="sendmethod",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("carrier", sa.String(length=200), nullable=True),
        sa.Column("tracking_no", sa.String(length=200), nullable=True),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("served_on", sa.Date(), nullable=True),
        sa.Column(
            "proof",
            sa.Enum(
                "postal_receipt",
                "signed_receipt",
                "sending_log",
                "public_notice",
                name="proofkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("proof_ref", sa.String(length=200), nullable=True),
        sa.Column("receiver", sa.String(length=200), nullable=True),
        sa.Column("late_reason", sa.Text(), nullable=True),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column("return_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_deliveries_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    op.create_index(op.f("ix_deliveries_case_id"), "deliveries", ["case_id"], unique=False)
    op.create_table(
        "drafts",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("drafter", sa.String(length=200), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("submitted_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_drafts_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_drafts_case_id_number")),
    )
    op.create_index(op.f("ix_drafts_case_id"), "drafts", ["case_id"], unique=False)
    op.create_table(
        "journal",
        sa.Column("id", ID, nullable=False),
        sa.Column("agency_id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=True),
        sa.Column("act", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("actor_label", sa.String(length=200), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("state", sa.String(length=64), nullable=True),
        sa.Column("data", JSON, nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_journal_agency_id_agencies")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_journal_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
    )
    op.create_index("ix_journal_case_id", "journal", ["case_id", "id"], unique=False)
    op.create_table(
        "sign_in_codes",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("challenge", sa.String(length=64), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sign_in_codes_user_id_users")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sign_in_codes")),
    )
    op.create_index(op.f("ix_sign_in_codes_user_id"), "sign_in_codes", ["user_id"], unique=False)
    op.create_table(
        "supplementary_replies",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("agency_id", ID, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "supplement", "correction", name="supplementkind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("document_no", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sent_by", sa.String(length=200), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("signed_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_supplementary_replies_agency_id_agencies")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_supplementary_replies_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplementary_replies")),
        sa.UniqueConstraint("agency_id", "document_no", name=op.f("uq_supplementary_replies_agency_id_document_no")),
    )
    op.create_index(op.f("ix_supplementary_replies_case_id"), "supplementary_replies", ["case_id"], unique=False)
    op.create_table(
        "user_roles",
        sa.Column("user_id", ID, autoincrement=False, nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "intake_clerk",
                "handler",
                "reviewer",
                "legal_reviewer",
                "secrecy_reviewer",
                "approver",
                "archivist",
                "agency_supervisor",
                "city_supervisor",
                "portal",
                "script_reader",
                "system_admin",
                "security_admin",
                "audit_admin",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_roles_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", "role", name=op.f("pk_user_roles")),
    )
    op.create_table(
        "replies",
        sa.Column("case_id", ID, autoincrement=False, nullable=False),
        sa.Column("agency_id", ID, nullable=False),
        sa.Column("draft_id", ID, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "grant_published",
                "grant",
                "partial",
                "deny_state_secret",
                "deny_law",
                "deny_security",
                "deny_third_party",
                "deny_internal",
                "deny_process",
                "deny_enforcement",
                "deny_query",
                "unable_not_exist",
                "unable_not_ours",
                "unable_create",
                "unable_unclear",
                "reject_petition",
                "reject_repeat",
                "reject_publication",
                "reject_excessive",
                "reject_reissue",
                "closed_no_correction",
                "closed_no_payment",
                "closed_other",
                name="replykind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("document_no", sa.String(length=64), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("signed_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_replies_agency_id_agencies")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_replies_case_id_cases")),
        sa.ForeignKeyConstraint(["draft_id"], ["drafts.id"], name=op.f("fk_replies_draft_id_drafts")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_replies")),
        sa.UniqueConstraint("agency_id", "document_no", name=op.f("uq_replies_agency_id_document_no")),
    )
    op.create_table(
        "reviews",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("draft_id", ID, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "section",
                "secrecy",
                "legal",
                "leader",
                name="reviewkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("reviewer", sa.String(length=200), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=True),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_reviews_case_id_cases")),
        sa.ForeignKeyConstraint(["draft_id"], ["drafts.id"], name=op.f("fk_reviews_draft_id_drafts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
    )
    op.create_index(op.f("ix_reviews_case_id"), "reviews", ["case_id"], unique=False)
    op.create_index("ix_cases_agency_id_desc", "cases", ["agency_id", sa.text("id DESC")])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE INDEX ix_case_texts_tokens ON case_texts USING gin (to_tsvector('simple', tokens))")
        return
    op.execute("CREATE VIRTUAL TABLE case_texts_fts USING fts5(tokens, content='case_texts', content_rowid='case_id')")
    op.execute(
        "CREATE TRIGGER case_texts_insert AFTER INSERT ON case_texts BEGIN "
        "INSERT INTO case_texts_fts(rowid, tokens) VALUES (new.case_id, new.tokens); END"
    )
    op.execute(
        "CREATE TRIGGER case_texts_update AFTER UPDATE ON case_texts BEGIN "
        "INSERT INTO case_texts_fts(case_texts_fts, rowid, tokens) VALUES ('delete', old.case_id, old.tokens); "
        "INSERT INTO case_texts_fts(rowid, tokens) VALUES (new.case_id, new.tokens); END"
    )


def downgrade() -> None:
    """The first schema has nothing before it; a test installation is deleted, not downgraded."""
    raise RuntimeError("there is no schema before the first")
