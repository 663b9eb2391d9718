"""The OpenAPI document: tags in the order of the work, stable ASCII operation ids, every refusal documented."""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from app.domain.terms import Role
from app.errors import AppError, all_errors
from app.problems import MEDIA_TYPE, Problem

DESCRIPTION = """\
按《政府信息公开条例》（2019）办理依申请公开的后台服务。每件申请是一个状态机：
**受理 → 审核 → 办理 → 答复 → 送达 → 归档**；每个法定期限按中国工作日历计算，并能逐日说明理由。

第一次使用：点右上角 **Authorize** 登录，然后从“登记受理”开始。一件案件现在能做什么、还缺什么，
看 `GET /api/v1/cases/{case_id}/actions`。
"""

TAGS: list[dict[str, Any]] = [
    {"name": "intake", "description": "登记受理"},
    {"name": "accept", "description": "受理阶段的操作"},
    {"name": "review", "description": "审核阶段的操作：补正、交办"},
    {"name": "handle", "description": "办理阶段的操作：改派、延期、送审"},
    {"name": "reply", "description": "答复阶段的操作：审核、保密审查、签发、发出"},
    {"name": "deliver", "description": "送达阶段的操作"},
    {"name": "archive", "description": "归档阶段的操作"},
    {"name": "fees", "description": "收费"},
    {"name": "cases", "description": "查询案件、期限和经过"},
    {"name": "polling", "description": "脚本轮询：超期和即将到期"},
    {"name": "clock", "description": "期限计算器：不用登记案件"},
    {"name": "calendar", "description": "工作日历"},
    {"name": "workflow", "description": "流程说明"},
    {"name": "admin", "description": "机关、用户和接口密钥"},
    {"name": "sign_in", "description": "登录"},
    {"name": "health", "description": "运行状况"},
]


def operation_id(route: APIRoute) -> str:
    """Name an operation after its function: stable, ASCII, unique (held by a test)."""
    return route.name


def _documented(status: int, errors: list[type[AppError]]) -> dict[str, Any]:
    lines = "\n".join(f"- `{error.code}`：{error.title}" for error in errors)
    return {"model": Problem, "description": lines, "content": {MEDIA_TYPE: {}}}


def _common() -> dict[int | str, dict[str, Any]]:
    by_status: dict[int, list[type[AppError]]] = {}
    for error in all_errors():
        by_status.setdefault(error.status, []).append(error)
    wanted = (401, 403, 404, 409, 412, 413, 415, 422, 428, 503)
    return {status: _documented(status, by_status[status]) for status in wanted}


COMMON_RESPONSES = _common()


_PROBLEM = {"$ref": "#/components/schemas/Problem"}


def _say_roles(operation: dict[str, Any]) -> None:
    """Name in the description who may call; clerks read no `x-roles`."""
    if roles := [role.label for role in Role if role in operation.get("x-roles", ())]:
        operation["description"] = f"{operation.get('description', '')}\n\n**限**：{'、'.join(roles)}"


def finish(app: FastAPI) -> None:
    """Say problems as `application/problem+json` in the document, as they are on the wire."""
    build = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = build()
            for path in found["paths"].values():
                for operation in path.values():
                    _say_roles(operation)
                    for status, response in operation["responses"].items():
                        content = response.get("content", {})
                        if status[0] in "45" and content.get("application/json", {}).get("schema") == _PROBLEM:
                            response["content"] = {MEDIA_TYPE: content["application/json"]}
            app.openapi_schema = found
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's documented way to change the document
