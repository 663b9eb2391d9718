"""Keys over time: sealing what was written before there were any, and replacing keys while the service runs.

Replacing wraps anew and seals nothing anew: a key of an agency and year wraps the keys of its cases, so that the journal,
which nobody may change, need not be touched. Every step is a short transaction; readers and writers go on meanwhile.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, text, update
from sqlalchemy.orm import Session

from app.domain.terms import CaseKind
from app.domain.workflow import COMMANDS
from app.models import (
    AgencyKey,
    Applicant,
    Base,
    Case,
    CaseItem,
    CaseKey,
    CaseProblem,
    CatalogueDocument,
    Complaint,
    DataKey,
    Evaluation,
    JournalEntry,
    LedgerImport,
    Problem,
    Rectification,
    RemedyPaper,
    ReportSnapshot,
    SavedFilter,
    Supervision,
)
from app.models.keyring import Keyring, keyring_of
from app.models.sealed import place_of, sealed_fields
from app.sealing import KeyMissing, SealBroken, is_sealed
from app.services import blind, saved_filters, search

STEP = 500
KEPT_RETIRED = dt.timedelta(days=1)
"""How long a retired key stays, for whoever read what it wraps a moment before it was replaced."""

SEALED_KINDS: Sequence[Any] = sorted(
    (mapper.class_ for mapper in Base.registry.mappers if sealed_fields(mapper.class_)), key=lambda kind: kind.__name__
)
"""Every mapping with sealed columns."""

LATER: Sequence[Any] = (
    *(CaseProblem, CatalogueDocument, Evaluation, LedgerImport, Problem, RemedyPaper, ReportSnapshot, SavedFilter),
    Supervision,
)
"""The mappings some columns of which were sealed after others (migration 0029); all of them are small."""


def seal_existing(session: Session) -> int:
    """Seal every case that has no key yet, and what else stands open; returns how many cases.

    Run by `app.migrate`, in its transaction.
    """
    unsealed = select(Case.id).where(Case.id.not_in(select(CaseKey.case_id)), Case.erased_at.is_(None))
    ids = session.scalars(unsealed.order_by(Case.id)).all()
    if ids:
        with journal_open(session):
            for case_id in ids:
                _seal_case(session, case_id)
    _seal_later(session)
    return len(ids)


def _seal_later(session: Session) -> None:
    ring = keyring_of(session)
    for kind in LATER:
        columns = [getattr(kind, field.column) for field in sealed_fields(kind).values()]
        open_ = or_(*(column.not_like("v1.%") for column in columns))
        for row in session.scalars(select(kind).where(open_)).all():
            if isinstance(row, SavedFilter):
                row.name_digest = saved_filters.digest_of(session, row.__dict__["name_sealed"])
                session.flush()
            _seal_row(session, ring, row)
        session.expunge_all()


@contextmanager
def journal_open(session: Session) -> Iterator[None]:
    """Lift what refuses every change to the journal, for rows from before it was chained; the transaction may still fail."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("ALTER TABLE journal DISABLE TRIGGER journal_is_kept"))
        yield
        session.execute(text("ALTER TABLE journal ENABLE TRIGGER journal_is_kept"))
    else:
        name = "journal_is_kept_from_update"
        made = session.execute(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": name}).scalar_one()
        session.execute(text(f"DROP TRIGGER {name}"))
        yield
        session.execute(text(made))


def _seal_case(session: Session, case_id: int) -> None:
    case = session.get_one(Case, case_id)
    ring = keyring_of(session)
    ring.adopt(session, case_id, case.agency_id, case.created_at)
    for kind in SEALED_KINDS:
        own = Case.id if kind is Case else getattr(kind, "case_id", None)
        if own is None:
            continue
        for row in session.scalars(select(kind).where(own == case_id)).all():
            if isinstance(row, JournalEntry):
                _part(row)
                session.flush()
            _seal_row(session, ring, row)
    who = session.get_one(Applicant, case_id)
    session.flush()
    for column, digest in blind.digests(session, who).items():
        setattr(who, column, digest)
    _index(session, case)
    session.flush()
    session.expunge_all()


def _seal_row(session: Session, ring: Keyring, row: Any) -> None:
    """Seal the columns of a row as they stand, by the table: mapped, a version would be counted up."""
    table = row.__table__
    sealed = {}
    for field in sealed_fields(type(row)).values():
        text = getattr(row, field.column)
        if text is not None and not is_sealed(text):
            sealed[field.name] = ring.seal_or_lose(session, row, text, *place_of(row, field))
    if sealed:
        own = [column == getattr(row, column.key) for column in table.primary_key]
        session.execute(update(table).where(*own).values(sealed))
        session.refresh(row)


def _part(row: JournalEntry) -> None:
    """Take what was written in words out of what the feed shows."""
    given = row.data.get("command")
    words: dict[str, Any] = {}
    data = dict(row.data)
    if given is not None and row.act in COMMANDS:
        codes, said = COMMANDS[row.act].model_validate(given | {"on": row.on}).parted()
        data["command"] = codes
        words |= {"command": said} if said else {}
    if "reason" in data:
        words["reason"] = data.pop("reason")
    if words:
        row.data, row.private = data, words


def _index(session: Session, case: Case) -> None:
    who = session.get_one(Applicant, case.id)
    texts: list[str | None] = [case.case_no, case.external_no, blind.public_name(who.kind, who.name)]
    if case.kind is CaseKind.DISCLOSURE:
        for item in session.scalars(select(CaseItem).where(CaseItem.case_id == case.id).order_by(CaseItem.no)):
            texts += [item.title, item.document_no, item.description]
    elif case.kind is CaseKind.RECTIFICATION:
        matter = session.get_one(Rectification, case.id)
        texts += [matter.record, matter.correct_content]
    else:
        texts.append(session.get_one(Complaint, case.id).grounds)
    search.index(session, case.id, *texts)


def rewrap(session: Session, ring: Keyring) -> bool:
    """Wrap the next data keys by the current master key; False when all are."""
    current = ring.masters.current
    rows = session.scalars(
        select(DataKey).where(DataKey.master != current, DataKey.wrapped.is_not(None)).order_by(DataKey.id).limit(STEP)
    ).all()
    for row in rows:
        assert row.wrapped is not None, "selected so"
        row.wrapped, row.master = ring.wrap(row.kid, ring.unwrap_data(row.kid, row.wrapped)), current
    return bool(rows)


def retire(session: Session, ring: Keyring, now: dt.datetime) -> int:
    """Put a fresh key in the place of every data key in use; returns how many. What the old ones wrap stays readable."""
    rows = session.scalars(select(DataKey).where(DataKey.retired_at.is_(None)).order_by(DataKey.id)).all()
    for row in rows:
        row.retired_at = now
    session.flush()
    for row in rows:
        ring.make(session, row.agency_id, row.year, now)
    return len(rows)


def move_wrapped(session: Session, ring: Keyring, now: dt.datetime) -> bool:
    """Wrap the next keys of cases and agencies by the key that took the place of theirs; False when all are."""
    return any([_move(session, ring, now, CaseKey), _move(session, ring, now, AgencyKey)])


def _move(session: Session, ring: Keyring, now: dt.datetime, kind: Any) -> bool:
    rows = session.execute(
        select(kind, DataKey)
        .join(DataKey, DataKey.kid == kind.data_kid)
        .where(DataKey.retired_at.is_not(None))
        .order_by(kind.kid)
        .limit(STEP)
        .with_for_update(of=kind)
    ).all()
    for key, old in rows:
        kid, wrapping = ring.data_key(session, old.agency_id, old.year, now)
        key.wrapped = ring.rewrapped(session, key, kid, wrapping)
        key.data_kid = kid
    return bool(rows)


def wraps_nothing() -> ColumnElement[bool]:
    """Build the condition that a data key wraps neither the key of a case nor that of an agency's own texts."""
    return and_(DataKey.kid.not_in(select(CaseKey.data_kid)), DataKey.kid.not_in(select(AgencyKey.data_kid)))


def destroy_retired(session: Session, now: dt.datetime) -> int:
    """Destroy the retired keys that wrap nothing any more; returns how many."""
    old = select(DataKey).where(DataKey.wrapped.is_not(None), DataKey.retired_at < now - KEPT_RETIRED, wraps_nothing())
    rows = session.scalars(old).all()
    for row in rows:
        row.wrapped = None
    return len(rows)


def unopenable(session: Session) -> list[str]:
    """Open every sealed text once; returns where those stand that do not open, as `table.field`, each once.

    Raises KeyMissing when none can.
    """
    broken: dict[str, None] = {}
    for kind in SEALED_KINDS:
        for row in session.scalars(select(kind).execution_options(yield_per=STEP)):
            for field in sealed_fields(kind).values():
                try:
                    getattr(row, field.name)
                except KeyMissing:
                    raise
                except SealBroken:
                    broken[f"{kind.__tablename__}.{field.name}"] = None
    return list(broken)


def masters_in_use(session: Session) -> set[str]:
    """Name the master keys that wrap anything."""
    return set(session.scalars(select(DataKey.master).where(DataKey.wrapped.is_not(None)).distinct()))
