"""The volume of an archived case: sealed with the act of archiving, built when first asked for, the same bytes ever after.

Archiving reads a few rows and writes one digest; documents are set and pages drawn later, outside that transaction. The
first build keeps its files in the store and its manifest's digest in the journal, and every later package is put
together from these.
"""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic import Field
from sqlalchemy import ColumnElement, extract, func, select, update
from sqlalchemy.orm import Session

from app.domain import archive, clock
from app.domain.archive import (
    CASE,
    CLOCK,
    CLOCK_PAGE,
    INDEX,
    JOURNAL,
    MANIFEST,
    SEALED,
    AgencyRecord,
    ClockDay,
    ClockNode,
    ClockRecord,
    Entry,
    Journal,
    Manifest,
    Record,
)
from app.domain.commands import Strict
from app.domain.terms import DocumentForm, State
from app.errors import ActionRefused, ChangedMeanwhile
from app.models import (
    Assistance,
    Attachment,
    Case,
    Complaint,
    Delivery,
    Draft,
    IssuedDocument,
    JournalEntry,
    Rectification,
    Review,
    SupplementaryReply,
)
from app.services import clock_page, clocks, documents, files, journal
from app.services.desk import Desk
from app.services.documents import Made
from app.services.files import File, Standing
from app.services.storage import store_of
from app.services.visibility import everywhere, require_unmasked
from app.services.volumes import pack

BUILT = "volume_built"


def seal(desk: Desk, file: File) -> None:
    """Seal a case that was archived a moment ago, in the transaction of that act: no file is made, none is written."""
    agency = AgencyRecord(
        code=file.agency.code, name=file.agency.name, region=file.agency.region, settings=file.settings
    )
    entries = _entries(desk.session, file.case.id)
    data = {
        "seal": archive.seal_of(_record(desk, file, agency, entries), entries),
        "retention_years": file.case.retention_years,
        "agency": agency.model_dump(mode="json"),
    }
    journal.record(desk, SEALED, "封存案卷", case=file.case, on=file.case.archived_on, data=data)
    desk.session.flush()


@dataclass(frozen=True, slots=True)
class Volume:
    """A built volume: `manifest` names its files, which are in the store."""

    case_id: int
    case_no: str
    manifest: Manifest
    package: bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class Build:
    """A first build that is not yet fixed: the digest of its manifest and the documents made for it."""

    case_id: int
    manifest_sha256: str
    package_sha256: str
    made: Sequence[Made]


def volume(desk: Desk, case_id: int) -> tuple[Volume, Build | None]:
    """Put the volume together. A `Build` comes with the first, to be fixed by `hand_out` before the answer leaves.

    Raises NotFound, ActionRefused before the case is archived, or Unavailable if the store has lost a file.
    """
    file = files.open_file(desk, case_id)
    if file.case.state is not State.ARCHIVED:
        message = f"案件现处“{file.case.state.label}”，归档后才有案卷"
        reason = {"kind": "state", "code": "not_archived", "message": message}
        raise ActionRefused(message, reasons=[reason])
    documents.refuse_erased(file.case)
    if file.case.ledger_id is not None and not any(entry.act == SEALED for entry in _entries(desk.session, case_id)):
        message = "这是由台账导入的历史案件，案卷在原处，本服务没有它的电子案卷"
        raise ActionRefused(message, reasons=[{"kind": "state", "code": "not_sealed", "message": message}])
    digest = _built(desk.session, case_id)
    if digest is not None:
        return _assembled(desk, file, digest), None
    members, made = _members(desk, file)
    store = store_of(desk.settings)
    for content in members.values():
        store.put(content)
    package = pack(members)
    digest = hashlib.sha256(members[MANIFEST]).hexdigest()
    manifest = Manifest.model_validate_json(members[MANIFEST])
    sha256 = hashlib.sha256(package).hexdigest()
    return Volume(case_id, file.case.case_no, manifest, package, sha256), Build(case_id, digest, sha256, made)


def hand_out(session: Session, desk: Desk, found: Volume, build: Build | None, *, taken: bool) -> None:
    """Fix a first build for good, and write down who took the package; a short transaction of its own.

    Raises ChangedMeanwhile when somebody else fixed other bytes in the meantime; asking again gives theirs.
    """
    case = session.execute(select(Case).where(Case.id == found.case_id).with_for_update()).scalar_one()
    if build is not None:
        _fix(session, desk, case, build)
    if taken:
        require_unmasked(desk.actor, case.agency_id)
        data = {"package": found.sha256}
        journal.append(session, desk.actor, desk.now, "volume_read", "取得案卷", case=case, data=data)


