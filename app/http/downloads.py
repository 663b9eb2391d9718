"""Answering with a file instead of JSON."""

from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from app.domain.terms import MEDIA_TYPES, FileType
from app.house import House
from app.services import journal
from app.services.desk import Desk

SHOWN_IN_PLACE = frozenset({FileType.PDF, FileType.JPG, FileType.PNG})


def sent_file(content: bytes, kind: FileType, name: str) -> Response:
    """Answer with bytes under a Chinese name (RFC 6266); only what cannot act is shown in place."""
    way = "inline" if kind in SHOWN_IN_PLACE else "attachment"
    plain = f"file.{kind.value}"
    named = f"{way}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return Response(content, media_type=MEDIA_TYPES[kind], headers={"Content-Disposition": named})


def exported_file(house: House, desk: Desk, content: bytes, kind: FileType, name: str) -> Response:
    """Answer with a file of figures, and write down who took it."""
    house.write_aside(
        lambda session: journal.append(session, desk.actor, desk.now, "exported", "导出", data={"file": name})
    )
    return sent_file(content, kind, name)


def file_answers(*kinds: FileType) -> dict[int | str, dict[str, Any]]:
    """Declare that an operation answers with a file of one of these kinds: `responses=file_answers(FileType.PDF)`."""
    return {200: {"description": "文件", "content": {MEDIA_TYPES[kind]: {} for kind in kinds}}}
