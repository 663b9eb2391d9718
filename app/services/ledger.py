"""An agency's history comes in: importing a ledger whole or not at all.

What can be prepared is prepared before the writing transaction begins, so that nobody waits for the reading of a file:
the rows are judged, the clocks folded, the search words cut. The transaction then asks again only what may have changed.

An imported case is a case like any other. With a result it is archived history: its clock is folded from the acts the
ledger tells, so that remedy windows and the annual report count it; its papers stay where they are, and it has no sealed
volume here. Without a result it stands at the beginning of the procedure with a running clock.
"""

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app.domain import ledger
from app.domain.ledger import Entry, Fault
from app.domain.settings import AgencySettings
from app.domain.terms import CaseKind, ReportRow, State
from app.errors import ChangedMeanwhile, Clash, Invalid, NotFound
from app.models import Agency, Applicant, Case, CaseItem, CaseText, ClockEntry, LedgerImport, RunningClock
from app.models.case import NO_QUERY_CODE
from app.models.keyring import fresh, keyring_of
from app.services import blind, clocks, journal, ledger_files, search
from app.services.clocks import Projection
from app.services.counters import next_numbers
from app.services.desk import SHANGHAI, Desk
from app.services.stages import Stages
from app.services.visibility import in_reach

IMPORTED, LEDGER_IMPORTED = "imported", "ledger_imported"
LABEL = "由台账导入"
CHUNK = 1_000
SHOWN = 200  # faults repeated in a refusal; a dry run gives all of them