def _fix(session: Session, desk: Desk, case: Case, build: Build) -> None:
    earlier = _built(session, build.case_id)
    if earlier is not None:
        if earlier != build.manifest_sha256:
            raise ChangedMeanwhile
        return
    for made in build.made:
        column = IssuedDocument.pdf_sha256 if made.form is DocumentForm.PDF else IssuedDocument.docx_sha256
        mine = made.pdf_sha256 if made.form is DocumentForm.PDF else made.docx_sha256
        row = IssuedDocument.id == made.document_id
        session.execute(update(IssuedDocument).where(row, column.is_(None)).values({column: mine}))
        if session.scalar(select(column).where(row)) != mine:
            raise ChangedMeanwhile
    data = {"manifest": build.manifest_sha256, "package": build.package_sha256}
    journal.append(session, desk.actor, desk.now, BUILT, "生成案卷", case=case, data=data)


def _built(session: Session, case_id: int) -> str | None:
    """Return the digest of the manifest the first build fixed."""
    rows = select(JournalEntry.data).where(JournalEntry.case_id == case_id, JournalEntry.act == BUILT)
    data = session.scalar(rows.order_by(JournalEntry.id).limit(1))
    return str(data["manifest"]) if data else None


def _assembled(desk: Desk, file: File, digest: str) -> Volume:
    store = store_of(desk.settings)
    listed = store.get(digest)
    manifest = Manifest.model_validate_json(listed)
    members = {MANIFEST: listed} | {member.path: store.get(member.sha256) for member in manifest.files}
    package = pack(members)
    return Volume(file.case.id, file.case.case_no, manifest, package, hashlib.sha256(package).hexdigest())


def _members(desk: Desk, file: File) -> tuple[dict[str, bytes], list[Made]]:
    """Make every file of the volume, as of the moment of sealing."""
    entries = _entries(desk.session, file.case.id)
    sealed = entries[-1]
    agency = AgencyRecord.model_validate(sealed.data["agency"])
    file = _as_sealed(desk, file, agency, sealed.at)
    record = _record(desk, file, agency, entries)
    papers = Journal(case_no=record.case_no, entries=tuple(entries))
    then = replace(desk, now=sealed.at)
    members = {
        CASE: archive.canonical(record),
        JOURNAL: archive.canonical(papers),
        CLOCK: archive.canonical(_clock(file, then)),
        CLOCK_PAGE: clock_page.of_file(then, file).encode(),
        INDEX: archive.index_page(record),
    }
    made: list[Made] = []
    store = store_of(desk.settings)
    kept = {attachment.id: attachment.sha256 for attachment in record.attachments}
    for path, wanted in archive.expected(record).items():
        if wanted.document_id is not None and wanted.form is not None:
            made.append(documents.make(desk, file.case.id, wanted.document_id, wanted.form))
            members[path] = made[-1].content
        elif wanted.attachment_id is not None:
            members[path] = store.get(kept[wanted.attachment_id])
    members[MANIFEST] = archive.canonical(archive.manifest_of(record, papers, members))
    return members, made


def _as_sealed(desk: Desk, file: File, agency: AgencyRecord, at: dt.datetime) -> File:
    """Read the clock by the calendar, the settings and the day of archiving, whatever has changed since."""
    case, settings = file.case, agency.settings
    today = replace(desk, now=at).today
    reading = clocks.reading_of(case, file.acts, settings.clock_rules(case.kind), file.calendar, today)
    return replace(file, settings=settings, newest=file.calendar, today=today, reading=reading)


def _clock(file: File, then: Desk) -> ClockRecord:
    case, reading = file.case, file.reading
    lines = (
        clock.explain(case.received_on, file.acts, file.rules, file.calendar) if case.received_on and reading else ()
    )
    return ClockRecord(
        case_no=case.case_no,
        as_of=then.today,
        received_on=case.received_on,
        due_on=reading.due_on if reading else None,
        target_on=reading.target_on if reading else None,
        stopped_on=case.stopped_on,
        calendar_version=file.calendar.version,
        nodes=tuple(
            ClockNode(
                node=node.node.value,
                label=node.node.label,
                ref=node.ref,
                due_on=node.due_on,
                met_on=node.met_on,
                basis=node.basis,
            )
            for node in file.nodes
        ),
        days=tuple(
            ClockDay(on=line.on, kind=line.kind.value, counted=line.counted, n=line.n, why=line.why) for line in lines
        ),
    )


