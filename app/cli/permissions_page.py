"""`docs/permissions.md`, written from the running application's routes so that it cannot tell another story."""

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import FastAPI
from starlette.routing import Route

from app.domain.terms import Role
from app.http.doors import Door

ALLOWED = "●"

_HEAD = f"""\
# 谁可以调用什么

本页由 `python -m app permissions --out docs/permissions.md` 从接口的声明生成，请勿手改。`tests/api/test_permissions.py` 逐格核对。

- {ALLOWED} 可以调用；空白的，答复 403。“任何人”的无须登录，其余的未登录答复 401。
- 能调用不等于能看到：看到哪些案件由所属机关决定（`app/services/visibility.py`），别的机关的与不存在的一样答复 404。
- 案件操作还要看案件的状态和条件（`docs/workflow.md`）；经办人、审核人、签发人须为不同的人。
- “口令”：须刚刚验证过动态口令，接口密钥不能调用。三类管理员每次登录都要验证动态口令。
- 接口密钥只有一个角色，只能是{{keys}}；没有密码和动态口令，不能调用 `/me/password` 和 `/me/second-factor`。
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One method of one address and who may call it; `roles` empty and not `anybody`: whoever is signed in."""

    method: str
    path: str
    summary: str
    roles: frozenset[Role]
    anybody: bool
    second_factor: bool

    def allows(self, role: Role) -> bool:
        return self.anybody or not self.roles or role in self.roles


def rows(app: FastAPI) -> list[Row]:
    """List every route of the application, pages and files included, by path and method."""
    return sorted(_rows(app), key=lambda row: (row.path, row.method))


def markdown(app: FastAPI, keys: frozenset[Role]) -> str:
    """Write the whole matrix; `keys` are the roles an interface key may hold."""
    named = "、".join(role.label for role in Role if role in keys)
    heads = ["接口", "", *(role.label for role in Role), "任何人", "口令"]
    lines = [_HEAD.format(keys=named), _line(heads), _line(["---", "---", *[":-:"] * (len(Role) + 2)])]
    for row in rows(app):
        cells = [ALLOWED if row.allows(role) else "" for role in Role]
        others = [ALLOWED if row.anybody else "", ALLOWED if row.second_factor else ""]
        lines.append(_line([f"`{row.method} {row.path}`", row.summary, *cells, *others]))
    return "\n".join(lines) + "\n"


def _rows(app: FastAPI) -> Iterator[Row]:
    for route in app.routes:
        if isinstance(route, Door):
            declared = route.openapi_extra
            roles = frozenset(role for role in Role if role in declared.get("x-roles", ()))
            anybody, second = declared.get("security") == [], bool(declared.get("x-second-factor"))
            for method in sorted(route.methods):
                yield Row(method, route.path, route.declared.options["summary"] or "登录页", roles, anybody, second)
        elif isinstance(route, Route):  # the documentation's page and files
            yield Row("GET", route.path, "文档页", frozenset(), anybody=True, second_factor=False)


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
