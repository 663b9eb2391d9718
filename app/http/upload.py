"""Files over HTTP: looked at before they come in, named in Chinese when they leave."""

from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, File, Response, UploadFile

from app.domain.terms import FileType
from app.services import file_types
from app.services.file_types import Examined

MEDIA_TYPES = {
    FileType.PDF: "application/pdf",
    FileType.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    FileType.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileType.OFD: "application/ofd",
    FileType.JPG: "image/jpeg",
    FileType.PNG: "image/png",
    FileType.TXT: "text/plain",
}
SHOWN_IN_PLACE = frozenset({FileType.PDF, FileType.JPG, FileType.PNG})


def send_file(content: bytes, kind: FileType, name: str) -> Response:
    """Answer with bytes under a Chinese name (RFC 6266); only what cannot act is shown in place."""
    way = "inline" if kind in SHOWN_IN_PLACE else "attachment"
    plain = f"file.{kind.value}"
    named = f"{way}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return Response(content, media_type=MEDIA_TYPES[kind], headers={"Content-Disposition": named})


def file_answer(*kinds: FileType) -> dict[int | str, dict[str, object]]:
    """Declare an answer of bytes of these types."""
    return {200: {"description": "文件", "content": {MEDIA_TYPES[kind]: {} for kind in kinds}}}


def _examined(file: Annotated[UploadFile, File(description="文件，最大 50 MiB")]) -> Examined:
    """Look at an upload before the transaction begins; what is wrong with it is said after the caller is known."""
    return file_types.examine(file.filename or "", file.file.read())


Upload = Annotated[Examined, Depends(_examined)]