def _entries(session: Session, case_id: int) -> list[Entry]:
    """Read the journal of a case, up to its sealing if it has been sealed: who has read the volume is no part of it."""
    rows = session.scalars(select(JournalEntry).where(JournalEntry.case_id == case_id).order_by(JournalEntry.id)).all()
    last = next((place for place, row in enumerate(rows) if row.act == SEALED), len(rows))
    return [_entry(row) for row in rows[: last + 1]]


def _entry(row: JournalEntry) -> Entry:
    plain = {name: getattr(row, name) for name in Entry.model_fields if name != "data"}
    return Entry.model_validate(plain | {"data": row.whole})


def _record(desk: Desk, file: File, agency: AgencyRecord, entries: Sequence[Entry]) -> Record:
    case, session = file.case, desk.session
    with everywhere(
        session
    ):  # the other part of a split case may be another agency's by now; its number is ours to tell
        related = session.scalar(select(Case.case_no).where(Case.id == case.origin_id)) if case.origin_id else None
    application = {
        name: getattr(case, name)
        for name in ("channel", "portal", "external_no", "submitted_at", "received_on", "carrier", "delivery_method")
    }
    plain = {
        name: getattr(case, name)
        for name in ("kind", "case_no", "state", "outcome", "handler", "volume_no", "retention_years", "archived_on")
    }
    return Record.model_validate(
        plain
        | {name: getattr(case, name) for name in ("due_on", "target_on", "stopped_on")}
        | {
            "agency": agency,
            "related_case_no": related,
            "application": application
            | {"purpose": case.purpose, "applicant": file.applicant, "items": tuple(file.items)},
            "drafts": _rows(session, Draft, case.id),
            "reviews": _rows(session, Review, case.id),
            "reply": file.reply,
            "rectification": file.matter if isinstance(file.matter, Rectification) else None,
            "complaint": _complaint(desk, file),
            "decision": file.decision,
            "supplements": _rows(session, SupplementaryReply, case.id),
            "deliveries": _rows(session, Delivery, case.id),
            "assistances": _rows(session, Assistance, case.id),
            "documents": _rows(session, IssuedDocument, case.id),
            "attachments": _rows(session, Attachment, case.id),
            "procedure": archive.procedure_of(entries),
        },
        from_attributes=True,
    )


def _complaint(desk: Desk, file: File) -> dict[str, object] | None:
    matter = file.matter
    if not isinstance(matter, Complaint):
        return None
    about, case_no = files.complained_of(desk, matter)
    return {
        "about_agency": about.code,
        "about_case_no": case_no,
        "grounds": matter.grounds,
        "outcome": matter.outcome,
    }


Kept = Draft | Review | SupplementaryReply | Delivery | Assistance | IssuedDocument | Attachment


def _rows(session: Session, kind: type[Kept], case_id: int) -> Sequence[object]:
    return tuple(session.scalars(select(kind).where(kind.case_id == case_id).order_by(kind.id)).all())


class Page(Strict):
    """Which page of a list."""

    page: int = Field(1, ge=1, le=10_000, description="第几页")
    size: int = Field(20, ge=1, le=100, description="每页件数")


def expired(desk: Desk, page: Page) -> tuple[list[Standing], int]:
    """List the archived cases whose retention has run out, for appraisal (鉴定); nothing is deleted by itself."""
    conditions = expired_by(desk.today)
    wanted = files.visible(desk).where(*conditions).order_by(Case.archived_on, Case.id)
    rows = desk.session.execute(wanted.limit(page.size).offset((page.page - 1) * page.size)).all()
    counted = select(func.count()).select_from(
        files.visible(desk).where(*conditions).with_only_columns(Case.id).subquery()
    )
    return files.standings(desk, rows), desk.session.scalar(counted) or 0


def expired_by(today: dt.date) -> tuple[ColumnElement[bool], ...]:
    """Build the conditions that a volume is there and its retention has run out."""
    year = today.year
    return (
        Case.state == State.ARCHIVED,
        Case.erased_at.is_(None),
        Case.retention_years.is_not(None),
        Case.archived_on < dt.date(year - 10, 1, 1),  # no period is shorter
        extract("year", Case.archived_on) + Case.retention_years < year,
    )
