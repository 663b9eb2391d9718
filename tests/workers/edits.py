"""What the owner of the database could do to the journal; `verify journal` has to tell each from a sound one.

An edit goes around triggers and constraints, as somebody with all rights would, and returns the numbers between which the first
bad row must be named; None for rows that have no number yet.
"""

from collections.abc import Callable, Mapping
from random import Random

from sqlalchemy import delete, func, insert, inspect, select, text, update
from sqlalchemy.orm import Session

from app.domain import seals
from app.models import Agency, JournalEntry, Seal, Unsealed

Span = tuple[int, int] | None
Edit = Callable[[Session, Random, int], Span]
STEPS = (12, 25, 40)
"""Up to these numbers the journal of the tests was sealed and signed; later rows wait."""

LAST = STEPS[-1]
FAR = 1_000_000


def open_up(session: Session) -> None:
    """Take away, in this transaction, everything the schema does to keep the journal."""
    if session.get_bind().dialect.name == "postgresql":
        for table in ("journal", "seals"):
            session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER {table}_is_kept"))
        session.execute(text("ALTER TABLE seals DROP CONSTRAINT fk_seals_entry_id_journal"))
    else:
        names = session.scalars(
            text("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name LIKE '%_is_kept_%'")
        )
        for name in names.all():
            session.execute(text(f"DROP TRIGGER {name}"))
        session.execute(text("PRAGMA defer_foreign_keys = ON"))
    session.execute(text("DROP INDEX ix_journal_mark"))


def entry_of(session: Session, sequence: int) -> int:
    return session.scalars(select(Seal.entry_id).where(Seal.sequence == sequence)).one()


def signed_after(sequence: int) -> int:
    return next(step for step in STEPS if step >= sequence)


def rebuild(session: Session) -> None:
    """Number and chain everything anew, as the sealer would have: no key is needed for that."""
    session.execute(update(Seal).values(sequence=Seal.sequence + 9 * FAR, number=Seal.number + 9 * FAR))
    ends: dict[int, tuple[int, str]] = {}
    root = seals.START
    pairs = session.execute(select(Seal.sequence, JournalEntry).join(JournalEntry, JournalEntry.id == Seal.entry_id))
    for sequence, (old, entry) in enumerate(sorted(pairs.all(), key=lambda pair: pair[0]), 1):
        number, previous = ends.get(entry.agency_id, (0, seals.START))
        own = seals.link(previous, seals.digest_of(seals.content_of(entry.id, entry)))
        root = seals.link(root, own)
        ends[entry.agency_id] = number + 1, own
        fresh = {"sequence": sequence, "agency_id": entry.agency_id, "number": number + 1, "hash": own, "root": root}
        session.execute(update(Seal).where(Seal.sequence == old).values(fresh))


def change_a_column(session: Session, rng: Random, at: int) -> Span:
    column = rng.choice(["act", "label", "actor", "actor_label", "state"])
    session.execute(update(JournalEntry).where(JournalEntry.id == entry_of(session, at)).values({column: "改过"}))
    return at, at


def change_the_content(session: Session, _rng: Random, at: int) -> Span:
    entry = session.get_one(JournalEntry, entry_of(session, at))
    session.execute(update(JournalEntry).where(JournalEntry.id == entry.id).values(data=entry.data | {"more": 1}))
    return at, at


def change_the_day(session: Session, _rng: Random, at: int) -> Span:
    entry = session.get_one(JournalEntry, entry_of(session, at))
    other = {"on": entry.on.replace(day=1), "at": entry.at.replace(minute=59, second=58)}
    session.execute(update(JournalEntry).where(JournalEntry.id == entry.id).values(other))
    return at, at


def garble(session: Session, _rng: Random, at: int) -> Span:
    """Write what cannot even be read; PostgreSQL's types keep that out, so it gets a number for an object."""
    garbage = "'[1' " if session.get_bind().dialect.name == "sqlite" else "'1'::jsonb"
    session.execute(text(f"UPDATE journal SET data = {garbage} WHERE id = {entry_of(session, at)}"))
    return at, at


