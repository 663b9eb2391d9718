"""How often one caller may ask for what is expensive: counted by account, by key and by source, in the database."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import db
from app.domain.terms import Role
from app.models import RateLimit
from app.openapi import operations
from app.services.expenses import BY_CALLER, BY_SOURCE, LIMITED, WITH_TEXT, Expense
from tests.databases import Databases
from tests.town import BUREAU, COUNTY, Town, town

FEW: dict[str, Any] = {f"rate_{expense}": {"at_once": 3, "every_s": 60} for expense in Expense}


@pytest.fixture(scope="module")
def place(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    url = databases.new()
    with town(databases.served(url), tmp_path_factory.mktemp("allowances"), **FEW) as opened:
        opened.hire("county", COUNTY, Role.AGENCY_SUPERVISOR)
        yield opened
    databases.drop(url)


@pytest.fixture(autouse=True)
def _nothing_spent(place: Town) -> None:
    with db.writer(place.engine) as session:
        session.query(RateLimit).delete()
        session.commit()


def statuses(place: Town, who: str, path: str, times: int = 5) -> list[int]:
    return [place.get(who, path).status_code for _ in range(times)]


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("duban", "/ledger/export"),
        ("duban", "/statistics/overview"),
        ("duban", "/statistics/board"),
        ("duban", "/problems.xlsx"),
        ("duban", "/cases?q=规划"),
        ("jingban", "/worklist?q=规划"),
        ("jingban", "/evaluations/candidates"),
    ],
)
def test_who_asks_too_often_waits_and_nobody_else_does(place: Town, who: str, path: str) -> None:
    assert statuses(place, who, path) == [200, 200, 200, 429, 429]
    answer = place.get(who, path)
    assert answer.json()["code"] == "too_many_requests"
    assert 50 < int(answer.headers["retry-after"]) <= 60
    assert statuses(place, "county" if who == "duban" else "shenhe", path, 1) == [200]


def test_one_kind_of_expense_is_shared_by_its_operations_and_by_no_other(place: Town) -> None:
    assert statuses(place, "duban", "/statistics/overview", 2) == [200, 200]
    assert statuses(place, "duban", "/statistics/due-days", 2) == [200, 429]
    assert statuses(place, "duban", "/problems.xlsx", 1) == [200]
    assert statuses(place, "duban", "/cases", 5) == [200] * 5, "a list without a text costs little"


def test_a_key_and_a_person_have_allowances_of_their_own(place: Town) -> None:
    place.issue_key("script", BUREAU, Role.SCRIPT_READER)
    assert statuses(place, "script", "/statistics/overview") == [200, 200, 200, 429, 429]
    assert statuses(place, "duban", "/statistics/overview", 1) == [200]


def test_the_allowance_comes_back_with_time(place: Town) -> None:
    assert statuses(place, "duban", "/problems.xlsx") == [200, 200, 200, 429, 429]
    place.go_to("2026-03-02 10:02")
    assert statuses(place, "duban", "/problems.xlsx") == [200, 200, 429, 429, 429]
    place.go_to("2026-03-02 10:00")


def test_what_is_refused_costs_nothing_and_a_stranger_uses_up_nobodys_allowance(place: Town) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, place.headers("duban") | {"X-API-Key": "dk_aaaaaaaa_b"}):
        for _ in range(4):
            assert place.client.get("/api/v1/problems.xlsx", headers=headers).status_code == 401
    assert statuses(place, "duban", "/problems.xlsx", 3) == [200] * 3


def test_a_document_made_over_and_over_is_counted_even_when_it_is_not_there(place: Town) -> None:
    case = place.register()
    assert statuses(place, "jingban", f"/cases/{case['id']}/documents/999.pdf") == [404, 404, 404, 429, 429]
    uploads = [_upload(place, case["id"]).status_code for _ in range(5)]
    assert uploads == [201, 201, 201, 429, 429]


def _upload(place: Town, case_id: int) -> Any:
    file = {"file": ("说明.txt", "内容".encode(), "text/plain")}
    address = f"/api/v1/cases/{case_id}/attachments"
    return place.client.post(address, headers=place.headers("dengji"), files=file, data={"kind": "other"})


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke"])
def test_tokens_are_not_tried_without_end_from_one_source(place: Town, path: str) -> None:
    assert [place.client.post(path, data={"token": "x"}).status_code == 429 for _ in range(5)] == [False] * 3 + [
        True
    ] * 2


def test_the_sign_in_page_says_so_itself(place: Town) -> None:
    asked = {
        "response_type": "code",
        "client_id": "board",
        "redirect_uri": "http://testserver/board",
        "code_challenge": "a" * 43,
        "code_challenge_method": "S256",
    }
    found = [
        place.client.post("/oauth/authorize", data=asked | {"username": f"u{n}", "password": "x"}) for n in range(5)
    ]
    assert [answer.status_code for answer in found] == [403, 403, 403, 429, 429]
    assert found[-1].headers["content-type"].startswith("text/html")
    assert found[-1].headers["retry-after"]


def test_every_expensive_operation_has_an_allowance(place: Town) -> None:
    """What makes a file, reckons over many cases, or compares texts; and no name in the tables is out of date."""
    document = place.client.get("/openapi.json").json()
    all_of_them = {operation["operationId"]: (path, operation) for path, _, operation in operations(document)}
    assert set(all_of_them) >= LIMITED | STORED
    for name, (path, operation) in all_of_them.items():
        kinds = operation["responses"].get("200", {}).get("content", {})
        made = any(kind.startswith(MADE) and "json" not in kind for kind in kinds)
        expensive = made or path.startswith("/api/v1/statistics/")
        uploads = "multipart/form-data" in operation.get("requestBody", {}).get("content", {})
        if (expensive or uploads) and name not in STORED:
            assert name in BY_CALLER, name
        assert ("429" in operation["responses"]) >= (name in LIMITED), name
    assert len(LIMITED) == len(BY_CALLER) + len(WITH_TEXT) + len(BY_SOURCE), "in one table only"


MADE = ("application/", "image/", "text/csv", "text/html")
STORED = {"get_attachment", "get_paper_file", "get_message_attachment", "get_document_template", "get_volume_index"}
"""Bytes that are read from where they are kept."""


def test_every_allowance_is_a_setting_and_named_in_the_manual(place: Town) -> None:
    manual = (Path(__file__).parents[2] / "docs" / "deployment.md").read_text()
    named = set(re.findall(r"`DISCLOSURE_RATE_([A-Z_]+)`", manual))
    assert named == {expense.name for expense in Expense}
    for expense in Expense:
        assert place.settings.rate(expense).at_once == 3
