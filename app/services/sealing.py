"""Sealing: committed rows of the journal get numbers without a gap, in the order of their commits, and are chained by hash.

A row's own id will not do for either: it is given before the commit, so that a reader who goes by ids misses a row that
commits late, and a rolled back transaction leaves a hole. A row that another transaction could have seen before it began
always gets the lower number.
"""

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from app.domain import seals
from app.models import Agency, JournalEntry, Seal, Unsealed
from app.services.journal import key_of, read

log = logging.getLogger(__name__)

CHANNEL = "disclosure_feed"
"""PostgreSQL tells whoever listens here the newest number (`NOTIFY`)."""

BATCH = 1000
_LOCK = 4530364


@dataclass(frozen=True, slots=True)
class Head:
    """The newest sealed row."""

    sequence: int
    root: str


def is_waiting(session: Session) -> bool:
    """Tell whether rows wait for their seal."""
    return session.scalar(select(Unsealed.entry_id).where(~Unsealed.refused).limit(1)) is not None


def head(session: Session) -> Head | None:
    """Return the newest sealed row; None while nothing is sealed."""
    row = session.execute(select(Seal.sequence, Seal.root).order_by(Seal.sequence.desc()).limit(1)).one_or_none()
    return Head(*row) if row else None


def newest(session: Session) -> int:
    """Return the newest number; 0 while nothing is sealed."""
    found = head(session)
    return found.sequence if found else 0


def root_at(session: Session, sequence: int) -> str | None:
    """Return the root over the first `sequence` rows; None where there are not so many."""
    return session.scalar(select(Seal.root).where(Seal.sequence == sequence))


def seal(session: Session, now: dt.datetime, *, batch: int = BATCH) -> int:
    """Seal the next rows; returns how many. 0 also while another process is at it: one seals at a time.

    A row whose mark is not the service's gets no seal, stays where it is and is reported by `verify journal`.
    """
    postgresql = session.get_bind().dialect.name == "postgresql"
    if postgresql and not session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))):
        return 0
    waiting = select(Unsealed.entry_id).where(~Unsealed.refused).order_by(Unsealed.entry_id).limit(batch)
    ids = session.scalars(waiting).all()
    key, entries = key_of(session), read(session, ids)
    sound = [entry for number in ids if (entry := entries.get(number)) and seals.is_marked(key, entry)]
    refused = sorted({*ids} - {entry.id for entry in sound})
    if refused:
        log.error("rows of the journal that the service did not write get no seal: %s", refused[:20])
        session.execute(update(Unsealed).where(Unsealed.entry_id.in_(refused)).values(refused=True))
    if not sound:
        return len(refused)
    links = _links(session, sound, now)
    session.execute(insert(Seal), links)
    session.execute(delete(Unsealed).where(Unsealed.entry_id.in_([entry.id for entry in sound])))
    if postgresql:
        session.execute(select(func.pg_notify(CHANNEL, str(links[-1]["sequence"]))))
    return len(ids)


def _links(session: Session, entries: Sequence[JournalEntry], now: dt.datetime) -> list[dict[str, object]]:
    last = head(session) or Head(0, seals.START)
    ends = _ends(session, {entry.agency_id for entry in entries})
    root, links = last.root, []
    for sequence, entry in enumerate(entries, last.sequence + 1):
        number, previous = ends.get(entry.agency_id, (0, seals.START))
        own = seals.link(previous, seals.digest_of(seals.content_of(entry.id, entry)))
        root = seals.link(root, own)
        ends[entry.agency_id] = number + 1, own
        links.append(
            {
                "sequence": sequence,
                "entry_id": entry.id,
                "agency_id": entry.agency_id,
                "number": number + 1,
                "hash": own,
                "root": root,
                "at": now,
            }
        )
    return links


def _ends(session: Session, agency_ids: set[int]) -> dict[int, tuple[int, str]]:
    """Find where the chains of these agencies end: one step down an index each, however long they are."""
    newest_of = select(Seal.sequence).where(Seal.agency_id == Agency.id).order_by(Seal.number.desc()).limit(1)
    ends = select(newest_of.correlate(Agency).scalar_subquery()).where(Agency.id.in_(agency_ids))
    rows = session.execute(select(Seal.agency_id, Seal.number, Seal.hash).where(Seal.sequence.in_(ends)))
    return {agency_id: (number, own) for agency_id, number, own in rows}
