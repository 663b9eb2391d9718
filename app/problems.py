"""Every refusal as RFC 9457 `application/problem+json`, in Chinese; never echoes what was sent."""

import logging
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import Field
from sqlalchemy.exc import DataError, OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from app.domain.machine import Refused
from app.domain.shape import Shape
from app.domain.terms import ReasonKind, Role
from app.domain.workdays import OutsideCalendarError
from app.errors import (
    ActionRefused,
    AppError,
    Forbidden,
    Invalid,
    MalformedRequest,
    NotFound,
    Unavailable,
    UnsupportedType,
    WrongMethod,
)
from app.http.media import FORMS, media_type
from app.http.refusals import noted
from app.http.validation import in_chinese
from app.schemas.reasons import ProblemReason
from app.sealing import SealBroken

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"


class Problem(Shape):
    """A refusal (RFC 9457)."""

    type: str = Field(description="错误类型的地址：/docs/problems#code")
    title: str = Field(description="错误的中文名称")
    status: int
    code: str = Field(description="机器可读的错误代码")
    detail: str = Field(description="本次错误的中文说明")
    reasons: list[ProblemReason] = Field(description="逐条原因")
    next_step: str = Field(description="下一步怎么办")
    request_id: str = Field(description="本次请求的编号，反馈问题时请提供")


def problem(error: AppError, request_id: str) -> Problem:
    """Say a refusal as it is sent."""
    return Problem(
        type=f"/docs/problems#{error.code}",
        title=error.title,
        status=error.status,
        code=error.code,
        detail=error.detail or error.title,
        reasons=[ProblemReason.model_validate(dict(reason)) for reason in error.reasons],
        next_step=error.next_step,
        request_id=request_id,
    )


def answer(request: Request, error: AppError) -> Response:
    """Turn a refusal into its answer; what the journal is told of it is written when the answer has left."""
    content = problem(error, request.scope.get("request_id", "")).model_dump()
    return JSONResponse(content, error.status, error.headers, MEDIA_TYPE, background=noted(request, error))


def refusal(refused: Refused) -> AppError:
    """Say a refused step as an error: 403 when the role alone stands in the way, else 409."""
    only_role = all(reason.kind is ReasonKind.ROLE for reason in refused.reasons)
    detail = "；".join(reason.message for reason in refused.reasons)
    reasons: list[dict[str, Any]] = [
        {"kind": reason.kind.value, "code": reason.code, "message": reason.message, "basis": reason.basis}
        for reason in refused.reasons
    ]
    if only_role:
        return Forbidden(detail, reasons=reasons)
    return ActionRefused(detail, reasons=reasons, next_step=_instead(refused))


def _instead(refused: Refused) -> str:
    """Say which steps of the case can be taken now and by whom; empty when there is none."""
    due = [
        f"“{step.label}”（{'、'.join(role.label for role in Role if role in step.roles and role is not Role.PORTAL)}）"
        for step in refused.due
    ]
    return f"本案现在可以进行：{'、'.join(due)}；能做的和不能做的原因，见“查看现在能做什么”" if due else ""


def _http(request: Request, error: HTTPException) -> AppError:
    headers = dict(error.headers or {})
    if error.status_code == 404:
        return NotFound("没有这个地址")
    if error.status_code == 405:
        return WrongMethod(headers=headers | {"Allow": _methods(request)})
    return MalformedRequest(headers=headers)


def _methods(request: Request, *, literal: bool = False) -> str:
    """List the methods of an address; the framework names those of the first of its endpoints only.

    `literal`: without those of endpoints whose address has a variable part, such as an id, where another has a word.
    """
    fitting = [
        route
        for route in request.app.routes
        if hasattr(route, "path_regex") and route.path_regex.match(request.scope["path"])
        if not (literal and route.path_regex.groups)
    ]
    return ", ".join(sorted({method for route in fitting for method in route.methods or ()}))


def install(app: FastAPI) -> None:
    """Register the handlers of everything foreseen; `http.requests` answers the rest with a bare 500."""

    async def app_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, AppError)
        return answer(request, error)

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refused)
        return answer(request, refusal(error))

    async def http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return answer(request, _http(request, error))

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        if any(found["loc"][:1] == ("path",) for found in error.errors()) and (
            methods := _methods(request, literal=True)
        ):
            return answer(request, WrongMethod(headers={"Allow": methods}))
        kind, _parameters = media_type(request.headers)
        if kind in FORMS and any(found["loc"] == ("body",) for found in error.errors()):
            return answer(request, UnsupportedType())  # a form where JSON belongs; nobody has parsed it
        reasons = in_chinese(error.errors())
        return answer(request, Invalid("；".join(r["message"] for r in reasons[:3]), reasons=reasons))

    async def outside_calendar(request: Request, error: Exception) -> Response:
        return answer(request, Invalid(str(error)))  # a date sent years away; the sentence is the domain's, in Chinese

    async def unfit_for_storage(request: Request, error: Exception) -> Response:
        log.warning("the database refused a value", exc_info=error)
        return answer(request, Invalid("内容中有不能保存的字符或者数值"))

    async def database_gone(request: Request, error: Exception) -> Response:
        log.error("the database failed", exc_info=error)
        return answer(request, Unavailable(headers={"Retry-After": "1"}))

    async def unopenable(request: Request, error: Exception) -> Response:
        log.error("a sealed text does not open: %s", error)
        return answer(request, Unavailable("已加密的内容不能打开，请联系运行维护人员"))

    app.add_exception_handler(AppError, app_error)
    app.add_exception_handler(SealBroken, unopenable)
    app.add_exception_handler(Refused, refused)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(OutsideCalendarError, outside_calendar)
    app.add_exception_handler(DataError, unfit_for_storage)
    app.add_exception_handler(OperationalError, database_gone)
