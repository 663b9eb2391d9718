"""Answering with a file instead of JSON."""

from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from app.domain.terms import MEDIA_TYPES, FileType

SHOWN_IN_PLACE = frozenset({FileType.PDF, FileType.JPG, FileType.PNG})


def sent_file(content: bytes, kind: FileType, name: str) -> Response:
    """Answer with bytes under a Chinese name (RFC 6266); only what cannot act is shown in place."""
    way = "inline" if kind in SHOWN_IN_PLACE else "attachment"
    plain = f"file.{kind.value}"
    named = f"{way}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return Response(content, media_type=MEDIA_TYPES[kind], headers={"Content-Disposition": named})


def file_answers(*kinds: FileType) -> dict[int | str, dict[str, Any]]:
    """Declare that an operation answers with a file of one of these kinds: `responses=file_answers(FileType.PDF)`."""
    return {200: {"description": "文件", "content": {MEDIA_TYPES[kind]: {} for kind in kinds}}}
