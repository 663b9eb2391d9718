"""Testing a package as a stranger would: nothing is believed that cannot be worked out again from the files themselves.

Needs no database and no network, so that an archive can run it on what it was handed.
"""

import hashlib
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TypeVar
from xml.etree.ElementTree import ParseError

import docx
import pypdfium2
from docx.opc.exceptions import OpcError
from pydantic import ValidationError

from app.domain import archive
from app.domain.archive import (
    CASE,
    CLOCK,
    CLOCK_PAGE,
    GENERATED,
    INDEX,
    JOURNAL,
    MANIFEST,
    ClockRecord,
    Finding,
    Journal,
    Manifest,
    Part,
    Record,
)
from app.domain.terms import DocumentForm, FileType, Quality
from app.services.file_types import examine
from app.services.volumes import pack

WHOLE = "（整个案卷包）"
MAX_PACKAGE = 2 << 30  # bytes
MAX_FILES = 2_000

P = TypeVar("P", bound=Part)

_ACTIVE_HTML = re.compile(
    rb"<\s*(script|iframe|object|embed|form|base|meta\s+http-equiv\s*=\s*[\"']?refresh)|\son[a-z]+\s*=|javascript:",
    re.IGNORECASE,
)
_DIVIDING = {0x02: "-", 0xFFFE: "-"}
_ACTIVE_PDF = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFile|OpenAction|AA)\b")


def check(package: bytes) -> list[Finding]:
    """Test a package. Returns what is wrong, by file; empty for a sound one. Never raises for bad content."""
    if len(package) > MAX_PACKAGE:
        return [Finding(WHOLE, Quality.SAFETY, "过大，不予打开")]
    found: list[Finding] = []
    members = _unpack(package, found)
    if members is None:
        return sorted(found)
    found += _unlisted_changes(members, package)
    papers = {
        path: _read(members, path, model, found)
        for path, model in ((MANIFEST, Manifest), (CASE, Record), (JOURNAL, Journal), (CLOCK, ClockRecord))
    }
    manifest, record, journal, clock = (papers[path] for path in (MANIFEST, CASE, JOURNAL, CLOCK))
    found += _pages(members)
    if isinstance(manifest, Manifest):
        found += _hashes(manifest, members)
    if isinstance(record, Record):
        found += _files(record, members)
        if isinstance(journal, Journal) and journal.entries:
            try:
                found += archive.incomplete(record, journal)
                if isinstance(clock, ClockRecord):
                    found += archive.unauthentic(record, journal, clock)
            except (KeyError, TypeError, ValueError, AttributeError):  # a step without its content
                found.append(Finding(JOURNAL, Quality.AUTHENTICITY, "有的记录缺少应有的内容"))
            if isinstance(manifest, Manifest):
                found += _manifest(manifest, record, journal, members)
        elif isinstance(journal, Journal):
            found.append(Finding(JOURNAL, Quality.COMPLETENESS, "没有任何记录"))
    return sorted(set(found))


def _unpack(package: bytes, found: list[Finding]) -> dict[str, bytes] | None:
    try:
        with zipfile.ZipFile(io.BytesIO(package)) as opened:
            entries = opened.infolist()
            if len(entries) > MAX_FILES or sum(entry.file_size for entry in entries) > MAX_PACKAGE:
                found.append(Finding(WHOLE, Quality.SAFETY, "文件过多或者解开后过大，不予打开"))
                return None
            names = Counter(entry.filename for entry in entries)
            for name, number in names.items():
                if number > 1:
                    found.append(Finding(name, Quality.SAFETY, f"同名文件有{number}个"))
                if not _plain(name):
                    found.append(Finding(name, Quality.SAFETY, "路径不安全"))
            members = {}
            for entry in entries:
                try:
                    members[entry.filename] = opened.read(entry)
                except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError, ValueError):
                    found.append(Finding(entry.filename, Quality.USABILITY, "不能解开，内容已经损坏"))
                except Exception as error:  # zlib, lzma and bz2 each have their own
                    if type(error).__module__ not in {"zlib", "_lzma", "lzma"}:
                        raise
                    found.append(Finding(entry.filename, Quality.USABILITY, "不能解开，内容已经损坏"))
            return members
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError, ValueError, IndexError):
        found.append(Finding(WHOLE, Quality.USABILITY, "不是完整的 ZIP 文件，不能打开"))
        return None


def _plain(name: str) -> bool:
    return re.fullmatch(r"(?:(?:documents|attachments)/)?[a-z0-9_-]+\.[a-z]+", name) is not None


def _unlisted_changes(members: Mapping[str, bytes], package: bytes) -> Iterator[Finding]:
    """The same files packed again give the same bytes, so whatever else the package says was put there later."""
    if pack(members) != package:
        yield Finding(WHOLE, Quality.AUTHENTICITY, "压缩包的结构不是本服务写成的样子，曾被改动或者重新打包")


def _read(members: Mapping[str, bytes], path: str, model: type[P], found: list[Finding]) -> P | None:
    if path not in members:
        found.append(Finding(path, Quality.COMPLETENESS, "缺少这个文件"))
        return None
    try:
        paper = model.model_validate_json(members[path])
    except ValidationError:
        found.append(Finding(path, Quality.USABILITY, "不能读取，或者格式不是案卷第1版"))
        return None
    if archive.canonical(paper) != members[path]:
        found.append(Finding(path, Quality.AUTHENTICITY, "写法不是本服务写成的样子，曾被改动"))
    return paper