Progress = Callable[[int, int], None]
"""Told from time to time how many rows are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a file holds and what became of it; with `faults` nothing was written."""

    agency_code: str
    name: str
    sha256: str
    faults: Sequence[Fault]
    cases: int
    open_cases: int
    results: Counter[ReportRow]
    years: Counter[int]  # of receipt
    ledger_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A file that may come in, with all that does not depend on the moment of writing."""

    agency_id: int
    edition: int
    entries: Sequence[Entry]
    folded: Sequence[Projection]
    tokens: Sequence[str]


@dataclass(slots=True)
class _Fold:
    """The clock of one agency; rows of the same days fold alike."""

    desk: Desk
    agency: Agency
    made: dict[tuple[Any, ...], Projection] = field(default_factory=dict)

    def of(self, entry: Entry) -> Projection:
        key = (entry.received_on, *entry.acts)
        if key not in self.made:
            rules, calendar = clocks.rules_of(self.agency), self.desk.book.of(self.agency.region)
            self.made[key] = clocks.projection(entry.received_on, entry.received_on, entry.acts, rules, calendar)
        return self.made[key]


def bring_in(
    stages: Stages, agency_code: str, name: str, content: bytes, *, dry_run: bool, progress: Progress = lambda *_: None
) -> Outcome:
    """Import a ledger, or with `dry_run` only judge it; what comes back with faults was not imported.

    Raises NotFound for an agency out of reach, Clash for a file this agency has imported before.
    """
    outcome, prepared = stages.read(lambda desk: _judge(desk, agency_code, name, content, progress))
    if dry_run or prepared is None:
        return outcome
    return stages.write(lambda desk: _enter(desk, outcome, prepared, progress))


def refuse_faulty(outcome: Outcome) -> None:
    """Refuse a file with faults, naming them; raises Invalid."""
    faults = outcome.faults
    if not faults:
        return
    reasons = [
        {"kind": "field", "code": fault.code, "field": fault.column, "message": fault.sentence}
        for fault in faults[:SHOWN]
    ]
    more = f"（只列出前{SHOWN}处；试运行列出全部）" if len(faults) > SHOWN else ""
    raise Invalid(f"台账有{len(faults)}处错误，没有导入任何一件{more}：{faults[0].sentence}", reasons=reasons)


def agency_of(desk: Desk, code: str | None) -> Agency:
    """Find an agency the caller may work for; his own without a code. Raises NotFound."""
    wanted = Agency.code == code if code else Agency.id == desk.actor.agency_id
    agency = desk.session.scalar(select(Agency).where(wanted))
    if agency is None or not in_reach(desk.actor, agency):
        raise NotFound
    return agency


def imports(desk: Desk, agency: Agency, page: int, size: int) -> tuple[Sequence[LedgerImport], int]:
    """List the ledgers an agency has imported, newest first."""
    mine = LedgerImport.agency_id == agency.id
    rows = select(LedgerImport).where(mine).order_by(LedgerImport.id.desc()).limit(size).offset((page - 1) * size)
    total = desk.session.scalar(select(func.count()).select_from(LedgerImport).where(mine)) or 0
    return desk.session.scalars(rows).all(), total


def _judge(
    desk: Desk, agency_code: str, name: str, content: bytes, progress: Progress
) -> tuple[Outcome, _Prepared | None]:
    agency = agency_of(desk, agency_code)
    digest = hashlib.sha256(content).hexdigest()
    _refuse_known(desk.session, agency.id, digest)
    calendar = desk.book.of(agency.region)
    rows, faults = ledger_files.read(name, content)
    entries: list[Entry] = []
    if rows and not faults:
        places, faults = ledger.read_header(rows[0][1])
        if not faults:
            entries, faults = ledger.read(rows[1:], places, first_day=calendar.first, today=desk.today)
            known = _known_numbers(desk.session, agency.id)
            faults += [_taken(entry) for entry in entries if entry.number in known]
            faults.sort(key=lambda fault: fault.row)
    outcome = Outcome(
        agency_code=agency.code,
        name=name[:200],
        sha256=digest,
        faults=faults,
        cases=len(entries),
        open_cases=sum(entry.result is None for entry in entries),
        results=Counter(entry.result for entry in entries if entry.result),
        years=Counter(entry.received_on.year for entry in entries),
    )
    if faults:
        return outcome, None
    fold, folded, tokens = _Fold(desk, agency), [], []
    for done, entry in enumerate(entries):
        if done % CHUNK == 0:
            progress(done, 2 * len(entries))
        folded.append(fold.of(entry))
        tokens.append(
            search.tokens(desk.session, entry.number, blind.public_name(entry.kind, entry.name), entry.content)
        )
    return outcome, _Prepared(agency.id, desk.book.edition, entries, folded, tokens)


def _refuse_known(session: Session, agency_id: int, digest: str) -> None:
    same = select(LedgerImport).where(LedgerImport.agency_id == agency_id, LedgerImport.sha256 == digest)
    if earlier := session.scalar(same):
        day = earlier.imported_at.astimezone(SHANGHAI).date()
        raise Clash(f"这个文件已于{day}导入过（{earlier.cases}件），同一文件不重复导入")


def _known_numbers(session: Session, agency_id: int) -> set[str]:
    rows = session.execute(select(Case.case_no, Case.external_no).where(Case.agency_id == agency_id))
    return {number for row in rows for number in row if number}


def _taken(entry: Entry) -> Fault:
    return Fault(entry.row, ledger.NUMBER, "taken", "本机关已有这个编号的申请")


def _enter(desk: Desk, outcome: Outcome, prepared: _Prepared, progress: Progress) -> Outcome:
    """Write all cases in one transaction. The agency's row is locked, so that of two imports one waits for the other."""
    session = desk.session
    agency = session.scalars(select(Agency).where(Agency.id == prepared.agency_id).with_for_update()).one()
    _refuse_known(session, agency.id, outcome.sha256)
    known = _known_numbers(session, agency.id)
    if faults := [_taken(entry) for entry in prepared.entries if entry.number in known]:
        return replace(outcome, faults=faults)
    if desk.book.edition != prepared.edition:  # the calendar changed between judging and writing
        raise ChangedMeanwhile("工作日历刚刚更新，请重新导入")
    row = LedgerImport(
        agency_id=agency.id,
        sha256=outcome.sha256,
        name=outcome.name,
        cases=outcome.cases,
        open_cases=outcome.open_cases,
        imported_at=desk.now,
        imported_by=desk.actor.name,
    )
    session.add(row)
    session.flush()
    numbers = {
        year: iter(next_numbers(session, f"case:{agency.code}:{year}", count)) for year, count in outcome.years.items()
    }
    total = len(prepared.entries)
    for first in range(0, total, CHUNK):
        progress(total + first, 2 * total)
        part = slice(first, first + CHUNK)
        case_nos = [
            f"{agency.code}-{entry.received_on.year}-{next(numbers[entry.received_on.year]):06d}"
            for entry in prepared.entries[part]
        ]
        _write(desk, agency, row.id, prepared, part, case_nos)
    data = {"ledger": row.id, "sha256": row.sha256, "cases": row.cases, "open_cases": row.open_cases}
    journal.record(desk, LEDGER_IMPORTED, "导入台账", agency_id=agency.id, data=data)
    progress(2 * total, 2 * total)
    return replace(outcome, ledger_id=row.id)


