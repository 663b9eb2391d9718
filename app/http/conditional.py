"""Conditional answers: a strong ETag over what is sent, or over what it is made from, and 304 for who has it already."""

import hashlib
from collections.abc import Callable

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from app import __version__


def conditional(request: Request, source: object, content: Callable[[], BaseModel]) -> Response:
    """Answer with `content`, or with 304 when `If-None-Match` names what it would be made from.

    `source` is all that the answer depends on, written the same for the same values (`repr`); nothing is made of it for
    a caller who has the answer already. Another version of the program may make another answer of it.
    """
    etag = _tag(f"{__version__} {source!r}".encode())
    headers = {"ETag": etag}  # for a script to keep; no browser stores the answer itself
    if _named(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    return Response(content().model_dump_json(by_alias=True), headers=headers, media_type="application/json")


def conditional_bytes(request: Request, body: bytes, headers: dict[str, str]) -> Response:
    """Answer with a JSON body as it is, or with 304 when `If-None-Match` names it."""
    etag = _tag(body)
    headers = {"ETag": etag, **headers}
    if _named(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


def _tag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def _named(wanted: str, etag: str) -> bool:
    return any(part.strip().removeprefix("W/") in {etag, "*"} for part in wanted.split(","))
