"""Nobody sets what only the service sets: a field that is not asked for refuses the whole request, and changes nothing."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.domain.examples import example
from app.domain.terms import Role
from app.http.media import JSON
from app.models import Base
from app.openapi import operations
from tests.town import BUREAU, Town, town

COLUMNS = frozenset(column.name for table in Base.metadata.sorted_tables for column in table.columns)
"""Whatever a row has: every one of these is the service's own, unless a body names it."""

CHANGING = ("access_tokens", "sign_in_tries", "rate_limits")


@pytest.fixture
def place(served_database: str, tmp_path: Path) -> Iterator[Town]:
    with town(served_database, tmp_path) as opened:
        for role in Role:
            if role in {Role.PORTAL, Role.SCRIPT_READER}:
                opened.issue_key(role.value, BUREAU, role)
            else:
                opened.hire(f"r_{role.value}", BUREAU, role)
                opened.tokens[role.value] = opened.tokens[f"r_{role.value}"]
        yield opened


def bodies(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """Every operation that takes JSON: path, method, operation, the schema of the body."""
    schemas = document["components"]["schemas"]
    for path, method, operation in operations(document):
        content = operation.get("requestBody", {}).get("content", {})
        if JSON in content and path.startswith("/api/v1"):
            schema = content[JSON]["schema"]
            yield path, method, operation, schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def test_every_body_at_every_depth_refuses_what_it_does_not_name(place: Town) -> None:
    document = place.client.get("/openapi.json").json()
    schemas = document["components"]["schemas"]

    def open_ones(schema: Any, seen: set[str]) -> Iterator[str]:
        if isinstance(schema, list):
            for part in schema:
                yield from open_ones(part, seen)
        if not isinstance(schema, dict):
            return
        name = str(schema.get("$ref", "")).rpartition("/")[2]
        if name and name not in seen:
            seen.add(name)
            if schemas[name].get("type") == "object" and schemas[name].get("additionalProperties") is not False:
                yield name
            yield from open_ones(schemas[name], seen)
        for part in ("properties", "items", "anyOf", "oneOf", "allOf"):
            inner = schema.get(part)
            yield from open_ones(list(inner.values()) if part == "properties" and inner else inner, seen)

    checked = [schema for _, _, _, schema in bodies(document)]
    assert len(checked) > 60
    assert {name for schema in checked for name in open_ones(schema, set())} == set()
    wide = [path for path, *_, schema in bodies(document) if not {"additionalProperties", "oneOf"} & schema.keys()]
    assert wide == []


def test_no_operation_lets_a_column_of_any_table_be_set_from_outside(place: Town) -> None:
    case = place.register()
    document = place.client.get("/openapi.json").json()
    schemas = document["components"]["schemas"]
    for _ in range(2):  # the first round marks sign-ins as used
        before = _content(place)
        tried = 0
        for path, method, operation, schema in bodies(document):
            choices = [schemas[one["$ref"].rpartition("/")[2]] for one in schema.get("oneOf", ())] or [schema]
            foreign = sorted(COLUMNS - {name for one in choices for name in one["properties"]})
            sound = example(schema, schemas)
            filled = path.replace("{case_id}", str(case["id"])).replace("{agency_id}", "2").replace("{user_id}", "1")
            role = Role((operation.get("x-roles") or [Role.HANDLER.value])[0])
            headers = place.headers(role.value) | {"If-Match": '"1"'} if "x-roles" in operation else {}
            answer = place.client.request(method, filled, json=sound | dict.fromkeys(foreign, 1), headers=headers)
            assert answer.status_code == 422, (path, answer.text)
            assert len(answer.content) < 4096 or len(json.loads(answer.text)["reasons"]) <= len(foreign) + 5
            tried += len(foreign)
        assert tried > 10_000
    assert _content(place) == before


def _content(place: Town) -> list[str]:
    """Everything in the database but the marks that somebody was here."""
    with place.engine.connect() as connection:
        tables = [table for table in Base.metadata.sorted_tables if table.name not in CHANGING]
        return [repr(sorted(map(repr, connection.execute(table.select())))) for table in tables]
