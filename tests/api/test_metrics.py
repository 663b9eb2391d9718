"""`/metrics` tells an operator what is answered and what lags, and nobody else anything."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from app import db
from app.domain.terms import Role, WebhookStop
from app.house import House
from app.models import Agency, Webhook
from app.services import doctor
from app.workers.jobs import Job
from app.workers.runner import run_once
from app.workers.sealer import seal_journal
from tests.servers import serving
from tests.town import BUREAU, Town, problem, town

TOKEN = "token-of-the-monitoring-system"


@pytest.fixture
def watched(served_database: str, tmp_path: Path) -> Iterator[Town]:
    with town(served_database, tmp_path, metrics_token=TOKEN) as opened:
        yield opened


def read(place: Town) -> dict[str, float]:
    answer = place.client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain")
    return {name: float(value) for name, value in re.findall(r"^([a-z]\S*) (\S+)$", answer.text, re.MULTILINE)}


def test_answers_are_counted_and_what_waits_is_told_to_who_has_the_token_without_a_name_or_number(
    watched: Town,
) -> None:
    case = watched.register()
    for _ in range(3):
        watched.get("dengji", f"/cases/{case['id']}")
    watched.get("dengji", "/cases/999999")  # refused, which is the second row of the journal
    watched.go_to("2026-03-02 10:05")
    found = read(watched)
    assert found['disclosure_answers_total{operation="get_case",status="200"}'] == 3
    assert found['disclosure_answers_total{operation="get_case",status="404"}'] == 1
    assert found['disclosure_answer_seconds_count{operation="register_case"}'] == 1
    assert (found["disclosure_journal_unsealed"], found["disclosure_journal_unsealed_seconds"]) == (2, 300)
    assert found["disclosure_journal_sequence"] == 0
    assert any("尚未编号封存" in warning for warning in watched.client.get("/readyz").json()["warnings"])
    with db.reader(watched.engine) as session:
        codes = {finding.code for finding in doctor.examine(session, watched.settings, watched.now, migrated=True)}
    assert "behind" in codes
    run_once(
        House.of(watched.settings, db.everywhere(watched.engine), lambda: watched.now),
        [Job("sealer", "封存", seal_journal)],
    )
    found = read(watched)
    assert (found["disclosure_journal_unsealed"], found["disclosure_journal_sequence"]) == (0, 2)
    assert not any("尚未编号封存" in warning for warning in watched.client.get("/readyz").json()["warnings"])
    watched.client.get("/api/v1/public/cases/CASE-OF-SOMEBODY", params={"query_code": "SECRET1234"})
    watched.client.get("/nowhere/张三")
    text = watched.client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    for secret in ("张三", "CASE-OF-SOMEBODY", "SECRET1234", case["case_no"], "nowhere"):
        assert secret not in text
    for headers in ({}, {"Authorization": "Bearer other"}, watched.headers("dengji")):
        answer = watched.client.get("/metrics", headers=headers)
        assert (answer.status_code, problem(answer)["code"]) == (404, "not_found")


def test_without_a_token_only_callers_on_this_machine_read_it_and_no_proxy_does(place: Town) -> None:
    assert place.client.get("/metrics").status_code == 404  # the test client is no address of this machine
    with serving(place.client.app) as origin:
        assert httpx.get(f"{origin}/metrics", timeout=60).status_code == 200
        assert httpx.get(f"{origin}/metrics", headers={"X-Forwarded-For": "127.0.0.1"}, timeout=60).status_code == 404


def test_a_receiver_of_any_agency_that_was_stopped_is_told_to_whoever_asks_whether_all_is_well(watched: Town) -> None:
    with db.writer(watched.engine) as session:
        agency_id = session.scalars(select(Agency.id).where(Agency.code == BUREAU)).one()
        session.add(
            Webhook(
                agency_id=agency_id,
                role=Role.SCRIPT_READER,
                label="统一受理平台",
                url="https://example.com/",
                events=["case.*"],
                secret="-",
                cursor=0,
                disabled_at=watched.now,
                disabled_why=WebhookStop.FAILING,
                created_by="anquan",
                created_at=watched.now,
            )
        )
        session.commit()
    assert any("1个回调" in warning for warning in watched.client.get("/readyz").json()["warnings"])
    assert read(watched)["disclosure_webhook_disabled"] == 1
