"""What a file really is, told by its content, and whether it may come in: no macros, no archive that swells.

A file is never unpacked here: the directory of an archive is read, and from it one small member within a limit.
"""

import hashlib
import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass

from app.domain.terms import FileType

MAX_ENTRIES = 5_000
MAX_UNPACKED = 300 << 20  # bytes of all entries of an archive together
MAX_RATIO = 200  # times an entry may swell; text in office files reaches about 20
_RATIO_MATTERS = 1 << 20
_MAX_DIRECTORY = 4 << 20  # a document's own list of its parts

_EXTENSIONS = {"jpeg": FileType.JPG, **{kind.value: kind for kind in FileType}}
_PACKED = {"word/document.xml": FileType.DOCX, "xl/workbook.xml": FileType.XLSX, "OFD.xml": FileType.OFD}
_ACTIVE = re.compile(
    r"(^|/)(vba\w*\.(bin|xml)|macrosheets/.*|dialogsheets/.*|activex/.*|oleobject[^/]*)$", re.IGNORECASE
)
_ENCRYPTED = re.compile(rb"/(?:E|#45)(?:n|#6[eE])(?:c|#63)(?:r|#72)(?:y|#79)(?:p|#70)(?:t|#74)\s*(?:\d+\s+\d+\s+R|<<)")
_UNSAFE = re.compile(r'[\x00-\x1f\x7f"*/:<>?\\|\u200e\u200f\u202a-\u202e\u2066-\u2069]')


@dataclass(frozen=True, slots=True)
class Examined:
    """A file as it was found; with `faults`, in Chinese, it may not come in."""

    name: str  # cleaned for showing; nothing is ever stored under it
    content: bytes
    sha256: str
    file_type: FileType | None
    encrypted: bool
    faults: tuple[str, ...]


def examine(name: str, content: bytes) -> Examined:
    """Tell what a file is and what speaks against it."""
    shown = _shown(name)
    kind = _kind(content)
    faults: list[str] = []
    if not content:
        faults.append("文件是空的")
    elif kind is None:
        faults.append(_unknown(content))
    else:
        if kind is not _EXTENSIONS.get(shown.rpartition(".")[2].lower()):
            faults.append(f"文件的内容是{kind.label}，与文件名“{shown}”的扩展名不符")
        if content.startswith(b"PK"):
            faults += _packed_faults(content)
    encrypted = kind is FileType.PDF and _ENCRYPTED.search(content) is not None
    return Examined(shown, content, hashlib.sha256(content).hexdigest(), kind, encrypted, tuple(faults))


def _shown(name: str) -> str:
    """Keep what can be shown of a name: no path, no control characters, no signs that turn the writing direction."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    clean = _UNSAFE.sub("", last.encode("utf-8", "ignore").decode()).strip(" .")
    stem, dot, extension = clean.rpartition(".")
    return f"{stem[:180]}{dot}{extension[:10]}" if stem else (clean[:190] or "未命名")


def _kind(content: bytes) -> FileType | None:
    if content.startswith(b"%PDF-"):
        return FileType.PDF
    if content.startswith(b"\xff\xd8\xff"):
        return FileType.JPG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileType.PNG
    if content.startswith(b"PK\x03\x04"):
        return _packed_kind(content)
    return FileType.TXT if _is_text(content) else None


def _packed_kind(content: bytes) -> FileType | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return None
    return next((kind for name, kind in _PACKED.items() if name in names), None)


def _packed_faults(content: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        names = [entry.filename for entry in entries]
        found = []
        if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
            return ["文件解开后过大，不能接收"]
        if any(_swells(entry) for entry in entries):
            return ["文件的压缩比异常，不能接收"]
        if len(set(names)) != len(names) or any(".." in name.split("/") or name.startswith("/") for name in names):
            found.append("文件的内部结构异常，不能接收")
        if any(entry.flag_bits & 1 for entry in entries):
            found.append("文件加了密，请解密后上传")
        if any(_ACTIVE.search(name) for name in names) or _declares_macros(archive):
            found.append("文件含有宏或者嵌入的可执行对象，请另存为不含宏的文件后上传")
        return found


def _swells(entry: zipfile.ZipInfo) -> bool:
    return entry.file_size > _RATIO_MATTERS and entry.file_size > MAX_RATIO * max(entry.compress_size, 1)


def _declares_macros(archive: zipfile.ZipFile) -> bool:
    """Ask the document's own list of parts, whatever the macro's file is called."""
    try:
        with archive.open("[Content_Types].xml") as listed:
            declared = listed.read(_MAX_DIRECTORY).lower()
    except (KeyError, zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError):
        return False  # OFD has none
    return b"macroenabled" in declared or b"vbaproject" in declared


def _is_text(content: bytes) -> bool:
    if b"\x00" in content:
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return not re.search("[\x01-\x08\x0e-\x1f]", text)
    return False


def _unknown(content: bytes) -> str:
    if content.startswith(b"\xd0\xcf\x11\xe0"):  # old office files, and new ones with a password
        return "不接收旧格式（doc、xls、wps、et）或者加密的办公文件，请另存为 docx、xlsx 或者 pdf 后上传"
    return f"不接收这种文件，请上传：{'、'.join(kind.value for kind in FileType)}"
