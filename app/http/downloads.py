"""Answering with a file instead of JSON."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from app.domain.terms import MEDIA_TYPES, FileType
from app.house import House
from app.services import journal
from app.services.desk import Desk


def attached(content: bytes | str, media_type: str, name: str, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with a file under its Chinese name (RFC 6266).

    Never `inline`, not even a PDF: Swagger UI offers a file for download only when it is attached, and nobody opens these
    addresses in a browser, because they ask for a token.
    """
    suffix = re.search(r"\.\w+$", name, re.ASCII)
    plain = f"file{suffix[0] if suffix else ''}"  # for programs that know no filename*
    named = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return Response(content, media_type=media_type, headers={**(headers or {}), "Content-Disposition": named})


def sent_file(content: bytes, kind: FileType, name: str) -> Response:
    """Answer with a file of a type that cases keep."""
    return attached(content, MEDIA_TYPES[kind], name)


def exported_file(house: House, desk: Desk, content: bytes, kind: FileType, name: str) -> Response:
    """Answer with a file of figures, and write down who took it."""
    house.write_aside(
        lambda session: journal.append(session, desk.actor, desk.now, "exported", "导出", data={"file": name})
    )
    return sent_file(content, kind, name)


def file_answers(*kinds: FileType) -> dict[int | str, dict[str, Any]]:
    """Declare that an operation answers with a file of one of these kinds: `responses=file_answers(FileType.PDF)`."""
    return {200: {"description": "文件", "content": {MEDIA_TYPES[kind]: {} for kind in kinds}}}