def _hashes(manifest: Manifest, members: Mapping[str, bytes]) -> Iterator[Finding]:
    for file in manifest.files:
        content = members.get(file.path)
        if content is None:
            yield Finding(file.path, Quality.COMPLETENESS, "清单中有，包中没有")
        elif len(content) != file.size or hashlib.sha256(content).hexdigest() != file.sha256:
            yield Finding(file.path, Quality.AUTHENTICITY, "大小或者 SHA-256 与清单不符，内容被改动")
    listed = {file.path for file in manifest.files} | {MANIFEST}
    for path in members.keys() - listed:
        yield Finding(path, Quality.SAFETY, "清单中没有这个文件")


def _manifest(manifest: Manifest, record: Record, journal: Journal, members: Mapping[str, bytes]) -> Iterator[Finding]:
    fresh = archive.manifest_of(record, journal, members)
    labels = {
        "case_no": "案号",
        "agency_code": "机关代码",
        "agency": "机关",
        "volume_no": "案卷号",
        "made_at": "归档时间",
        "retention": "保管期限",
        "expires_on": "保管期限届满之日",
        "seal": "封存值",
        "files": "文件清单",
        "files_sha256": "文件清单的 SHA-256",
    }
    for name, label in labels.items():
        if getattr(manifest, name) != getattr(fresh, name):
            yield Finding(MANIFEST, Quality.AUTHENTICITY, f"{label}与案件、日志和文件不一致")


def _pages(members: Mapping[str, bytes]) -> Iterator[Finding]:
    for path in (CLOCK_PAGE, INDEX):
        if path not in members:
            continue
        content = members[path]
        if _ACTIVE_HTML.search(content):
            yield Finding(path, Quality.SAFETY, "含有脚本或者会动作的内容")
        try:
            text = content.decode()
        except UnicodeDecodeError:
            yield Finding(path, Quality.USABILITY, "不是 UTF-8 文本")
        else:
            if "</html>" not in text:
                yield Finding(path, Quality.USABILITY, "页面不完整")


def _files(record: Record, members: Mapping[str, bytes]) -> Iterator[Finding]:
    wanted = archive.expected(record)
    papers = {paper.id: paper for paper in record.documents}
    attached = {file.id: file for file in record.attachments}
    for path in wanted.keys() - members.keys():
        yield Finding(path, Quality.COMPLETENESS, f"缺少{wanted[path].title}")
    for path in members.keys() - wanted.keys() - {MANIFEST}:
        yield Finding(path, Quality.SAFETY, "案件中没有这个文件")
    if INDEX in members and members[INDEX] != archive.index_page(record):
        yield Finding(INDEX, Quality.AUTHENTICITY, "卷内目录与案件不一致")
    if CLOCK_PAGE in members and record.case_no.encode() not in members[CLOCK_PAGE]:
        yield Finding(CLOCK_PAGE, Quality.AUTHENTICITY, "不是这件案件的期限计算说明")
    for path in wanted.keys() & members.keys() - GENERATED.keys():
        entry, content = wanted[path], members[path]
        if entry.document_id is not None and entry.form is not None:
            kind = FileType(entry.form.value)
            yield from _document(path, content, kind, entry.form, papers[entry.document_id])
        elif entry.attachment_id is not None:
            yield from _attachment(path, content, attached[entry.attachment_id])


def _document(
    path: str, content: bytes, kind: FileType, form: DocumentForm, paper: archive.DocumentRecord
) -> Iterator[Finding]:
    seen = examine(path, content)
    if seen.file_type is not kind:
        yield Finding(path, Quality.USABILITY, f"不是{kind.label}")
        return
    yield from (Finding(path, Quality.SAFETY, fault) for fault in seen.faults)
    if kind is FileType.PDF and _ACTIVE_PDF.search(content):
        yield Finding(path, Quality.SAFETY, "含有脚本、附件或者会动作的内容")
    text = _pdf_text(content) if kind is FileType.PDF else _docx_text(content)
    if text is None:
        yield Finding(path, Quality.USABILITY, "不能打开")
        return
    for fault in archive.must_read(paper, form, text):
        yield Finding(path, Quality.AUTHENTICITY, f"{paper.doc.label}中{fault}")


def _attachment(path: str, content: bytes, row: archive.AttachmentRecord) -> Iterator[Finding]:
    if len(content) != row.size or hashlib.sha256(content).hexdigest() != row.sha256:
        yield Finding(path, Quality.AUTHENTICITY, "与收下时登记的 SHA-256 不符，内容被改动")
    seen = examine(path, content)
    if seen.file_type is not row.file_type:
        yield Finding(path, Quality.USABILITY, f"不是{row.file_type.label}")
    else:
        yield from (Finding(path, Quality.SAFETY, fault) for fault in seen.faults)


def _pdf_text(content: bytes) -> str | None:
    try:
        with pypdfium2.PdfDocument(content) as opened:
            # The reader gives U+0002 or U+FFFE for a hyphen at which it takes a word to be divided.
            text = "".join(page.get_textpage().get_text_bounded() for page in opened).translate(_DIVIDING)
            return text if len(opened) else None
    except pypdfium2.PdfiumError:
        return None


def _docx_text(content: bytes) -> str | None:
    try:
        body = docx.Document(io.BytesIO(content)).element.body
    except (OpcError, ParseError, zipfile.BadZipFile, KeyError, ValueError, SyntaxError, OSError):
        return None
    return "".join(node.text or "" for node in body.iter() if node.tag.endswith("}t"))
