"""A city of any size: 40 agencies, three years of cases with their journal, about one in a hundred overdue.

The mass of the cases is made inside the database, five million in minutes; those whose texts are read come in through the
API afterwards, so that they are sealed as always. Kinds, states and days follow from the number by remainders.
"""

import datetime as dt

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app import db
from app.domain.terms import ApplicantKind
from app.models import Agency
from app.services import agencies
from tests.town import CITY, SETTINGS

AGENCIES = 40
DAYS = 1_100  # of receipt, up to the day of asking
ACTS = ("register", "accept", "assign", "archive")  # in the journal of a case; an open one has no last
OPEN = "(i % 33 = 0)"
OVERDUE = "(i % 99 = 0)"
MARK = {"sqlite": "hex(randomblob(16))", "postgresql": "CAST(gen_random_uuid() AS text)"}

_CASES = """
    INSERT INTO cases (id, version, kind, case_no, agency_id, state, channel, query_code_digest, submitted_at, received_on,
        title, applicant_kind, outcome, final_due_on, final_target_on, stopped_on, archived_on, created_at, updated_at)
    SELECT i, 4, 'disclosure', 'C' || i, (SELECT min(id) FROM agencies) + i * 7919 % :agencies,
        CASE WHEN {open} THEN 'handling' ELSE 'archived' END, 'internet', '-', :now, {received}, '-', {kind},
        CASE WHEN {open} THEN NULL ELSE 'grant' END, CASE WHEN {open} THEN NULL ELSE {due} END,
        CASE WHEN {open} THEN NULL ELSE {target} END, CASE WHEN {open} THEN NULL ELSE {due} END,
        CASE WHEN {open} THEN NULL ELSE {due} END, :now, :now
    FROM {numbers}
"""
_CLOCKS = """
    INSERT INTO running_clocks (case_id, agency_id, due_on, target_on, overdue_after, provisional, next_node, next_node_on)
    SELECT i, (SELECT min(id) FROM agencies) + i * 7919 % :agencies, {due}, {target}, {due}, {false}, 'statutory', {due}
    FROM {numbers} WHERE {open}
"""
_JOURNAL = """
    INSERT INTO journal (agency_id, case_id, act, label, actor, actor_label, "on", at, state, mark, data)
    SELECT agency_id, id, '{act}', '{act}', 'jingban', '经办人乙', received_on, :now, state, {mark}, '{{"command": {{}}}}'
    FROM cases WHERE case_no = 'C' || id {only}
"""


def fill(engine: Engine, count: int, now: dt.datetime) -> None:
    """Fill a database that has a town in it (tests.town) and no case yet."""
    name = engine.dialect.name
    with db.writer(engine) as session:
        _found(session)
        for statement in _statements(name):
            session.execute(text(statement), _given(name, count, now))
        for act in ACTS:
            only = "AND archived_on IS NOT NULL" if act == ACTS[-1] else ""
            rows = _JOURNAL.format(act=act, only=only, mark=MARK[name]).replace('": {', '"\\: {')
            session.execute(text(rows), _given(name, None, now))
        if name == "postgresql":
            session.execute(text("SELECT setval(pg_get_serial_sequence('cases', 'id'), :count)"), {"count": count})
        session.commit()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE" if name == "postgresql" else "ANALYZE")


def _found(session: Session) -> None:
    root = session.query(Agency).filter_by(code=CITY).one()
    for number in range(session.query(Agency).count(), AGENCIES):
        code, label = f"{CITY}-{number:03}", f"机关{number}"
        below = Agency(code=code, name=label, region="CN", settings=SETTINGS, parent_id=root.id)
        agencies.plant(session, below, root.path)


def _given(name: str, count: int | None, now: dt.datetime) -> dict[str, object]:
    moment = now.astimezone(dt.UTC)
    given: dict[str, object] = {"now": moment.replace(tzinfo=None) if name == "sqlite" else moment}
    if count is not None:
        first = now.date() - dt.timedelta(days=DAYS)
        given |= {"count": count, "agencies": AGENCIES, "first": first.isoformat() if name == "sqlite" else first}
        given["today"] = now.date().isoformat() if name == "sqlite" else now.date()
    return given


def _statements(name: str) -> list[str]:
    picks = " ".join(f"WHEN {place} THEN '{kind.value}'" for place, kind in enumerate(ApplicantKind))
    kind = f"CASE (i / 3) % {len(ApplicantKind)} {picks} END"
    offset = f"i * {DAYS} / :count"
    late = f"CASE WHEN {OVERDUE} THEN -1 - i / 99 % 40 ELSE 1 + i / 33 % 28 END"
    if name == "sqlite":
        numbers = "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) SELECT i FROM n)"
        received = f"date(:first, ({offset}) || ' days')"
        day = (
            f"CASE WHEN {OPEN} THEN date(:today, ({late}) || ' days') ELSE date(:first, ({offset} + 28) || ' days') END"
        )
        target = f"date({day}, '-7 days')"
        false = "0"
    else:
        numbers = "generate_series(CAST(1 AS bigint), CAST(:count AS bigint)) AS n(i)"
        received = f"CAST(:first AS date) + CAST({offset} AS integer)"
        day = (
            f"CASE WHEN {OPEN} THEN CAST(:today AS date) + CAST({late} AS integer) "
            f"ELSE CAST(:first AS date) + CAST({offset} + 28 AS integer) END"
        )
        target = f"({day}) - 7"
        false = "false"
    parts = {"received": received, "kind": kind, "due": f"({day})", "target": f"({target})", "numbers": numbers}
    return [statement.format(open=OPEN, false=false, **parts) for statement in (_CASES, _CLOCKS)]
