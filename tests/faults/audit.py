"""Holding a database against what callers were told, and against itself."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import Engine, func, literal, select, text, union_all
from sqlalchemy.orm import Session

from app import db
from app.domain.terms import State
from app.domain.workflow import WORKFLOWS
from app.models import (
    Agency,
    Base,
    Case,
    ClockEntry,
    IssuedDocument,
    JournalEntry,
    Reply,
    Seal,
    StoredAnswer,
    SupplementaryReply,
    Unsealed,
)
from app.models import Counter as Series
from app.services import clocks
from app.services.calendars import Book, Calendars
from app.services.desk import shanghai_date
from tests import projections
from tests.faults.ledger import Finding, Ledger, Promise
from tests.faults.procession import ROWS

DERIVED = {"volume_sealed"}
"""Rows the journal holds beside the acts, in the transaction of an act."""


def audit(engine: Engine, ledger: Ledger) -> list[Finding]:
    """Find every broken promise, as of one moment: the service may be running, and numbering what callers wrote."""
    with db.still(engine) as session:
        history: dict[int, list[JournalEntry]] = defaultdict(list)
        for row in session.scalars(select(JournalEntry).where(JournalEntry.case_id.is_not(None)).order_by("id")):
            assert row.case_id is not None
            history[row.case_id].append(row)
        cases = {case.id: case for case in session.scalars(select(Case))}
        book = Calendars().book(session)
        found = [
            *ledger.findings,
            *_told(ledger, cases, history),
            *_numbers(session),
            *_whole(session, history),
            *_sealed(session),
        ]
        for case in cases.values():
            found += _followed(case, history[case.id])
            found += _counted(session, book, case, history[case.id])
        kept = session.scalar(select(func.count()).select_from(StoredAnswer))
        if kept != ledger.acknowledged:
            found.append(Finding(Promise.ANSWER, f"{kept} answers kept, {ledger.acknowledged} acknowledged"))
        if engine.dialect.name == "sqlite":
            damage = [
                *session.execute(text("PRAGMA integrity_check")),
                *session.execute(text("PRAGMA foreign_key_check")),
            ]
            found += [Finding(Promise.WHOLE, str(row)) for row in damage if tuple(row) != ("ok",)]
        return found


_COUNTED = union_all(
    *(select(literal(table.name), func.count()).select_from(table) for table in Base.metadata.sorted_tables),
    select(literal("versions"), func.coalesce(func.sum(Case.version), 0)),
    select(literal("numbers"), func.coalesce(func.sum(Series.value), 0)),
)


def fingerprint(engine: Engine) -> dict[str, int]:
    """Count the rows of every table, and add up the versions of the cases: it differs if anything was written."""
    with db.reader(engine) as session:
        return {name: int(number) for name, number in session.execute(_COUNTED)}


def _told(ledger: Ledger, cases: dict[int, Case], history: dict[int, list[JournalEntry]]) -> Iterator[Finding]:
    """Every acknowledged act is in the journal once, nothing else is, and the last answer is how the case stands."""
    known = set()
    for name, answers in ledger.by_case().items():
        said = [json.loads(answer) for _, answer in answers]
        case_id = said[0]["id"]
        if case_id in known:
            yield Finding(Promise.KEPT, f"{name}: was acknowledged, and its id was given to another case")
            continue
        known.add(case_id)
        wanted = Counter(deed.action for deed, _ in answers)
        there = Counter(row.act for row in history.get(case_id, ()) if row.act not in DERIVED)
        for act in sorted({*wanted, *there}):
            if there[act] < wanted[act]:
                yield Finding(Promise.KEPT, f"{name}: {act} was acknowledged and is not there")
            if there[act] > wanted[act]:
                yield Finding(Promise.ONCE, f"{name}: {act} is there {there[act]} times, acknowledged {wanted[act]}")
        case = cases.get(case_id)
        if case is None:
            continue
        last = max(said, key=lambda answer: int(answer["version"]))
        due_on = case.due_on.isoformat() if case.due_on else None
        if (last["version"], last["state"], last["due_on"]) != (case.version, case.state.value, due_on):
            yield Finding(Promise.TRUE, f"{name}: the last answer says {last['state']}, kept is {case.state.value}")
    for case_id in sorted(set(cases) - known):
        yield Finding(Promise.ONCE, f"case {case_id} is there and nobody was told of it")


def _followed(case: Case, history: Sequence[JournalEntry]) -> Iterator[Finding]:
    """Walk the table along the journal: it starts with the registration and leads to the case's own state."""
    acts = [row for row in history if row.act not in DERIVED]
    if not acts or acts[0].act != "register" or acts[0].state != State.REGISTERED.value:
        yield Finding(Promise.JOURNAL, f"case {case.id}: the history does not begin with the registration")
        return
    state, steps = State.REGISTERED, {step.action: step for step in WORKFLOWS[case.kind].rows}
    due_on: object = None
    for row in acts:
        step = steps.get(row.act)
        if step is not None:
            if state not in step.sources or (step.target and row.state != step.target.value):
                yield Finding(Promise.STATE, f"case {case.id}: {row.act} led from {state.value} to {row.state}")
            state = State(row.state or "")
        moved = row.data.get("due_on")
        if moved:
            if moved["from"] != due_on:
                yield Finding(Promise.JOURNAL, f"case {case.id}: {row.act} moved the due date from a day it was not on")
            due_on = moved["to"]
    if state is not case.state:
        yield Finding(
            Promise.STATE, f"case {case.id}: the history ends at {state.value}, the case at {case.state.value}"
        )
    if due_on != (case.due_on.isoformat() if case.due_on else None):
        yield Finding(Promise.JOURNAL, f"case {case.id}: the journal ends at {due_on}, due is {case.due_on}")


