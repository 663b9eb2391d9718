"""What an act answers is what the next reader is shown, whether the case was read again or carried on from what was known."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.deps import PREFIX
from app.domain.terms import Role
from app.services.demo import city
from tests.databases import Databases, SqliteDatabases
from tests.demo_city import Demo
from tests.faults.procession import steps
from tests.made_ready import HIRED_BY_THE_CITY, SETTINGS, make_ready
from tests.pressing import REFUSED, Pressing, pressed
from tests.town import town

OCCASIONAL_AT_LEAST = 14


@pytest.fixture
def pressing(demo: Demo, databases: Databases, tmp_path: Path) -> Iterator[Pressing]:
    if not isinstance(databases, SqliteDatabases):
        pytest.skip("how a case is put together does not depend on the database")
    hired = {who: (city.CITY, frozenset({Role(role)})) for who, role in HIRED_BY_THE_CITY.items()}
    with pressed(demo, tmp_path, hired=hired, **SETTINGS) as opened:
        yield opened


def test_every_act_from_registration_to_archive_answers_what_is_read_after_it(
    databases: Databases, tmp_path: Path
) -> None:
    case_id = None
    with town(databases.new(), tmp_path) as place:
        for step in steps(place.now):
            acted = place.post(step.who, step.path(case_id), step.body)
            assert acted.status_code < REFUSED, (step, acted.text)
            case_id = acted.json()["id"]
            told = {name: value for name, value in acted.json().items() if name != "query_code"}
            assert told == place.get(step.who, f"/cases/{case_id}").json(), step.action


def test_every_occasional_act_answers_what_is_read_after_it(pressing: Pressing) -> None:
    ready = [one for one in make_ready(pressing) if one.operation.endswith("_case") and one.path.startswith("/cases/")]
    pressing.keep()
    compared = 0
    for one in ready:
        headers = {"Authorization": f"Bearer {pressing.tokens[one.who]}"}
        acted = pressing.client.post(f"{PREFIX}{one.path}", headers=headers, json=one.json)
        assert acted.status_code < REFUSED, (one, acted.text)
        case_id = one.path.split("/")[2]
        read = pressing.client.get(f"{PREFIX}/cases/{case_id}", headers=headers)
        if read.status_code < REFUSED:  # a transfer takes the case out of sight
            assert acted.json() == read.json(), one.operation
            compared += 1
        pressing.put_back()
    assert compared >= OCCASIONAL_AT_LEAST