def _write(
    desk: Desk, agency: Agency, ledger_id: int, prepared: _Prepared, part: slice, case_nos: Sequence[str]
) -> None:
    """Write some of the cases with all that belongs to them, a statement per table."""
    entries, session = prepared.entries[part], desk.session
    retention = AgencySettings.model_validate(agency.settings).retention_years
    rows = [
        _case(desk, agency, ledger_id, entry, case_no, retention) | folded.final
        for entry, case_no, folded in zip(entries, case_nos, prepared.folded[part], strict=True)
    ]
    for row in rows:
        row["calendar_edition"] = desk.book.edition if row["stopped_on"] else None
    ring = keyring_of(session)
    keys = [fresh() for _ in rows]
    sealed = [ring.sealed(Case, row, key) for row, key in zip(rows, keys, strict=True)]
    made = session.execute(insert(Case).returning(Case.case_no, Case.id), sealed)
    id_of = dict(made.all())
    ids = [id_of[case_no] for case_no in case_nos]
    running = [
        {"case_id": case_id, "agency_id": agency.id} | columns
        for case_id, folded in zip(ids, prepared.folded[part], strict=True)
        if (columns := folded.running) is not None
    ]
    if running:
        session.execute(insert(RunningClock), running)
    ring.keep(session, dict(zip(ids, keys, strict=True)), agency.id, desk.now)
    digests = [blind.digests(session, entry) for entry in entries]
    session.execute(
        insert(Applicant),
        [
            ring.sealed(
                Applicant,
                {
                    "case_id": case_id,
                    "kind": entry.kind,
                    "name": entry.name,
                    "id_type": entry.id_type,
                    "id_number": entry.id_number,
                    "phone": entry.phone,
                    **found,
                },
                key,
            )
            for case_id, entry, found, key in zip(ids, entries, digests, keys, strict=True)
        ],
    )
    session.execute(
        insert(CaseItem),
        [
            ring.sealed(CaseItem, {"case_id": case_id, "no": 1, "description": entry.content}, key)
            for case_id, entry, key in zip(ids, entries, keys, strict=True)
        ],
    )
    session.execute(
        insert(CaseText),
        [
            {"case_id": case_id, "tokens": f"{search.tokens(session, case_no)} {tokens}"}
            for case_id, case_no, tokens in zip(ids, case_nos, prepared.tokens[part], strict=True)
        ],
    )
    acts = [
        {
            "case_id": case_id,
            "act": act.act,
            "on": act.on,
            "data": clocks.entered(act),
            "recorded_at": desk.now,
            "recorded_by": desk.actor.name,
        }
        for case_id, entry in zip(ids, entries, strict=True)
        for act in entry.acts
    ]
    if acts:
        session.execute(insert(ClockEntry), acts)
    notes = [
        (case_id, agency.id, _state(entry), {"ledger": ledger_id, "row": entry.row})
        for case_id, entry in zip(ids, entries, strict=True)
    ]
    journal.record_many(desk, IMPORTED, LABEL, notes)


def _state(entry: Entry) -> State:
    return State.ARCHIVED if entry.result else State.REGISTERED


def _case(
    desk: Desk, agency: Agency, ledger_id: int, entry: Entry, case_no: str, retention: int | None
) -> dict[str, Any]:
    return {
        "version": 1,
        "kind": CaseKind.DISCLOSURE,
        "case_no": case_no,
        "agency_id": agency.id,
        "state": _state(entry),
        "channel": entry.channel,
        "portal": f"ledger:{agency.id}",
        "external_no": entry.number,
        "query_code_digest": NO_QUERY_CODE,
        "submitted_at": dt.datetime.combine(entry.received_on, dt.time(), SHANGHAI),
        "received_on": entry.received_on,
        "title": entry.content[:200],
        "applicant_kind": entry.kind,
        "ledger_id": ledger_id,
        "outcome": entry.outcome,
        "archived_on": entry.over_on,
        "retention_years": retention if entry.over_on else None,
        "created_at": desk.now,
        "updated_at": desk.now,
    }
