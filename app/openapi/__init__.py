"""The OpenAPI document as clerks and generators read it: Chinese beside every code, each refusal where it can happen.

FastAPI describes what the code says; `finish` adds what it cannot know, by one walk over the document, so that no
endpoint repeats it: who may call, which refusals may come, what a code means, a body that can be sent as it stands.
"""

import datetime as dt
import gzip
import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from app import errors
from app.deps import scope_of
from app.domain.examples import example
from app.domain.terms import Role, Term
from app.errors import AppError
from app.http.conditional import conditional_bytes
from app.http.doors import opened
from app.http.media import JSON
from app.openapi import groups
from app.openapi.illustrated import illustrate
from app.openapi.prepared import Prepared
from app.openapi.roles import narrowed
from app.problems import MEDIA_TYPE, Problem, answer
from app.schemas.reasons import ProblemReason
from app.services.expenses import LIMITED
from app.services.permissions import ADMINS, KEY_ROLES

URL = "/openapi.json"

DESCRIPTION = """\
按《政府信息公开条例》（2019）办理依申请公开的后台服务。每件申请是一个状态机：
**受理 → 审核 → 办理 → 答复 → 送达 → 归档**；每个法定期限按中国工作日历计算，并能逐日说明理由。

第一次使用：点右上角 **登录授权（Authorize）** 登录，页面随后只列出您可以使用的操作；早上先看“我的待办”，新的申请从“登记受理”开始。
一件案件现在能做什么、还缺什么，看 `GET /api/v1/cases/{case_id}/actions`。
怎样一步步办理见[办理人员指南](/docs/guide/clerk)，出错时的答复见[错误代码](/docs/problems)。
脚本取得某个角色的接口文档：`/openapi.json?role=handler`，可以重复 `role`。
"""

RESPONSES: dict[int | str, dict[str, Any]] = {422: {"model": Problem}}
"""For `FastAPI(responses=…)`: brings the schema of a refusal into the document; `finish` says where each may happen."""

_GLOSSARY = {terms.__name__: terms for terms in Term.__subclasses__()}
_ENGLISH = re.compile(r"(?: [a-z]{2,}){3}")
_CODES = "x-codes"  # between `refusing` and `finish` only
_PROBLEM = {"$ref": "#/components/schemas/Problem"}

_REASONS = {  # one for the example
    errors.Invalid: ProblemReason(kind="field", code="missing", message="opinion：必填", basis="", field="opinion"),
    errors.ActionRefused: ProblemReason(
        kind="state",
        code="wrong_state",
        message="案件现处“审核中”，“归档”只能在“已送达待归档、已结案待归档”时进行",
        basis="",
        field="",
    ),
}

Json = dict[str, Any]


def operation_id(route: APIRoute) -> str:
    """Name an operation after its function: stable, ASCII, unique (held by a test)."""
    return route.name


def refusing(*possible: type[AppError]) -> dict[int | str, dict[str, Any]]:
    """Declare refusals that do not follow from the form of an operation: `responses=refusing(TooManyRequests)`."""
    found: dict[int | str, dict[str, Any]] = {}
    for error in possible:
        found.setdefault(error.status, {"description": error.title, _CODES: []})[_CODES].append(error.code)
    return found


def finish(app: FastAPI, shown: tuple[Mapping[str, Mapping[str, Any]], dt.date] | None = None) -> Prepared:
    """Make the application describe itself in full, at `URL`. Kept compressed, a tenth of the size; few ask for it plain.

    `shown` are rows of a demo city for the examples to name, and the day they were chosen.
    """

    def described() -> bytes:
        routes = opened(app.routes)
        document = get_openapi(title=app.title, version=app.version, description=app.description, routes=routes)
        document = _finished(document)
        if shown:
            illustrate(document, *shown)
        return _packed(document)

    whole = Prepared(described)

    def document() -> Json:
        found: Json = json.loads(gzip.decompress(whole.get()))
        return found

    @lru_cache(maxsize=64)
    def of_roles(roles: frozenset[Role]) -> bytes:
        return _packed(narrowed(document(), roles))

    def send(request: Request) -> Response:  # no coroutine: building takes long enough to hold others up
        try:
            roles = frozenset(Role(code) for code in request.query_params.getlist("role"))
        except ValueError:
            return answer(request, errors.Invalid("role 须为角色的代码，如 handler"))
        body, headers = (
            of_roles(roles) if roles else whole.get(),
            {"Cache-Control": "no-cache", "Vary": "Accept-Encoding"},
        )
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
        else:
            body = gzip.decompress(body)
        return conditional_bytes(request, body, headers)

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's documented way to change the document
    app.add_route(URL, send, include_in_schema=False)
    return whole


