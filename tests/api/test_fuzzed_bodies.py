"""Broken bodies by the thousand: the documented examples, with something in them turned hostile.

`DISCLOSURE_FULL=1` sends 100 000 of them instead of 1 500 to each database.
"""

import json
import logging
import random
from collections.abc import Iterator
from typing import Any

import pytest

from tests.databases import Databases
from tests.hostile import SECRET, beset, check, names_in, prepared, targets
from tests.sizes import FULL
from tests.town import Town

log = logging.getLogger(__name__)

BODIES = 100_000 if FULL else 1_500
EVERY = 1 if FULL else 29  # of the places where something may be sent back


@pytest.fixture(autouse=True)
def told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, __name__)


@pytest.fixture(scope="module")
def place(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with beset(databases, tmp_path_factory.mktemp("faults")) as opened:
        yield opened


HOSTILE: list[Any] = [
    None,
    True,
    0,
    -1,
    1,
    10**15,
    -(2**53),
    0.5,
    1e308,
    -0.0,
    "",
    " ",
    "\t\n",
    SECRET,
    SECRET * 100,
    "\u202e" + SECRET,
    "\ufffe\uffff",
    "\U0001f600" * 50,
    "%s%n{0}{__class__}${7*7}{{7*7}}",
    "'; DROP TABLE cases; --",
    "=cmd|' /C calc'!A0",
    "../../../../etc/passwd",
    "<script>alert(1)</script>",
    "1_000",
    "٣",
    "2026-02-30",
    "0001-01-01",
    "9999-12-31",
    "2026-03-02",
    "2026-03-02T09:00:00",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "2026-03-02T24:00:00Z",
    "in_person",
    "grant",
    "jingban",
    [],
    {},
    [None],
    [[]],
    {"": ""},
    {SECRET: SECRET},
    ["a"] * 60,
]


def hostile(body: Any, chance: random.Random) -> Any:
    """Return the body with one to three of its values replaced, dropped, doubled or joined by others."""
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        body = _changed(body, chance)
    return body


def _changed(body: Any, chance: random.Random) -> Any:
    if isinstance(body, dict) and body and chance.random() < 0.9:
        name = chance.choice(list(body))
        turn = chance.random()
        if turn < 0.1:
            return {other: value for other, value in body.items() if other != name}
        if turn < 0.2:
            return body | {chance.choice((SECRET, "extra", "")): chance.choice(HOSTILE)}
        return body | {name: _changed(body[name], chance)}
    if isinstance(body, list) and body and chance.random() < 0.8:
        place = chance.randrange(len(body))
        turn = chance.random()
        if turn < 0.15:
            return body * chance.choice((2, 60))
        return [*body[:place], _changed(body[place], chance), *body[place + 1 :]]
    return chance.choice(HOSTILE)


def test_thousands_of_broken_bodies_never_break_the_service(place: Town) -> None:
    document = place.client.get("/openapi.json").json()
    aimed = list(targets(document))
    assert len(aimed) > 25
    chance, tally = random.Random(20260302), dict.fromkeys(range(200, 600), 0)
    cases = [prepared(place, steps) for steps in range(6)]
    for turn in range(BODIES):
        who, method, path, example = aimed[turn % len(aimed)]
        if turn % 5_000 == 4_999:
            log.info("%s bodies so far", turn + 1)
        if turn % 500 == 499:  # some have been worked on to the end
            cases = [prepared(place, steps) for steps in range(6)]
        body = hostile(example, chance)
        numbers = {"case_id": chance.choice(cases), "user_id": chance.randint(11, 20)}  # the staff keep their roles
        address = path.format_map(numbers | {name: chance.randint(1, 7) for name in names_in(path) - numbers.keys()})
        headers = place.headers(who)
        if chance.random() < 0.1:
            headers["Idempotency-Key"] = str(chance.randint(1, 50))
        answer = place.client.request(method, address, json=body, headers=headers)
        check(answer, sent=f"{method} {address} {json.dumps(body, ensure_ascii=False)}")
        tally[answer.status_code] += 1
    found = {status: count for status, count in tally.items() if count}
    log.info("%s bodies: %s", BODIES, found)
    assert found[422] > BODIES / 2
    assert sum(count for status, count in found.items() if status < 300) > BODIES / 50, "too few got past the door"


def _marked(body: Any) -> Iterator[Any]:
    """Copies of a body with what must not come back in each of its places: as a text, as a name, in a list."""
    yield from (SECRET, [SECRET], {SECRET: SECRET}, {"x": {SECRET: 1}})
    if isinstance(body, dict):
        yield body | {SECRET: 1}
        for name, value in body.items():
            yield {SECRET if other == name else other: kept for other, kept in body.items()}
            yield from (body | {name: changed} for changed in _marked(value))
    elif isinstance(body, list):
        for place, value in enumerate(body):
            yield from ([*body[:place], changed, *body[place + 1 :]] for changed in _marked(value))


def test_nothing_that_was_sent_comes_back_from_any_place_of_any_body(place: Town) -> None:
    """Where chance would look for a long time: the name of a column in a table in a body, say."""
    document = place.client.get("/openapi.json").json()
    case, tried = prepared(place, 2), 0
    bodies = [(target, body) for target in targets(document) for body in _marked(target[3])]
    for (who, method, path, _example), body in bodies[::EVERY]:
        address = path.format_map({"case_id": case} | dict.fromkeys(names_in(path) - {"case_id"}, 1))
        answer = place.client.request(method, address, json=body, headers=place.headers(who))
        check(answer, sent=f"{method} {address} {json.dumps(body, ensure_ascii=False)}")
        tried += 1
    log.info("%s of %s places", tried, len(bodies))
    assert tried > 100
