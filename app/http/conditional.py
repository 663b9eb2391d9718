"""Conditional answers: a strong ETag over the bytes, and 304 when the caller has them already."""

import hashlib

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response


def conditional(request: Request, content: BaseModel) -> Response:
    """Answer with `content`, or with 304 when `If-None-Match` names it."""
    headers = {"Cache-Control": "private, no-cache", "Vary": "Authorization, X-API-Key"}
    return conditional_bytes(request, content.model_dump_json(by_alias=True).encode(), headers)


def conditional_bytes(request: Request, body: bytes, headers: dict[str, str]) -> Response:
    """Answer with a JSON body as it is, or with 304 when `If-None-Match` names it."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, **headers}
    if _named(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


def _named(wanted: str, etag: str) -> bool:
    return any(part.strip().removeprefix("W/") in {etag, "*"} for part in wanted.split(","))