def _packed(document: Json) -> bytes:
    return gzip.compress(json.dumps(document, ensure_ascii=False).encode(), mtime=0)


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Give each operation of a document with its path and its method in lower case."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def _finished(document: Json) -> Json:
    components: Json = document["components"]
    schemas: Json = components["schemas"]
    refusals: Json = components.setdefault("responses", {})
    for schema in [*_every_schema(document)]:
        _tidy(schema)
        for field in schema.get("properties", {}).values():
            _explain_codes(field)
    for name, terms in _GLOSSARY.items():
        if name in schemas:
            schemas[name]["description"] = _meanings(terms)
    for path, method, operation in operations(document):
        operation["tags"] = [groups.group_of(operation)]
        _say_who(method, operation)
        parameters = [p for p in operation.get("parameters", ()) if p["name"] != "If-Match" or "{case_id}" in path]
        if parameters:
            operation["parameters"] = parameters
        for parameter in parameters:
            _finish_parameter(parameter)
        _show_bodies(operation, schemas)
        for response in operation["responses"].values():
            for content in response.get("content", {}).values():
                content.setdefault("schema", {"type": "string", "format": "binary"})
        _say_refusals(path, method, operation, refusals)
    document["tags"] = groups.described(operation["tags"][0] for _, _, operation in operations(document))
    return document


def _finish_parameter(parameter: Json) -> None:
    parameter["schema"] = _absent_or_present(parameter["schema"])
    _explain_codes(parameter["schema"])
    if said := parameter["schema"].pop("description", None):
        parameter["description"] = said


def _every_schema(document: Json) -> Iterator[Json]:
    """Give every schema of the document, inner ones too."""
    for schema in document["components"]["schemas"].values():
        yield from _within(schema)
    for _path, _method, operation in operations(document):
        for parameter in operation.get("parameters", ()):
            yield from _within(parameter["schema"])
        for carrier in (operation.get("requestBody", {}), *operation["responses"].values()):
            for content in carrier.get("content", {}).values():
                yield from _within(content.get("schema", {}))


def _within(schema: Json) -> Iterator[Json]:
    yield schema
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", ()), *schema.get("oneOf", ())]
    inner += [schema[name] for name in ("items", "additionalProperties") if isinstance(schema.get(name), dict)]
    for part in inner:
        yield from _within(part)


def _tidy(schema: Json) -> None:
    """Drop what only repeats the name, and docstrings meant for programmers."""
    schema.pop("title", None)
    said = schema.get("description", "")
    if not any("一" <= character <= "龥" for character in said) or _ENGLISH.search(said):
        schema.pop("description", None)


def _absent_or_present(schema: Json) -> Json:
    """Say of a parameter that may be left out what it is when it is there: an address and a header know no null."""
    variants = [variant for variant in schema.get("anyOf", ()) if variant != {"type": "null"}]
    if len(variants) != 1:
        return schema
    given = [example for example in schema.get("examples", ()) if example is not None]
    kept = {name: value for name, value in schema.items() if name not in {"anyOf", "examples"}}
    found: Json = kept | variants[0] | ({"examples": given} if given else {})
    return found


def _show_bodies(operation: Json, schemas: Json) -> None:
    """Give every body an example that can be sent as it stands.

    In a form a field that is left out is not there, and no file can be shown.
    """
    for kind, body in operation.get("requestBody", {}).get("content", {}).items():
        shown = example(body["schema"], schemas)
        body["example"] = shown if kind == JSON else {name: value for name, value in shown.items() if value is not None}
        if kind != JSON:
            _leave_empty(schemas[body["schema"]["$ref"].rpartition("/")[2]])


def _leave_empty(form: Json) -> None:
    """Show what a form need not hold as an empty field; Swagger UI makes up a random text otherwise."""
    for name, field in form["properties"].items():
        if name not in form.get("required", ()) and not {"default", "examples", "enum", "const"} & field.keys():
            field["examples"] = [""]


def _explain_codes(schema: Json) -> None:
    if meanings := "；".join(_meanings(terms) for terms in _terms_of(schema)):
        said = schema.get("description", "")
        schema["description"] = f"{said}：{meanings}" if said else meanings


