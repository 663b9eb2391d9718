"""How long personal data stay: legal holds, which cases may be erased, and erasing them for good.

A volume is kept for as long as the agency's own table of periods says (档案法第14条), and nothing is destroyed before
somebody has appraised it: erasing is ordered, with the number of that decision, and never happens by itself. Which
period applies beyond that is the agency's setting.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pydantic import Field
from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from app.domain.archive import Manifest, expires_on
from app.domain.commands import Line, Strict
from app.domain.settings import AgencySettings
from app.domain.terms import State
from app.errors import Clash, StaleVersion
from app.models import (
    Agency,
    Applicant,
    Attachment,
    Case,
    CaseKey,
    CaseText,
    DataKey,
    DocumentTemplate,
    IssuedDocument,
    JournalEntry,
    Subject,
    SubjectGram,
)
from app.models.keyring import year_of
from app.models.sealed import sealed_fields
from app.services import archive, files, journal
from app.services.desk import Desk
from app.services.documents import refuse_erased
from app.services.encryption import wraps_nothing
from app.services.files import File
from app.services.storage import Store, store_of

STEP = 100


class Hold(Strict):
    """Why a case's data must stay, or need not any more."""

    reason: Line = Field(description="原因", examples=["申请人已提起行政诉讼，（2026）鲁06行初1号"])


def hold(desk: Desk, case_id: int, why: Hold, seen_version: int | None) -> File:
    """Put a case under a legal hold: it is not erased while that stands. Raises Clash if it is under one."""
    file = _locked(desk, case_id, seen_version)
    if file.case.held_at is not None:
        raise Clash("本案已经暂停删除")
    file.case.held_at = desk.now
    journal.record(desk, "legal_hold_placed", "暂停删除个人信息", case=file.case, private={"reason": why.reason})
    desk.session.flush()
    return files.reopen(desk, case_id)


def lift(desk: Desk, case_id: int, why: Hold, seen_version: int | None) -> File:
    """Lift a legal hold. Raises Clash if there is none."""
    file = _locked(desk, case_id, seen_version)
    if file.case.held_at is None:
        raise Clash("本案没有暂停删除")
    file.case.held_at = None
    journal.record(desk, "legal_hold_lifted", "恢复删除个人信息", case=file.case, private={"reason": why.reason})
    desk.session.flush()
    return files.reopen(desk, case_id)


def _locked(desk: Desk, case_id: int, seen_version: int | None) -> File:
    file = files.open_file(desk, case_id, lock=True)
    if seen_version is not None and seen_version != file.case.version:
        raise StaleVersion(f"案件现为第 {file.case.version} 版", headers={"ETag": f'"{file.case.version}"'})
    refuse_erased(file.case)
    return file


@dataclass(frozen=True, slots=True)
class Candidate:
    """An archived case whose periods have run out; `held` ones stay."""

    case_id: int
    case_no: str
    agency_code: str
    expired_on: dt.date
    held: bool


def candidates(desk: Desk, agency: Agency | None = None) -> list[Candidate]:
    """List the cases whose personal data may be erased today, and those that only a legal hold keeps."""
    archived = select(Case, Agency).join(Agency, Agency.id == Case.agency_id).where(*archive.expired_by(desk.today))
    archived = archived.where(Case.erased_at.is_(None)).order_by(Case.id)
    if agency is not None:
        archived = archived.where(_below(agency))
    found = []
    for case, office in desk.session.execute(archived):
        if (ended := _ends_on(case, AgencySettings.model_validate(office.settings))) and ended < desk.today:
            found.append(Candidate(case.id, case.case_no, office.code, ended, case.held_at is not None))
    return found


def _below(agency: Agency) -> ColumnElement[bool]:
    return or_(Agency.id == agency.id, Agency.path.startswith(agency.path, autoescape=True))