def give_to_another_agency(session: Session, _rng: Random, at: int) -> Span:
    entry = session.get_one(JournalEntry, entry_of(session, at))
    other = session.scalars(select(Agency.id).where(Agency.id != entry.agency_id).order_by(Agency.id)).first()
    session.execute(update(JournalEntry).where(JournalEntry.id == entry.id).values(agency_id=other))
    rebuild(session)
    return at, at


def delete_the_content(session: Session, _rng: Random, at: int) -> Span:
    session.execute(delete(JournalEntry).where(JournalEntry.id == entry_of(session, at)))
    return at, at


def delete_with_its_seal(session: Session, _rng: Random, at: int) -> Span:
    entry_id = entry_of(session, at)
    session.execute(delete(Seal).where(Seal.sequence == at))
    session.execute(delete(JournalEntry).where(JournalEntry.id == entry_id))
    return at, at


def delete_and_close_the_gap(session: Session, rng: Random, at: int) -> Span:
    delete_with_its_seal(session, rng, at)
    session.execute(update(Seal).where(Seal.sequence > at).values(sequence=Seal.sequence + FAR))
    session.execute(update(Seal).where(Seal.sequence > at).values(sequence=Seal.sequence - FAR - 1))
    return at, at + 1


def delete_and_rebuild(session: Session, rng: Random, at: int) -> Span:
    delete_with_its_seal(session, rng, at)
    rebuild(session)
    return at, signed_after(at)


def take_the_seal(session: Session, _rng: Random, at: int) -> Span:
    session.execute(delete(Seal).where(Seal.sequence == at))
    return at, at


def insert_plainly(session: Session, rng: Random, at: int) -> Span:
    _insert(session, at, mark=f"{rng.getrandbits(256):064x}")
    return None


def insert_a_copy(session: Session, _rng: Random, at: int) -> Span:
    _insert(session, at)
    return None


def insert_with_a_seal(session: Session, rng: Random, at: int) -> Span:
    entry_id = _insert(session, at, mark=f"{rng.getrandbits(256):064x}")
    _seal_at(session, entry_id, at)
    return at, at


def insert_a_copy_with_a_seal(session: Session, _rng: Random, at: int) -> Span:
    _seal_at(session, _insert(session, at), at)
    return at, signed_after(at)


def insert_unreadably(session: Session, rng: Random, at: int) -> Span:
    entry_id = _insert(session, at, mark=f"{rng.getrandbits(256):064x}")
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text(f"UPDATE journal SET at = 'never' WHERE id = {entry_id}"))
    return None


def swap_contents(session: Session, rng: Random, at: int) -> Span:
    other = _other(rng, at)
    mine, theirs = entry_of(session, at), entry_of(session, other)
    _swap(session, "UPDATE journal SET id = :new WHERE id = :old", mine, theirs)
    return min(at, other), min(at, other)


def swap_places(session: Session, rng: Random, at: int) -> Span:
    other = _other(rng, at)
    _swap(session, "UPDATE seals SET sequence = :new WHERE sequence = :old", at, other)
    return min(at, other), min(at, other)


def swap_and_rebuild(session: Session, rng: Random, at: int) -> Span:
    other = _other(rng, at)
    _swap(session, "UPDATE seals SET sequence = :new WHERE sequence = :old", at, other)
    rebuild(session)
    return min(at, other), signed_after(min(at, other))


def cut_the_tail(session: Session, rng: Random, _at: int) -> Span:
    keep = rng.randrange(1, LAST)
    entries = session.scalars(select(Seal.entry_id).where(Seal.sequence > keep)).all()
    session.execute(delete(Seal).where(Seal.sequence > keep))
    session.execute(delete(JournalEntry).where(JournalEntry.id.in_(entries)))
    return keep + 1, keep + 1