def _terms_of(schema: Json) -> list[type[Term]]:
    """Find the code lists a field takes: alone, in a list, beside null or beside each other."""
    found = _GLOSSARY.get(str(schema.get("$ref", "")).rpartition("/")[2])
    if found or schema.get("oneOf"):
        return [found] if found else []
    inner = [*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else [])]
    return [terms for part in inner for terms in _terms_of(part)]


def _meanings(terms: type[Term]) -> str:
    return "；".join(f"`{term.value}` {term.label}" for term in terms)


def _say_who(method: str, operation: Json) -> None:
    """Name in the description who may call; clerks read no `x-roles`."""
    allowed = [role for role in Role if role in operation.get("x-roles", ())]
    if "x-roles" in operation:
        operation["x-roles"] = [role.value for role in allowed]
        who = "、".join(role.label for role in allowed) or "已登录的任何人，或者接口密钥"
        scope = scope_of(method, operation)
        operation["x-scope"] = scope.value
        if not allowed or KEY_ROLES & set(allowed):
            who += f"（限定了范围的接口密钥须有 `{scope.value}`）"
    else:
        who = "任何人，无须登录"
    if operation.get("x-second-factor"):
        who += "；须刚刚验证过动态口令"
    operation["description"] = f"{operation.get('description', '')}\n\n**操作人**：{who}".strip()


def _say_refusals(path: str, method: str, operation: Json, refusals: Json) -> None:
    """Document each refusal under its status: those that follow from the operation, and those its route declares."""
    responses: Json = operation["responses"]
    del responses["422"]
    possible = list(_possible_refusals(path, method, operation))
    declared = {code for response in responses.values() for code in response.pop(_CODES, ())}
    possible += [error for error in errors.all_errors() if error.code in declared and error not in possible]
    for response in responses.values():
        if response["description"] == "Successful Response":
            response["description"] = "成功"
    for status in sorted({error.status for error in possible}):
        if "content" in responses.get(str(status), {}):
            continue  # an answer of another form, such as OAuth's
        here = [error for error in possible if error.status == status]
        name = "Or".join(error.__name__ for error in here)
        refusals[name] = _refusal(here)
        responses[str(status)] = {"$ref": f"#/components/responses/{name}"}
    operation["responses"] = dict(sorted(responses.items()))


def _possible_refusals(path: str, method: str, operation: Json) -> Iterator[type[AppError]]:
    """Give what may be refused, the most usual of each status first."""
    names = {parameter["name"].lower() for parameter in operation.get("parameters", ())}
    if operation.get("security") != []:
        yield from (errors.Unauthenticated, errors.Forbidden)
        if operation.get("x-second-factor") or ADMINS.intersection(map(Role, operation["x-roles"])):
            yield errors.SecondFactorNeeded
        if (
            "{" in path or names & {"agency", "agency_code"} or method != "get"
        ):  # a body may name an agency or a person too
            yield errors.NotFound
    if names or "requestBody" in operation:
        yield errors.Invalid
    if method != "get":
        yield from (errors.MalformedRequest, errors.TooLarge, errors.UnsupportedType)
    if "if-match" in names and "{case_id}" in path:
        yield from (errors.ActionRefused, errors.StaleVersion, errors.VersionRequired)
    if "idempotency-key" in names:
        yield from (errors.Clash, errors.ChangedMeanwhile, errors.KeyInFlight, errors.KeyReused)
    if "cursor" in names:
        yield errors.BadCursor
    if operation["operationId"] in LIMITED:
        yield errors.TooManyRequests
    yield errors.Unavailable
    if method != "get":
        yield errors.OutcomeUnknown


def _refusal(possible: list[type[AppError]]) -> Json:
    first = possible[0]
    reasons = [_REASONS[first]] if first in _REASONS else []
    shown = Problem(
        type=f"/docs/problems#{first.code}",
        title=first.title,
        status=first.status,
        code=first.code,
        detail="；".join(reason.message for reason in reasons) or first.title,
        reasons=reasons,
        next_step=first.advice,
        request_id="6f1c2b7e0d3a4c58b9e7a1f2c3d4e5f6",
    )
    return {
        "description": "；".join(f"`{error.code}` {error.title}" for error in possible),
        "content": {MEDIA_TYPE: {"schema": _PROBLEM, "example": shown.model_dump()}},
    }