def _ends_on(case: Case, settings: AgencySettings) -> dt.date | None:
    """Return the last day on which personal data are kept: never before the volume's own period ends."""
    volume = expires_on(case.archived_on, case.retention_years) if case.archived_on else None
    ended = case.stopped_on or case.archived_on
    if volume is None or ended is None:
        return None  # for ever
    if settings.personal_data_years is None:
        return volume
    return max(volume, dt.date(ended.year + settings.personal_data_years, 12, 31))


def erase(desk: Desk, case_ids: Sequence[int], appraisal: str) -> list[str]:
    """Erase the personal data of cases that `candidates` has named; returns the digests of files nobody needs any more.

    The key of the case goes, and with it every text sealed by it in any table and in the journal; whatever would find the
    applicant again goes too. What was decided, when and under which numbers stays. The files are for the caller to drop
    once this is committed. A case that was put under a hold in the meantime is left out.
    """
    session = desk.session
    rows = session.scalars(
        select(Case)
        .where(Case.id.in_(case_ids), Case.erased_at.is_(None), Case.held_at.is_(None), Case.state == State.ARCHIVED)
        .with_for_update()
    ).all()
    digests: list[str] = []
    for case in rows:
        digests += _files_of(desk, case.id)
        journal.record(desk, "personal_data_erased", "删除个人信息", case=case, data={"appraisal": appraisal})
        session.flush()
        case.erased_at = desk.now
        case.updated_at = desk.now
    ids = [case.id for case in rows]
    session.flush()
    blank = dict.fromkeys(
        [*(field.name for field in sealed_fields(Applicant).values()), "id_digest", "name_digest", "phone_digest"]
    )
    session.execute(update(Applicant.__table__).where(Applicant.__table__.c.case_id.in_(ids)).values(blank))  # type: ignore[arg-type]  # a mapping's table is a Table
    for gone in (CaseKey, CaseText, Subject, SubjectGram):
        session.execute(delete(gone).where(gone.case_id.in_(ids)))
    _destroy_empty_keys(desk)
    session.flush()
    session.expire_all()
    return [digest for digest in dict.fromkeys(digests) if not _needed(session, digest, ids)]


def drop(store: Store, digests: Iterable[str]) -> None:
    """Throw away the files of erased cases, after their erasing has been committed."""
    for digest in digests:
        store.drop(digest)


def _files_of(desk: Desk, case_id: int) -> Iterator[str]:
    session = desk.session
    issued = select(IssuedDocument.docx_sha256, IssuedDocument.pdf_sha256).where(IssuedDocument.case_id == case_id)
    for made in session.execute(issued):
        yield from filter(None, made)
    yield from session.scalars(select(Attachment.sha256).where(Attachment.case_id == case_id))
    built = select(JournalEntry.data).where(JournalEntry.case_id == case_id, JournalEntry.act == archive.BUILT)
    for data in session.scalars(built):
        listed = store_of(desk.settings).get(data["manifest"])
        yield from (member.sha256 for member in Manifest.model_validate_json(listed).files)
        yield data["manifest"]


def _needed(session: Session, digest: str, erased: Sequence[int]) -> bool:
    """Tell whether another case or a template has the same file: files are kept under their content."""
    others = (
        select(Attachment.id).where(Attachment.sha256 == digest, Attachment.case_id.not_in(erased)),
        select(IssuedDocument.id).where(
            (IssuedDocument.docx_sha256 == digest)
            | (IssuedDocument.pdf_sha256 == digest)
            | (IssuedDocument.template_sha256 == digest),
            IssuedDocument.case_id.not_in(erased),
        ),
        select(DocumentTemplate.id).where(DocumentTemplate.sha256 == digest),
    )
    return any(session.scalar(other.limit(1)) is not None for other in others)


def _destroy_empty_keys(desk: Desk) -> None:
    """Destroy the keys of past years that wrap no case any more: not even a copy of the case's key opens then."""
    empty = select(DataKey).where(
        DataKey.year < year_of(desk.now),
        DataKey.wrapped.is_not(None),
        wraps_nothing(),
    )
    for key in desk.session.scalars(empty):
        key.wrapped, key.retired_at = None, key.retired_at or desk.now