def cut_the_tail_and_queue_it_again(session: Session, rng: Random, _at: int) -> Span:
    keep = rng.randrange(1, LAST)
    entries = session.scalars(select(Seal.entry_id).where(Seal.sequence > keep)).all()
    session.execute(delete(Seal).where(Seal.sequence > keep))
    session.execute(insert(Unsealed), [{"entry_id": entry_id} for entry_id in entries])
    return keep + 1, keep + 1


def empty_everything(session: Session, _rng: Random, _at: int) -> Span:
    for table in (Seal, JournalEntry, Unsealed):
        session.execute(delete(table))
    return 1, 1


def change_and_rebuild(session: Session, rng: Random, at: int) -> Span:
    change_the_content(session, rng, at)
    rebuild(session)
    return at, at


def change_a_hash(session: Session, rng: Random, at: int) -> Span:
    column = rng.choice(["hash", "root"])
    session.execute(update(Seal).where(Seal.sequence == at).values({column: f"{rng.getrandbits(256):064x}"}))
    return at, at


def change_a_waiting_row(session: Session, _rng: Random, _at: int) -> Span:
    waiting = select(func.min(Unsealed.entry_id)).scalar_subquery()
    session.execute(update(JournalEntry).where(JournalEntry.id == waiting).values(label="改过"))
    return None


def delete_a_waiting_row(session: Session, _rng: Random, _at: int) -> Span:
    waiting = session.scalars(select(func.min(Unsealed.entry_id))).one()
    session.execute(delete(JournalEntry).where(JournalEntry.id == waiting))
    return None


def _other(rng: Random, at: int) -> int:
    return rng.choice([number for number in range(1, LAST + 1) if number != at])


def _swap(session: Session, statement: str, one: int, other: int) -> None:
    for old, new in ((one, -1), (other, one), (-1, other)):
        session.execute(text(statement), {"old": old, "new": new})


def _insert(session: Session, like: int, **changes: object) -> int:
    """Insert a row like another; returns its id."""
    entry = session.get_one(JournalEntry, entry_of(session, like))
    columns = [column.key for column in inspect(JournalEntry).column_attrs if column.key != "id"]
    entry_id = (session.scalar(select(func.max(JournalEntry.id))) or 0) + 1
    row: Mapping[str, object] = {name: getattr(entry, name) for name in columns} | changes | {"id": entry_id}
    session.execute(insert(JournalEntry), [row])
    return entry_id


def _seal_at(session: Session, entry_id: int, at: int) -> None:
    """Put a seal before the one at a number, and make everything fit."""
    session.execute(update(Seal).where(Seal.sequence >= at).values(sequence=Seal.sequence + FAR))
    entry = session.get_one(JournalEntry, entry_id)
    made = {
        "sequence": at,
        "entry_id": entry_id,
        "agency_id": entry.agency_id,
        "number": FAR + FAR,
        "hash": "",
        "root": "",
    }
    session.execute(insert(Seal), [made | {"at": entry.at}])
    session.execute(delete(Unsealed).where(Unsealed.entry_id == entry_id))
    rebuild(session)


EDITS: tuple[Edit, ...] = (
    change_a_column,
    change_the_content,
    change_the_day,
    garble,
    give_to_another_agency,
    delete_the_content,
    delete_with_its_seal,
    delete_and_close_the_gap,
    delete_and_rebuild,
    take_the_seal,
    insert_plainly,
    insert_a_copy,
    insert_with_a_seal,
    insert_a_copy_with_a_seal,
    insert_unreadably,
    swap_contents,
    swap_places,
    swap_and_rebuild,
    cut_the_tail,
    cut_the_tail_and_queue_it_again,
    empty_everything,
    change_and_rebuild,
    change_a_hash,
    change_a_waiting_row,
    delete_a_waiting_row,
)
