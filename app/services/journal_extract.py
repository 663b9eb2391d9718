"""Taking the journal of one case out of the service, with the proof that it is the journal."""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.domain import journal_extract, seals
from app.domain.journal_extract import ExtractRow, JournalExtract, Neighbour, RowContent, SignedHead
from app.errors import ActionRefused
from app.models import Agency, Case, JournalEntry, Seal
from app.services import checkpoints, files, journal, sealing
from app.services.desk import SHANGHAI, Desk

_Links = dict[tuple[int, int], tuple[Seal, JournalEntry]]  # by agency and number


def of_case(desk: Desk, case_id: int) -> JournalExtract:
    """Put the extract of a case together; raises NotFound, or ActionRefused while rows of it wait for their seal."""
    case = files.open_file(desk, case_id).case
    session = desk.session
    rows = session.execute(
        select(JournalEntry, Seal, Agency.code)
        .join(Agency, Agency.id == JournalEntry.agency_id)
        .outerjoin(Seal, Seal.entry_id == JournalEntry.id)
        .where(JournalEntry.case_id == case_id)
        .order_by(Seal.sequence)
    ).all()
    head = sealing.head(session)
    if head is None or any(seal is None for _, seal, _ in rows):
        message = "这件案件有日志尚未编号封存，请稍后再取；长时间不能取得的，请检查后台工作（work）是否在运行"
        raise ActionRefused(message, reasons=[{"kind": "state", "code": "not_sealed", "message": message}])
    links = _links(session, [seal for _, seal, _ in rows])
    signer = checkpoints.Signer(desk.settings.journal_seed)
    extract = JournalExtract(
        case_id=case_id,
        case_no=case.case_no,
        made_at=desk.now.astimezone(SHANGHAI).isoformat(),
        rows=[_row(links, entry, seal, code) for entry, seal, code in rows],
        head=SignedHead(sequence=head.sequence, root=head.root),
        public_key=signer.public_key,
    )
    return extract.model_copy(update={"signature": signer.sign(extract.signed)})


def write_down(session: Session, desk: Desk, extract: JournalExtract) -> None:
    """Journal that somebody took an extract, in a short transaction of its own."""
    case = session.get_one(Case, extract.case_id)
    data = {"rows": len(extract.rows), "head": extract.head.sequence}
    journal.append(session, desk.actor, desk.now, "journal_extracted", "摘录日志", case=case, data=data)


def faults(extract: JournalExtract, public_key: str | None) -> list[str]:
    """Test an extract with nothing but the file and, if known, the public key that the agency published."""
    found = [*journal_extract.faults(extract)]
    if public_key is not None and public_key != extract.public_key:
        found.insert(0, "签名用的不是所给的公钥")
    if not checkpoints.is_signed(extract.public_key, extract.signed, extract.signature):
        found.insert(0, "签名不对：摘录被改动")
    return found


def _row(links: _Links, entry: JournalEntry, seal: Seal, agency_code: str) -> ExtractRow:
    before, after = (links.get((seal.agency_id, seal.number + step)) for step in (-1, 1))
    earlier = links.get((seal.agency_id, seal.number - 2))
    return ExtractRow(
        sequence=seal.sequence,
        number=seal.number,
        agency_code=agency_code,
        previous=before[0].hash if before else seals.START,
        hash=seal.hash,
        content=RowContent.model_validate(seals.content_of(entry.id, entry)),
        data=entry.data,
        before=_neighbour(before[1], earlier[0].hash if earlier else seals.START) if before else None,
        after=_neighbour(after[1], seal.hash) if after else None,
    )


def _neighbour(entry: JournalEntry, previous: str) -> Neighbour:
    return Neighbour(previous=previous, digest=seals.digest_of(seals.content_of(entry.id, entry)))


def _links(session: Session, rows: Sequence[Seal]) -> _Links:
    """Read the links around the given ones: two before, for the hash of the first of them, and one after."""
    wanted: dict[int, set[int]] = {}
    for seal in rows:
        wanted.setdefault(seal.agency_id, set()).update(seal.number + step for step in (-2, -1, 0, 1))
    these = [(Seal.agency_id == agency_id) & Seal.number.in_(numbers) for agency_id, numbers in wanted.items()]
    found = session.execute(
        select(Seal, JournalEntry).join(JournalEntry, JournalEntry.id == Seal.entry_id).where(or_(*these))
    )
    return {(seal.agency_id, seal.number): (seal, entry) for seal, entry in found}
