"""Who may not write is turned away before the one writing slot is taken."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, event

from app.domain.terms import Role, Scope
from tests.town import BUREAU, CITY, Town, application, problem


@pytest.fixture
def writes(place: Town) -> Iterator[list[str]]:
    """What began a transaction that may write."""
    begun: list[str] = []

    def note(connection: Connection) -> None:
        if connection.get_execution_options().get("writes"):
            begun.append("write")

    event.listen(place.engine, "begin", note)
    yield begun
    event.remove(place.engine, "begin", note)


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 401, "unauthenticated"),
        ({"Authorization": "Bearer nobody"}, 401, "unauthenticated"),
        ({"X-API-Key": "dk_00000000_nothing"}, 401, "unauthenticated"),
        ({"Authorization": "Bearer nobody", "X-API-Key": "dk_00000000_nothing"}, 401, "unauthenticated"),
    ],
    ids=["nothing", "unknown token", "unknown key", "both"],
)
def test_a_stranger_takes_no_writing_slot(
    place: Town, writes: list[str], headers: dict[str, str], status: int, code: str
) -> None:
    for _ in range(2):
        writes.clear()  # the first time, a row in the journal tells of him after he has his answer
        for path in ("/cases", "/cases/1/accept", "/cases/bulk", "/api-keys", "/calendar/notices"):
            answer = place.client.post(f"/api/v1{path}", json=application(), headers=headers)
            assert (answer.status_code, problem(answer)["code"]) == (status, code), path
    assert writes == []


def test_neither_does_somebody_whose_role_or_scope_is_another(place: Town, writes: list[str]) -> None:
    place.issue_key("只读", CITY, Role.PORTAL, Scope.READ)
    for _ in range(2):
        writes.clear()
        assert place.post("jingban", "/cases", application()).status_code == 403
        assert place.post("只读", "/cases", application()).status_code == 403
    assert writes == []
    assert place.post("dengji", "/cases", application()).status_code == 201
    assert writes == ["write"]


def test_a_key_revoked_between_admission_and_write_ends_the_write(place: Town) -> None:
    prefix = place.issue_key("门户", BUREAU, Role.PORTAL).split("_")[1]

    def revoke(connection: Connection) -> None:
        """Withdraw the key the moment the write begins, when the admission is over."""
        if connection.get_execution_options().get("writes"):
            connection.exec_driver_sql(f"UPDATE api_keys SET revoked_at = expires_at WHERE prefix = '{prefix}'")

    event.listen(place.engine, "begin", revoke)
    refused = place.post("门户", "/cases", application())
    event.remove(place.engine, "begin", revoke)
    assert (refused.status_code, problem(refused)["code"]) == (401, "unauthenticated")
    assert place.get("dengji", "/cases").json()["total"] == 0
