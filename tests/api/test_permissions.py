"""The matrix of routes and roles: the document is current, and every cell of it is what a caller of that role meets.

Who may call does not depend on the database: one is enough unless `DISCLOSURE_FULL=1` asks for both.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.cli import permissions_page
from app.cli.permissions_page import ALLOWED
from app.domain.terms import Role
from app.errors import SecondFactorNeeded
from app.services import permissions
from tests.databases import Databases
from tests.sizes import FULL
from tests.town import CITY, Town, is_endless, problem, town

PAGE = Path(__file__).parents[2] / "docs" / "permissions.md"
BOTH = ["sqlite", "postgresql"] if FULL else ["sqlite"]
NOBODY = str(2**52)
ROW = re.compile(r"^\| `([A-Z]+) ([^`]+)` \|.*$", re.MULTILINE)

Cell = tuple[str, str]
"""Method and path."""


@pytest.fixture(scope="module", params=BOTH)
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    databases: Databases = request.getfixturevalue(f"{request.param}_databases")
    url = databases.new()
    with town(databases.served(url), tmp_path_factory.mktemp("permissions")) as opened:
        for role in Role:
            if role in permissions.SYSTEMS_ONLY:
                opened.issue_key(role.value, CITY, role)
            else:
                opened.hire(role.value, CITY, role)
        yield opened
    databases.drop(url)


def matrix() -> dict[Cell, tuple[dict[Role, bool], bool, bool]]:
    """Read the document: for each route the roles, whether anybody may call, whether a fresh second factor is asked."""
    found = {}
    for row in ROW.finditer(PAGE.read_text("utf-8")):
        cells = [cell.strip() == ALLOWED for cell in row.group(0).strip("| ").split(" | ")[2:]]
        cells += [False] * (len(Role) + 2 - len(cells))  # empty ones at the end were stripped
        found[row.group(1), row.group(2)] = (dict(zip(Role, cells, strict=False)), *cells[len(Role) :])
    return found  # type: ignore[return-value]  # the last two are the two further columns


MATRIX = matrix()


def ask(place: Town, cell: Cell, headers: dict[str, str]) -> Any:
    method, path = cell
    return place.client.request(method, re.sub(r"\{[^}]*\}", NOBODY, path), headers=headers)


def kept_out(answer: Any) -> bool:
    """Tell whether the role alone was refused; a page of the sign-in answers 403 to a wrong code as well."""
    if answer.status_code != 403 or not answer.headers["content-type"].startswith("application/problem+json"):
        return False
    return [reason["code"] for reason in problem(answer)["reasons"]] == ["role_missing"]


def streams(place: Town) -> set[str]:
    """Paths whose answer does not end."""
    paths = place.client.get("/openapi.json").json()["paths"]
    return {path for path, item in paths.items() if "get" in item and is_endless(item["get"])}


def test_the_document_is_current(place: Town) -> None:
    app: Any = place.client.app
    expected = permissions_page.markdown(app, permissions.KEY_ROLES)
    assert PAGE.read_text("utf-8") == expected, "python -m app permissions --out docs/permissions.md"
    listed = {(row.method, row.path) for row in permissions_page.rows(app)}
    assert set(MATRIX) == listed
    described = {
        (method.upper(), path)
        for path, item in place.client.get("/openapi.json").json()["paths"].items()
        for method in item
    }
    assert described <= listed


@pytest.mark.parametrize("role", Role)
def test_every_route_answers_a_role_as_the_matrix_says(place: Town, role: Role) -> None:
    endless, wrong = streams(place), []
    for cell, (allowed, _anybody, _second) in MATRIX.items():
        if allowed[role] and cell[1] in endless:
            continue
        answer = ask(place, cell, place.headers(role.value))
        if kept_out(answer) == allowed[role]:
            wrong.append((cell, answer.status_code, answer.text[:200]))
    assert wrong == []


def test_whoever_is_not_signed_in_meets_a_401_everywhere_else(place: Town) -> None:
    wrong = [
        (cell, answer.status_code)
        for cell, (_roles, anybody, _second) in MATRIX.items()
        if ((answer := ask(place, cell, {})).status_code == 401) == anybody and cell != ("POST", "/oauth/token")
    ]
    assert wrong == []


def test_where_a_fresh_second_factor_is_asked_an_old_one_and_a_key_are_refused(place: Town) -> None:
    asked = [(cell, roles) for cell, (roles, _anybody, second) in MATRIX.items() if second]
    assert asked, "at least the removal of the second factor itself"
    place.hire("stale", CITY, *(Role(role) for role in permissions.CASE_ROLES - permissions.SYSTEMS_ONLY))
    place.issue_key("keyed", CITY, Role.HANDLER)
    place.now = place.now.replace(minute=place.now.minute + 20)
    for cell, roles in asked:
        for who in ("stale", "keyed"):
            if who == "keyed" and not roles[Role.HANDLER]:
                continue
            answer = ask(place, cell, place.headers(who))
            assert (answer.status_code, problem(answer)["code"]) == (403, SecondFactorNeeded.code), (cell, who)


def test_no_administrator_reads_or_touches_a_case_and_no_two_have_the_same_duty() -> None:
    for (method, path), (roles, anybody, _second) in MATRIX.items():
        admins = {role for role in permissions.ADMINS if roles[role]}
        if anybody or all(roles.values()):
            continue
        if "/cases" in path or "/documents" in path or "/archive" in path:
            assert not admins, (method, path)
        if method != "GET":
            assert len(admins) <= 1, (method, path)
