"""reminders of what falls due in a remedy, beside those of a case's own nodes"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

NODES = (
    *("receipt_confirmation", "correction_notice", "correction_reply", "local_limit", "statutory", "handling_limit"),
    *("consultation_reply", "fee_payment", "reconsideration", "litigation", "litigation_after_reconsideration"),
)
OF_REMEDIES = ("answer", "defence", "complaint_answer", "order", "opinion", "rectification")


def upgrade() -> None:
    embedded = op.get_bind().dialect.name == "sqlite"
    if embedded:  # it alters a table by copying it, and lets none go to which other rows refer
        op.execute("CREATE TABLE reminder_recipients_aside AS SELECT * FROM reminder_recipients")
        op.execute("DELETE FROM reminder_recipients")
    codes = ", ".join(f"'{code}'" for code in (*NODES, *OF_REMEDIES))
    with op.batch_alter_table("reminders") as table:
        table.drop_constraint(op.f("ck_reminders_nodekind"), type_="check")
        table.create_check_constraint(op.f("ck_reminders_remindernode"), sa.text(f"node IN ({codes})"))
    if embedded:
        op.execute("INSERT INTO reminder_recipients SELECT * FROM reminder_recipients_aside")
        op.execute("DROP TABLE reminder_recipients_aside")
