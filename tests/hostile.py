"""What the tests of hostile requests share: the town that is beset, what every answer must be, whom and what to send."""

import json
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.domain.terms import Role
from app.http.requests import SAFE_HEADERS
from app.openapi import operations
from app.services.permissions import CASE_ROLES
from tests.databases import Databases
from tests.town import BUREAU, CITY, CONCLUSION, Town, application, town

SECRET = "不得出现在应答中"
"""Every hostile value holds it; no answer may."""


@contextmanager
def beset(databases: Databases, folder: Path) -> Iterator[Town]:
    """One town for a whole module: what is refused leaves no trace in it but in the journal."""
    client = logging.getLogger("httpx2")
    level = client.level
    client.setLevel(logging.WARNING)  # a line for each request took a third of the time
    url = databases.new()
    with town(databases.served(url), folder) as opened:
        opened.hire("everything", BUREAU, *CASE_ROLES)
        for name, role in (("xitong", Role.SYSTEM_ADMIN), ("anquan", Role.SECURITY_ADMIN)):
            opened.hire(name, CITY, role)
        yield opened
    client.setLevel(level)
    databases.drop(url)


def check(answer: Any, *, sent: str = "") -> None:
    """Hold an answer to what every answer must be."""
    assert answer.status_code < 500, f"{answer.status_code} {answer.text[:300]} for {sent[:2000]}"
    for name in SAFE_HEADERS:
        assert name in answer.headers, (name, sent)
    assert "server" not in answer.headers
    assert answer.headers["x-request-id"]
    if answer.status_code < 400:
        return
    assert answer.headers["content-type"] == "application/problem+json", sent
    assert len(answer.content) < 4096, (len(answer.content), answer.text[:500], sent[:500])
    assert SECRET not in answer.text, (answer.text, sent)
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert any("\u4e00" <= character <= "\u9fff" for character in problem["title"])


def intake(**changes: Any) -> str:
    """Write down a complete application as JSON."""
    return json.dumps(application(**changes), ensure_ascii=False)


def cases_in(place: Town) -> int:
    found: int = place.get("dengji", "/cases").json()["total"]
    return found


def targets(document: dict[str, Any]) -> Iterator[tuple[str, str, str, Any]]:
    """Give each operation that takes JSON with a caller who may call it and its example."""
    callers: list[tuple[str, Callable[[str], bool]]] = [
        ("xitong", lambda role: role == Role.SYSTEM_ADMIN),
        ("anquan", lambda role: role == Role.SECURITY_ADMIN),
        ("everything", lambda role: role in CASE_ROLES),
    ]
    for path, method, operation in operations(document):
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body and path != "/api/v1/me/password":  # its one second of thought per guess is the point of it
            roles = operation.get("x-roles") or [Role.INTAKE_CLERK]
            who = next(name for name, may in callers if any(may(role) for role in roles))
            yield who, method, path, body["example"]


def names_in(path: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", path))


def prepared(place: Town, steps: int) -> int:
    """Register a case and take it some steps along the main path; returns its id."""
    case_id: int = place.register()["id"]
    path: list[tuple[str, dict[str, Any]]] = [
        ("accept", {}),
        ("assign", {"handler": "jingban", "opinion": "同意"}),
        ("submit", {"conclusions": [CONCLUSION]}),
        ("endorse", {"opinion": "同意"}),
        ("review_secrecy", {"cleared": True, "opinion": "不涉密"}),
    ]
    staff = ("dengji", "dengji", "jingban", "shenhe", "baomi")
    for who, (action, body) in zip(staff[:steps], path[:steps], strict=True):
        place.act(who, case_id, action, **body)
    return case_id
