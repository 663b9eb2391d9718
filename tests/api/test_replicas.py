"""What a service answers whose database lets nobody write, as a replica does."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from app import db
from tests.databases import Databases
from tests.town import BUREAU, Town, application, problem, town

READ = (
    *("/cases", "/cases/1", "/cases/1/clock", "/cases/1/timeline", "/cases/overdue", "/cases/due-soon", "/feed"),
    *("/statistics/board", "/statistics/agencies", f"/statistics/annual-report?agency={BUREAU}&year=2026"),
)
LEAVES_A_TRACE = (f"/statistics/annual-report.xlsx?agency={BUREAU}&year=2026", "/public/cases/x?query_code=y")


@pytest.fixture
def replica(postgresql_databases: Databases, tmp_path: Path) -> Iterator[Town]:
    url = postgresql_databases.new()
    with town(url, tmp_path) as place:
        place.register()
        with place.engine.execution_options(writes=True).begin() as connection:
            name = connection.scalar(text("SELECT current_database()"))
            connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
        place.engine.dispose()  # the setting is for new connections
        yield place
        place.engine.dispose()
    postgresql_databases.drop(url)


def test_a_replica_answers_whatever_leaves_no_trace_and_refuses_the_rest_plainly(replica: Town) -> None:
    assert replica.client.get("/readyz").status_code == 200
    assert {path: replica.get("duban", path).status_code for path in READ} == dict.fromkeys(READ, 200)
    for path in LEAVES_A_TRACE:
        answer = replica.get("duban", path)
        assert (answer.status_code, problem(answer)["code"]) == (503, "unavailable"), path
    refused = replica.post("dengji", "/cases", application())
    assert (refused.status_code, problem(refused)["code"]) == (503, "unavailable")
    with db.reader(db.everywhere(replica.engine)) as session:
        assert session.scalar(text("SELECT count(*) FROM cases")) == 1
