"""Addresses and bodies before parsing: no NUL, bounded, of a declared type, and strict JSON.

The framework's parser takes duplicate keys, NaN, 30-digit integers, UTF-16 and lone surrogates; the database or the
answer then fails. Here they are refused, once, for every endpoint.
"""

import json
import math
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.deps import is_known
from app.errors import AppError, Invalid, MalformedRequest, TooLarge, Unauthenticated, UnsupportedType
from app.http.media import FORMS, JSON, UPLOAD, media_type
from app.problems import answer

_CLOSE = {"Connection": "close"}  # the rest of the body is not read
_LARGEST = 2**53  # what every JSON reader keeps exactly


class StrictBodies:
    """ASGI middleware; reads a body whole, judges it and hands it on unchanged.

    A body as large as an upload is read only for somebody who is known: a stranger's is 1 MiB at most, whatever its type.
    """

    def __init__(self, app: ASGIApp, json_limit: int, upload_limit: int) -> None:
        self._app = app
        self._json_limit = json_limit
        self._upload_limit = upload_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            if "\x00" in scope["path"] or b"%00" in scope["query_string"]:
                raise Invalid("网址中不能有空字符（%00）")
            if scope["method"] not in {"GET", "HEAD", "OPTIONS"}:
                receive = await self._judged(Request(scope), receive)
        except AppError as error:
            await answer(Request(scope), error)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _judged(self, request: Request, receive: Receive) -> Receive:
        headers = request.headers
        if headers.get("content-encoding", "identity") != "identity":
            raise UnsupportedType("正文不能压缩")
        kind, parameters = media_type(headers)
        limit = self._upload_limit if kind == UPLOAD else self._json_limit
        declared = headers.get("content-length", "")
        if declared and not declared.isdigit():
            raise MalformedRequest("Content-Length 不正确")
        if declared and int(declared) > limit:
            raise TooLarge(f"最多 {limit} 字节", headers=_CLOSE)
        if kind == UPLOAD and (not declared or int(declared) > self._json_limit) and not await is_known(request):
            if declared:
                raise Unauthenticated("上传文件须先登录", headers=_CLOSE)
            limit = self._json_limit
        body = await _read(receive, limit)
        if body and kind not in FORMS:
            if kind != JSON or parameters not in {"", "charset=utf-8"}:
                raise UnsupportedType
            check_json(body)
        elif kind not in {UPLOAD, ""} and (b"%00" in body or b"\x00" in body):
            raise Invalid("表单中不能有空字符（%00）")
        return _replay(body, receive)


async def _read(receive: Receive, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise MalformedRequest("请求没有传完")
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise TooLarge(f"最多 {limit} 字节", headers=_CLOSE)
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def again() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def check_json(body: bytes) -> None:
    """Refuse JSON that two readers could understand differently; raises `Invalid` saying why."""
    try:
        text = body.decode("utf-8")
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer, parse_float=_real
        )
        _check_text(text, value)
    except Invalid:
        raise
    except (ValueError, RecursionError) as error:
        raise Invalid("不是有效的 JSON（UTF-8）") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Invalid("JSON 对象中有重复的字段")
    return found


def _constant(_name: str) -> float:
    raise Invalid("JSON 中不能有 NaN 或者 Infinity")


def _integer(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > _LARGEST:
        raise Invalid("JSON 中的整数过大")
    return int(text)


def _real(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Invalid("JSON 中的数字过大")
    return number


def _check_text(text: str, value: Any) -> None:
    if "\\u" not in text and "\x00" not in text:
        return  # raw UTF-8 can hold neither a surrogate nor, inside valid JSON, a control character
    plain = json.dumps(value, ensure_ascii=False)
    if "\\u0000" in plain:
        raise Invalid("文字中不能有空字符（U+0000）")
    try:
        plain.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Invalid("文字中有不成对的代理字符") from error
