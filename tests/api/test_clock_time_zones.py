"""Legal dates are those of Shanghai, wherever the server and its database believe to be."""

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from app import db
from tests.databases import Databases, SqliteDatabases
from tests.sizes import FULL
from tests.town import Town, town

ROOT = Path(__file__).parents[2]
ZONES = ("Asia/Shanghai", "UTC", "America/New_York", "Pacific/Kiritimati", "Asia/Kathmandu")
INSTANTS = {  # the moment of a request → the legal day in Shanghai
    "2026-03-01T23:59:59+08:00": "2026-03-01",
    "2026-03-02T00:00:00+08:00": "2026-03-02",
    "2026-03-01T16:00:00Z": "2026-03-02",
    "2026-03-01T15:59:59Z": "2026-03-01",
    "2026-03-01T11:30:00-05:00": "2026-03-02",
    "2026-03-02T05:59:59+14:00": "2026-03-01",
    "2026-03-02T06:00:00+14:00": "2026-03-02",
}
SCRIPT = """
import json, sys, tempfile
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tests.api.test_clock_time_zones import legal_dates
from tests.town import town
with tempfile.TemporaryDirectory() as folder, town(sys.argv[2], Path(folder)) as place:
    print(json.dumps(legal_dates(place)))
"""


def legal_dates(place: Town) -> dict[str, Any]:
    """Register and look at a case at every instant; returns every date the service then says."""
    found: dict[str, Any] = {}
    for instant in INSTANTS:
        place.go_to("2026-03-03")
        place.now = dt.datetime.fromisoformat(instant)
        case = place.register(submitted_at=instant)
        clock = place.get("duban", f"/cases/{case['id']}/clock").json()
        timeline = place.get("duban", f"/cases/{case['id']}/timeline").json()["items"]
        overdue = place.get("duban", "/cases/overdue").json()
        preview = place.client.post("/api/v1/clock/preview", json={"received_on": "2026-02-24"}).json()
        found[instant] = {
            "received_on": case["received_on"],
            "due_on": case["due_on"],
            "as_of": clock["as_of"],
            "used": clock["used_workdays"],
            "first_line": clock["explanation"][0]["on"],
            "journal": timeline[0]["on"],
            "submitted_at": case["submitted_at"],
            "overdue_as_of": overdue["as_of"],
            "preview_as_of": preview["as_of"],
            "preview_left": preview["left_workdays"],
        }
    return found


@pytest.mark.slow
def test_no_zone_of_server_or_database_changes_a_legal_date(databases: Databases, tmp_path: Path) -> None:
    # SQLite knows no zones of its own: the two furthest tell as much as all.
    zones = ZONES if FULL or not isinstance(databases, SqliteDatabases) else ZONES[2:4]
    answers = {}
    for zone in zones:
        url = databases.new()
        if url.startswith("postgresql"):
            engine = db.build_engine(url)
            with engine.begin() as connection:
                connection.exec_driver_sql(f"ALTER DATABASE \"{make_url(url).database}\" SET timezone TO '{zone}'")
            engine.dispose()
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(ROOT), url],
            env={**os.environ, "TZ": zone, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        answers[zone] = json.loads(done.stdout)
        databases.drop(url)
    with town(databases.new(), tmp_path) as place:
        here = legal_dates(place)
    assert answers == dict.fromkeys(zones, here)
    for instant, legal in INSTANTS.items():
        dates = here[instant]
        assert {dates[key] for key in ("received_on", "as_of", "first_line", "journal", "overdue_as_of")} == {legal}
        assert dates["preview_as_of"] == legal
