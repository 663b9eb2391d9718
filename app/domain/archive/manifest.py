"""The list of a volume's files: every line but size and digest follows from the case itself, so that it can be redone."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from html import escape
from typing import Literal

from app.domain.archive.record import Journal, Moment, Part, Record, canonical
from app.domain.terms import MEDIA_TYPES, AttachmentKind, DocumentForm, FileType, State

MANIFEST, CASE, JOURNAL = "manifest.json", "case.json", "journal.json"
CLOCK, CLOCK_PAGE, INDEX = "clock.json", "clock.html", "index.html"

GENERATED: Mapping[str, tuple[str, str]] = {
    CASE: ("application/json", "案件全部内容：申请、办理、结论、审核、送达"),
    CLOCK: ("application/json", "期限计算：节点和逐日理由"),
    CLOCK_PAGE: ("text/html", "期限计算说明（可打印）"),
    INDEX: ("text/html", "卷内目录（可在浏览器中打开）"),
    JOURNAL: ("application/json", "办理经过：日志全部记录"),
}


class Expected(Part):
    """A file the volume must hold; `document_id` or `attachment_id` says whose bytes it is."""

    media_type: str
    title: str
    document_id: int | None = None
    attachment_id: int | None = None
    form: DocumentForm | None = None


class Member(Part):
    """A file of the volume; `size` in bytes."""

    path: str
    sha256: str
    size: int
    media_type: str
    title: str


class Manifest(Part):
    """`manifest.json`."""

    format: Literal[1] = 1
    kind: Literal["依申请公开案卷"] = "依申请公开案卷"
    case_no: str
    agency_code: str
    agency: str
    volume_no: str
    made_at: Moment  # when the case was archived, not when somebody asked for the package
    retention: str
    expires_on: dt.date | None
    seal: str
    files: tuple[Member, ...]
    files_sha256: str


def expires_on(archived_on: dt.date, retention_years: int | None) -> dt.date | None:
    """Return the last day of the retention period; None: for ever.

    The years are counted from the year after archiving, as archives usually count them; the law is silent.
    """
    return dt.date(archived_on.year + retention_years, 12, 31) if retention_years else None


def expected(record: Record) -> dict[str, Expected]:
    """List the files the volume of a case must hold, by path, without the manifest."""
    found = {path: Expected(media_type=kind, title=title) for path, (kind, title) in GENERATED.items()}
    for place, paper in enumerate(sorted(record.documents, key=lambda paper: paper.id), 1):
        title = f"{paper.doc.label}（{paper.document_no}）" if paper.document_no else paper.doc.label
        for form in DocumentForm:
            found[f"documents/{place:03d}-{paper.doc.value}.{form.value}"] = Expected(
                media_type=MEDIA_TYPES[FileType(form.value)],
                title=f"{title}：{form.label}",
                document_id=paper.id,
                form=form,
            )
    signed = next((draft for draft in record.drafts if record.reply and draft.id == record.reply.draft_id), None)
    provided = signed.content.get("attachment_ids", ()) if signed else ()
    kept = [file for file in record.attachments if file.withdrawn_at is None]
    for place, file in enumerate(sorted(kept, key=lambda file: file.id), 1):
        what = f"{file.kind.label}：{file.name}"
        if file.kind is AttachmentKind.REDACTED:
            what += "（区分处理）"
        if file.id in provided:
            what += "（随答复提供）"
        found[f"attachments/{place:03d}-{file.kind.value}.{file.file_type.value}"] = Expected(
            media_type=MEDIA_TYPES[file.file_type], title=what, attachment_id=file.id
        )
    return dict(sorted(found.items()))


def manifest_of(record: Record, journal: Journal, members: Mapping[str, bytes]) -> Manifest:
    """Write the manifest of these files; a file that the case does not call for is left out of it."""
    wanted = expected(record)
    files = tuple(
        Member(
            path=path,
            sha256=hashlib.sha256(members[path]).hexdigest(),
            size=len(members[path]),
            media_type=wanted[path].media_type,
            title=wanted[path].title,
        )
        for path in wanted
        if path in members
    )
    sealed = journal.entries[-1]
    return Manifest(
        case_no=record.case_no,
        agency_code=record.agency.code,
        agency=record.agency.name,
        volume_no=record.volume_no,
        made_at=sealed.at,
        retention=retention_label(record.retention_years),
        expires_on=expires_on(record.archived_on, record.retention_years),
        seal=str(sealed.data.get("seal", "")),
        files=files,
        files_sha256=files_digest(files),
    )


def files_digest(files: Sequence[Member]) -> str:
    """Return the SHA-256 of a manifest's own list of files."""
    return hashlib.sha256(canonical({"files": [file.model_dump(mode="json") for file in files]})).hexdigest()


def retention_label(years: int | None) -> str:
    return f"{years}年" if years else "永久"


def index_page(record: Record) -> bytes:
    """Write the volume's table of contents: plain HTML that opens without this service, ten or thirty years on."""
    rows = "".join(
        f'<tr><td>{no}</td><td><a href="{escape(path)}">{escape(entry.title)}</a></td><td>{escape(path)}</td></tr>\n'
        for no, (path, entry) in enumerate(expected(record).items(), 1)
    )
    head = (
        ("案卷号", record.volume_no),
        ("申请编号", record.case_no),
        ("机关", record.agency.name),
        ("申请人", record.application.applicant.name or "（未署名）"),
        (
            "申请内容",
            "；".join(item.title or item.document_no or item.description or "" for item in record.application.items),
        ),
        ("处理结果", record.outcome.label if record.outcome else ""),
        ("答复文号", record.reply.document_no if record.reply else "（未作答复）"),
        ("归档日期", record.archived_on.isoformat()),
        ("保管期限", retention_label(record.retention_years)),
        ("状态", State.ARCHIVED.label),
    )
    lines = "".join(f"<tr><th>{label}</th><td>{escape(value)}</td></tr>\n" for label, value in head)
    title = f"卷内目录 {escape(record.case_no)}"
    page = (
        f'<!doctype html>\n<html lang="zh-CN">\n<head><meta charset="utf-8"><title>{title}</title></head>\n<body>\n'
        f"<h1>{title}</h1>\n<table>\n{lines}</table>\n"
        f"<table>\n<tr><th>序号</th><th>题名</th><th>文件</th></tr>\n{rows}</table>\n</body>\n</html>\n"
    )
    return page.encode()
