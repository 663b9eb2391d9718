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
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.deps import PREFIX
from app.domain.terms import Role
from app.openapi import operations
from app.services.demo import city
from app.services.permissions import CASE_ROLES
from tests.databases import SqliteDatabases
from tests.demo_city import demo_city
from tests.examples import Examples, Sent
from tests.made_ready import HIRED_BY_THE_CITY, make_ready
from tests.made_ready import SETTINGS as READY_SETTINGS
from tests.pressing import REFUSED, Pressing, pressed
from tests.servers import serving
from tests.sizes import FULL
from tests.town import BUREAU, CITY, COUNTY, Town, application, is_endless, town

log = logging.getLogger(__name__)

PHASES = "examples,coverage,fuzzing,stateful" if FULL else "examples,fuzzing"
EXAMPLES = 50 if FULL else 3
"""Cases made for each operation: a number, and no time, so that a slow machine tries as much as a fast one."""
SEED = str(random.getrandbits(64)) if FULL else "20260302"  # printed with every failure
TOOL = Path(sys.executable).parent / "schemathesis"
SAWING = (
    *("set_user_roles", "disable_user", "reset_user_password", "change_own_password", "revoke_token"),
    *("end_own_sign_ins", "end_sign_ins_of_user", "end_all_sign_ins"),
)
"""Operations with which the callers would lock themselves out; `test_fuzzed_bodies`, `test_admin` and
`test_sign_ins` try those."""

BY_ROW = ("register_cases",)
"""A batch is taken whatever its rows are, each with a result of its own; `test_bulk` tries it."""


ENDLESS = {"stream_feed"}
NEVER_AGAIN = {"set_up"}
"""It works once, on an empty service; `test_admin` tries that."""

HOOKS = Path(__file__).with_name("schemathesis_hooks.py")
OTHER = "379900-JYJ"


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


def configure(folder: Path, users: Mapping[str, Mapping[str, str]], *more: str) -> None:
    """Say who calls, by the headers of each: an operation is tried by one after the other until somebody may."""
    known = [
        {"name": who, "fixedHeaders": [{"name": name, "value": value} for name, value in headers.items()]}
        for who, headers in users.items()
    ]
    (folder / "users.json").write_text(json.dumps({"auth": known}))
    said = (*more, "[auth.wfc]", 'path = "users.json"', 'peers = ["bureau", "county"]')
    (folder / "schemathesis.toml").write_text("\n".join(said))


def leaving_out(*names: str) -> list[str]:
    return [option for name in names for option in ("--exclude-operation-id", name)]


def run(origin: str, folder: Path, *options: str) -> None:
    configured = folder / "schemathesis.toml"
    configured.touch()
    common = ("--no-color", "--continue-on-failure", "--generation-database", "none", "--seed", SEED)
    done = subprocess.run(
        [TOOL, "--config-file", configured, "run", f"{origin}/openapi.json", *common, *options],
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
    configure(tmp_path, {name: service.place.headers(name) for name in users})
    run(
        service.origin,
        tmp_path,
        *("--checks", "all", "--exclude-checks", "positive_data_acceptance,ignored_auth"),
        *("--phases", PHASES, "--max-examples", str(EXAMPLES)),
        *leaving_out(*SAWING, *BY_ROW, *ENDLESS),
    )


def test_no_operation_forgets_to_ask_who_is_calling(service: Service, tmp_path: Path) -> None:
    (credential,) = service.place.headers("bureau").items()
    run(
        service.origin,
        tmp_path,
        *("--checks", "ignored_auth", "--phases", PHASES, "--max-examples", str(EXAMPLES // 3)),
        *("--header", ": ".join(credential)),
    )


@pytest.fixture(scope="module")
def pressing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pressing]:
    """The demo city, with people of two agencies who hold every role that works on cases."""
    folder = tmp_path_factory.mktemp("city")
    hired = {"bureau": (city.EXAMPLE, CASE_ROLES), "county": (OTHER, CASE_ROLES)}
    hired |= {who: (city.CITY, frozenset({Role(role)})) for who, role in HIRED_BY_THE_CITY.items()}
    with (
        demo_city(SqliteDatabases(folder).new(), folder) as demo,
        pressed(demo, folder, hired=hired, **READY_SETTINGS) as opened,
    ):
        yield opened


def good_requests(pressing: Pressing) -> dict[str, Sent]:
    """For each operation a request that works on the city as it stands: its example, or one made ready for it."""
    ready = make_ready(pressing)
    pressing.keep()
    found = {}
    for one in ready:
        path = one.path if one.path.startswith("/oauth") else f"{PREFIX}{one.path}"
        headers = {"Authorization": f"Bearer {pressing.tokens[one.who]}"} if one.who else {}
        answer = pressing.client.request(one.method, path, headers=headers, json=one.json, data=one.form)
        assert answer.status_code < REFUSED, (one, answer.text)
        found[one.operation] = Sent.of(answer.request)
        pressing.put_back()
    for path, method, operation in operations(pressing.document):
        name = operation["operationId"]
        if not is_endless(operation) and name not in found:
            answer = pressing.press(path, method, operation)
            if answer.status_code < REFUSED:
                found[name] = Sent.of(answer.request)
    return found


@pytest.mark.skipif(not FULL, reason="takes minutes: DISCLOSURE_FULL=1")
def test_every_operation_is_called_by_somebody_who_may_and_nothing_warns(pressing: Pressing, tmp_path: Path) -> None:
    good = good_requests(pressing)
    named = {operation["operationId"] for _, _, operation in operations(pressing.document)}
    assert named - good.keys() == ENDLESS | NEVER_AGAIN
    users = ("bureau", "county", *city.ADMINISTRATORS.values())
    quiet = [f'[[operations]]\ninclude-operation-id = "{name}"\nwarnings = false' for name in NEVER_AGAIN]
    headers = {who: {"Authorization": f"Bearer {pressing.tokens[who]}"} for who in users}
    configure(tmp_path, headers, f'hooks = "{HOOKS}"', "[warnings]", "fail-on = true", *quiet)
    with serving(Examples(pressing.client.app, pressing, good)) as origin:
        run(
            origin,
            tmp_path,
            *("--checks", "all", "--exclude-checks", "positive_data_acceptance,ignored_auth"),
            *("--phases", PHASES, "--max-examples", str(EXAMPLES)),
            *leaving_out(*BY_ROW, *ENDLESS),
        )
