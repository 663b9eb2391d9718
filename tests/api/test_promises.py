"""What clients of `/api/v1` rely on is there as long as there is a v1: things are added, and none is taken away or narrowed.

The list is compared one way only, so that what is new need not be entered at once. Before a release, or after a change
that is meant to break clients: `python -m tests.api.test_promises`.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from app.openapi import operations
from tests.api.test_contract import application, sent_in

LIST = Path(__file__).parent.parent / "golden" / "promises.txt"
Promises = dict[str, set[str]]
"""By operation or schema: what clients may send it, must send it, and find in it."""


def _type(schema: Mapping[str, Any]) -> str:
    if reference := schema.get("$ref"):
        return str(reference).rpartition("/")[2]
    if parts := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        return "|".join(sorted(_type(part) for part in parts))
    if "items" in schema:
        return f"{_type(schema['items'])}[]"
    return str(schema.get("type", "any"))


def _needed(names: list[str]) -> str:
    """As one word: one more that must be sent is another word, and so breaks the promise."""
    return f"needs={','.join(sorted(names))}"


def _of_operation(path: str, method: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f"{method.upper()}:{path}"
    parameters = operation.get("parameters", [])
    yield from (f"?{one['name']}:{_type(one['schema'])}" for one in parameters)
    yield _needed([one["name"] for one in parameters if one.get("required")])
    for kind, body in operation.get("requestBody", {}).get("content", {}).items():
        yield f"takes={kind}:{_type(body['schema'])}"
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            yield from (
                f"{status}={kind}:{_type(body.get('schema', {}))}" for kind, body in answer.get("content", {}).items()
            )


def _of_schema(schema: Mapping[str, Any], *, sent: bool) -> Iterator[str]:
    yield from (f"={code}" for code in schema.get("enum", ()))
    required = schema.get("required", [])
    for name, field in schema.get("properties", {}).items():
        yield f"{name}:{_type(field)}"
        if not sent and name in required:
            yield f"{name}!"  # always there
    if sent:
        yield _needed(required)


def promises(document: dict[str, Any]) -> Promises:
    """Say what the document promises."""
    sent = sent_in(document)
    found = {
        operation["operationId"]: {*_of_operation(path, method, operation)}
        for path, method, operation in operations(document)
    }
    for name, schema in document["components"]["schemas"].items():
        found[f"#{name}"] = {*_of_schema(schema, sent=name in sent)}
    return found


def broken(given: Promises, now: Promises) -> list[str]:
    """List what was promised and does not hold any more."""
    return sorted(
        f"{name} {promise}" for name, wanted in given.items() for promise in wanted - now.get(name, set())
    ) + sorted(f"{name} is gone" for name in given.keys() - now.keys())


def _read() -> Promises:
    rows = (line.split() for line in LIST.read_text("utf-8").splitlines())
    return {name: {*rest} for name, *rest in rows}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return application().openapi()


def test_nothing_that_clients_rely_on_is_taken_away_within_a_major_version(document: dict[str, Any]) -> None:
    given = _read()
    assert len(given) > 500
    assert broken(given, promises(document)) == [], "if it is meant to break clients: see the guide on versions"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda made: made["Application"]["required"].append("purpose"), "#Application needs="),
        (lambda made: made["CaseOut"]["properties"].pop("due_on"), "#CaseOut due_on:"),
        (lambda made: made["Channel"]["enum"].remove("fax"), "#Channel =fax"),
        (lambda made: made["CaseOut"]["properties"]["version"].update(type="string"), "#CaseOut version:integer"),
        (lambda made: made["CaseOut"]["required"].remove("state"), "#CaseOut state!"),
    ],
)
def test_what_would_break_a_client_is_noticed(document: dict[str, Any], change: Any, found: str) -> None:
    changed = deepcopy(document)
    change(changed["components"]["schemas"])
    assert any(line.startswith(found) for line in broken(_read(), promises(changed)))


def test_an_operation_that_is_taken_away_is_noticed(document: dict[str, Any]) -> None:
    changed = deepcopy(document)
    del changed["paths"]["/api/v1/cases/{case_id}/withdraw"]
    assert "withdraw_case is gone" in broken(_read(), promises(changed))


def test_what_is_added_breaks_nobody(document: dict[str, Any]) -> None:
    changed = deepcopy(document)
    schemas = changed["components"]["schemas"]
    schemas["CaseOut"]["properties"]["colour"] = {"type": "string"}
    schemas["CaseOut"]["required"].append("colour")
    schemas["Application"]["properties"]["colour"] = {"type": "string"}
    schemas["Channel"]["enum"].append("pigeon")
    assert broken(_read(), promises(changed)) == []


if __name__ == "__main__":
    lines = (" ".join([name, *sorted(said)]) for name, said in sorted(promises(application().openapi()).items()))
    LIST.write_text("".join(f"{line}\n" for line in lines), "utf-8")
