"""Testing the journal against itself and against the checkpoints: which row is the first that is not as it was sealed.

Reads every row once and believes none of the stored hashes. What each kind of edit by the owner of the database runs into:

* a changed row: its mark and its hash; a deleted one: its seal is left, or a number is missing;
* an inserted row: it has no mark of the service's, or that of another row; swapped rows: both hashes;
* a tail that was cut off: a checkpoint knows of more rows; a chain that was rebuilt: a checkpoint knows another root.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain import seals
from app.models import Agency, JournalEntry, Seal, Unsealed
from app.services import checkpoints, journal
from app.services.checkpoints import Checkpoint

_STEP = 2000
_MOST = 100


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it was sealed. `sequence` is None for rows that have no seal."""

    sequence: int | None
    entry_id: int | None
    code: str
    message: str


@dataclass(slots=True)
class Report:
    """What was found: faults in the order of the journal, at most a hundred of them."""

    sealed: int = 0
    waiting: int = 0
    checkpoints: int = 0
    checkpointed: int = 0  # the newest number that a checkpoint vouches for
    faults: list[Fault] = field(default_factory=list)

    @property
    def unsigned(self) -> int:
        """Return how many sealed rows no checkpoint vouches for yet."""
        return max(0, self.sealed - self.checkpointed)


def examine(session: Session, key: bytes, public_key: str, files: Sequence[Path]) -> Report:
    """Test the whole journal, in a session that sees one moment (`db.still`).

    Raises OSError for a checkpoint file that cannot be read.
    """
    report = Report()
    known: dict[int, set[str]] = {}
    torn: list[Fault] = []
    for path in files:
        for found in checkpoints.read(path, public_key):
            if isinstance(found, Checkpoint):
                known.setdefault(found.sequence, set()).add(found.root)
                report.checkpoints += 1
            else:
                message = f"检查点文件 {path} 第 {found} 行的签名不对，曾被改动，或者不是用现在的密钥签的"
                torn.append(Fault(None, None, "bad_checkpoint", message))
    report.checkpointed = max(known, default=0)
    for faults in (_sealed(session, key, known, report), _unsealed(session, key, report), _doubled(session), torn):
        for fault in faults:
            if len(report.faults) == _MOST:
                return report
            report.faults.append(fault)
    return report


def _sealed(session: Session, key: bytes, known: dict[int, set[str]], report: Report) -> Iterator[Fault]:
    codes = dict(session.execute(select(Agency.id, Agency.code)).all())
    ends: dict[int, tuple[int, str]] = {}
    last, root = 0, seals.START
    for seal, found, entry in _pairs(session):
        sequence = seal.sequence
        report.sealed += 1
        if sequence != last + 1:
            missing = f"第 {last + 1} 号" if sequence == last + 2 else f"第 {last + 1} 号至第 {sequence - 1} 号"
            yield Fault(last + 1, None, "missing", f"{missing}不见了，被删除")
        number, previous = ends.get(seal.agency_id, (0, seals.START))
        place = f"第 {sequence} 号（{codes.get(seal.agency_id, '机关不详')} 第 {seal.number} 行）"
        if seal.number != number + 1:
            yield Fault(sequence, seal.entry_id, "chain_broken", f"{place}之前，本机关的第 {number + 1} 行不见了")
        if not found:
            message = f"{place}的内容不见了，被删除（日志 id {seal.entry_id}）"
            yield Fault(sequence, seal.entry_id, "deleted", message)
        elif entry is None or not seals.is_marked(key, entry):
            message = f"{place}的内容不是本服务写下的样子：被改动，或者是他人插入的（日志 id {seal.entry_id}）"
            yield Fault(sequence, seal.entry_id, "changed", message)
        elif entry.agency_id != seal.agency_id or (seal.number == number + 1 and _hash(previous, entry) != seal.hash):
            message = f"{place}与链不符：被改动、调换或者插入（日志 id {entry.id}）"
            yield Fault(sequence, entry.id, "hash_differs", message)
        if seals.link(root, seal.hash) != seal.root and sequence == last + 1:
            yield Fault(sequence, seal.entry_id, "order_changed", f"{place}与全部日志的先后顺序不符：被调换或者被改动")
        if sequence in known and seal.root not in known[sequence]:
            message = f"{place}与检查点不符：这一行或者它之前的日志被改写后重新编过链"
            yield Fault(sequence, seal.entry_id, "rebuilt", message)
        last, root = sequence, seal.root
        ends[seal.agency_id] = seal.number, seal.hash
    if report.checkpointed > last:
        message = f"检查点记到第 {report.checkpointed} 号，数据库只到第 {last} 号：第 {last + 1} 号起的日志被截去"
        yield Fault(last + 1, None, "tail_cut", message)


def _pairs(session: Session) -> Iterator[tuple[Seal, bool, JournalEntry | None]]:
    """Give every seal with whether its row is there, and the row, None for one that cannot be read."""
    last = 0
    while page := session.scalars(select(Seal).where(Seal.sequence > last).order_by(Seal.sequence).limit(_STEP)).all():
        entries = journal.read(session, [seal.entry_id for seal in page])
        for seal in page:
            yield seal, seal.entry_id in entries, entries.get(seal.entry_id)
        last = page[-1].sequence


def _hash(previous: str, entry: JournalEntry) -> str:
    return seals.link(previous, seals.digest_of(seals.content_of(entry.id, entry)))


def _unsealed(session: Session, key: bytes, report: Report) -> Iterator[Fault]:
    """Test the rows without a seal: those that wait for it, and those that somebody took out of the queue."""
    queued = set(session.scalars(select(Unsealed.entry_id)))
    bare = select(JournalEntry.id).outerjoin(Seal, Seal.entry_id == JournalEntry.id).where(Seal.sequence.is_(None))
    ids = session.scalars(bare.order_by(JournalEntry.id)).all()
    report.waiting = len(ids)
    for start in range(0, len(ids), _STEP):
        entries = journal.read(session, ids[start : start + _STEP])
        for entry_id, entry in sorted(entries.items()):
            if entry is None or not seals.is_marked(key, entry):
                message = f"日志 id {entry_id}（尚未编号）不是本服务写下的样子：是他人插入的，或者被改动"
                yield Fault(None, entry_id, "forged", message)
            elif entry_id not in queued:
                yield Fault(None, entry_id, "seal_gone", f"日志 id {entry_id} 没有编号，也不在等待编号：它的编号被删除")
    gone = select(Unsealed.entry_id).outerjoin(JournalEntry, JournalEntry.id == Unsealed.entry_id)
    for entry_id in session.scalars(gone.where(JournalEntry.id.is_(None)).order_by(Unsealed.entry_id)):
        yield Fault(None, entry_id, "deleted", f"日志 id {entry_id} 在编号之前被删除")


def _doubled(session: Session) -> Iterator[Fault]:
    """Find copies: a mark belongs to one row. An index sees to it as long as nobody drops the index."""
    doubled = select(func.max(JournalEntry.id)).group_by(JournalEntry.mark).having(func.count() > 1)
    for entry_id in session.scalars(doubled):
        yield Fault(None, entry_id, "copied", f"日志 id {entry_id} 是另一行的复制品")


def first(faults: Iterable[Fault]) -> Fault | None:
    """Return the fault that stands first in the journal."""
    return min(faults, key=lambda fault: fault.sequence if fault.sequence is not None else 1 << 62, default=None)
