"""Schemathesis over the whole document, against a running service: two agencies' staff and both administrators.

Left out are two of its checks. `positive_data_acceptance` asks that whatever fits the schema is taken, but the law says
more than a schema can. `ignored_auth` has a run of its own, because beside several users it counts answers that another
user's credentials brought.
"""

import json
import logging
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.domain.terms import Role
from app.services.permissions import CASE_ROLES
from tests.databases import SqliteDatabases
from tests.servers import serving
from tests.sizes import FULL
from tests.town import BUREAU, CITY, COUNTY, Town, application, town

log = logging.getLogger(__name__)

PHASES = "examples,coverage,fuzzing,stateful" if FULL else "examples,fuzzing"
EXAMPLES = 200 if FULL else 3
"""Cases made for each operation: a number, and no time, so that a slow machine tries as much as a fast one."""
SEED = str(random.getrandbits(64)) if FULL else "20260302"  # printed with every failure
TOOL = Path(sys.executable).parent / "schemathesis"
SAWING = ("set_user_roles", "disable_user", "reset_user_password", "change_own_password", "revoke_token")
"""Operations with which the callers would lock themselves out; `test_faults` and `test_admin` try those."""

BY_ROW = ("register_cases",)
"""A batch is taken whatever its rows are, each with a result of its own; `test_bulk` tries it."""


@dataclass(frozen=True)
class Service:
    origin: str
    place: Town


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("schemathesis")
    with town(SqliteDatabases(folder).new(), folder) as place:
        place.hire("xitong", CITY, Role.SYSTEM_ADMIN)
        place.hire("anquan", CITY, Role.SECURITY_ADMIN)
        for name, agency in (("bureau", BUREAU), ("county", COUNTY)):
            place.hire(name, agency, *CASE_ROLES)
            place.register(name, agency_code=agency, applicant=application()["applicant"] | {"name": f"申请人{agency}"})
        with serving(place.client.app) as origin:
            yield Service(origin, place)


def run(service: Service, folder: Path, *options: str) -> None:
    configured = folder / "schemathesis.toml"
    configured.touch()
    common = ("--no-color", "--continue-on-failure", "--generation-database", "none", "--seed", SEED)
    done = subprocess.run(
        [TOOL, "--config-file", configured, "run", f"{service.origin}/openapi.json", *common, *options],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    tally = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    assert tally, done.stdout[-2_000:]
    log.info("schemathesis: %s", tally[0])
    assert int(tally[2]) > 300, tally[0]


def test_every_answer_is_as_documented_and_no_agency_sees_the_other(service: Service, tmp_path: Path) -> None:
    users = ("bureau", "county", "xitong", "anquan")
    (tmp_path / "users.json").write_text(
        json.dumps(
            {
                "auth": [
                    {"name": name, "fixedHeaders": [{"name": key, "value": value}]}
                    for name in users
                    for key, value in service.place.headers(name).items()
                ]
            }
        )
    )
    (tmp_path / "schemathesis.toml").write_text('[auth.wfc]\npath = "users.json"\npeers = ["bureau", "county"]\n')
    left_out = [option for name in (*SAWING, *BY_ROW, "stream_feed") for option in ("--exclude-operation-id", name)]
    run(
        service,
        tmp_path,
        *("--checks", "all", "--exclude-checks", "positive_data_acceptance,ignored_auth"),
        *("--phases", PHASES, "--max-examples", str(EXAMPLES)),
        *left_out,
    )


def test_no_operation_forgets_to_ask_who_is_calling(service: Service, tmp_path: Path) -> None:
    (credential,) = service.place.headers("bureau").items()
    run(
        service,
        tmp_path,
        *("--checks", "ignored_auth", "--phases", PHASES, "--max-examples", str(EXAMPLES // 3)),
        *("--header", ": ".join(credential)),
    )