def _counted(session: Session, book: Book, case: Case, history: Sequence[JournalEntry]) -> Iterator[Finding]:
    """Fold the clock anew; every entry of it was recorded with an act."""
    agency = session.get_one(Agency, case.agency_id)
    acts = clocks.acts_of(session, [case.id]).get(case.id, ())
    rules, calendar = clocks.rules_of(agency, case.kind), book.of(agency.region)
    fresh = clocks.projection(case.received_on, shanghai_date(case.submitted_at), acts, rules, calendar)
    kept = projections.stored(case)
    for column, value in projections.to_store(fresh)._asdict().items():
        if getattr(kept, column) != value:
            yield Finding(Promise.CLOCK, f"case {case.id}: {column} is {getattr(kept, column)}, folds to {value}")
    moments = {row.at for row in history}
    for entry in session.scalars(select(ClockEntry).where(ClockEntry.case_id == case.id)):
        if entry.recorded_at not in moments:
            yield Finding(Promise.JOURNAL, f"case {case.id}: the clock's {entry.act} came with no act")


def _numbers(session: Session) -> Iterator[Finding]:
    """Case and document numbers of an agency and year are 1, 2, 3 … up to the counter."""
    given: dict[str, list[int]] = defaultdict(list)
    codes = {agency.id: agency.code for agency in session.scalars(select(Agency))}
    for case in session.scalars(select(Case)):
        code, year, number = case.case_no.rsplit("-", 2)
        given[f"case:{code}:{year}"].append(int(number))
    for kind in (Reply, SupplementaryReply):
        for agency_id, number, signed_on in session.execute(select(kind.agency_id, kind.document_no, kind.signed_on)):
            given[f"document:{codes[agency_id]}:{signed_on.year}"].append(int(re.findall(r"\d+", number)[-1]))
    counters = {row.name: row.value for row in session.scalars(select(Series))}
    for name in sorted({*given, *counters}):
        if sorted(given[name]) != list(range(1, counters.get(name, 0) + 1)):
            yield Finding(Promise.NUMBERS, f"{name}: {sorted(given[name])[-5:]} given, counter {counters.get(name)}")


def _sealed(session: Session) -> Iterator[Finding]:
    """Every row of the journal has its place in the order of commits or waits for one; places are 1, 2, 3 …"""
    rows = set(session.scalars(select(JournalEntry.id)))
    seals = {seal.entry_id: seal.sequence for seal in session.scalars(select(Seal))}
    waiting = set(session.scalars(select(Unsealed.entry_id).where(~Unsealed.refused)))
    if sorted(seals.values()) != list(range(1, len(seals) + 1)):
        yield Finding(Promise.NUMBERS, f"{len(seals)} rows of the feed do not count from 1 to {len(seals)}")
    if rows != seals.keys() | waiting or seals.keys() & waiting:
        yield Finding(Promise.JOURNAL, f"{len(rows)} rows, {len(seals)} sealed, {len(waiting)} waiting")


def _whole(session: Session, history: dict[int, list[JournalEntry]]) -> Iterator[Finding]:
    """Rows of other tables are there exactly where the journal has the acts that bring them."""
    wanted: Counter[tuple[str, int]] = Counter()
    for case_id, rows in history.items():
        wanted.update((table, case_id) for row in rows for table in ROWS.get(row.act, ()))
    there: Counter[tuple[str, int]] = Counter()
    for name in sorted({table for tables in ROWS.values() for table in tables}):
        of = Base.metadata.tables[name].c.case_id
        there.update(
            {(name, case_id): count for case_id, count in session.execute(select(of, func.count()).group_by(of))}
        )
    for name, case_id in sorted({*wanted, *there}):
        if wanted[name, case_id] != there[name, case_id]:
            counts = f"{there[name, case_id]} rows, the journal wants {wanted[name, case_id]}"
            yield Finding(Promise.WHOLE, f"case {case_id}: {name} has {counts}")
    numbers: dict[tuple[int, str], list[int]] = defaultdict(list)
    for row in session.scalars(select(IssuedDocument)):
        numbers[row.case_id, row.doc.value].append(row.number)
    for (case_id, doc), found in numbers.items():
        if sorted(found) != list(range(1, len(found) + 1)):
            yield Finding(Promise.NUMBERS, f"case {case_id}: documents {doc} are numbered {sorted(found)}")
