"""The OpenAPI document: valid, complete, in Chinese for whoever reads it and in ASCII for whoever generates from it.

After a change of the interface that is meant: `python -m tests.api.test_contract` writes the list anew.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from openapi_spec_validator import OpenAPIV31SpecValidator
from sqlalchemy import create_engine
from starlette.testclient import TestClient

from app import errors
from app.config import Settings
from app.domain.terms import Role, Term
from app.http.doors import opened
from app.main import create_app
from app.openapi import operations
from app.openapi.groups import GROUPS

LISTING = Path(__file__).parent.parent / "golden" / "operations.txt"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
VERBS = re.compile(
    "登记|查询|查看|受理|确认|告知|收到|审核|改派|延长|送审|退回|签发|发出|归档|试算|修改|新增|更改|授予|停用|启用|重置|撤销|通过|结案|完成|换取|退出|要求|确定|移送|分立|并入|征求|请求|放行|补充|答复|导入|取得|作出|打印|添加|撤下|更换|恢复|列出|更正|保存|删除|设置|验证|移除|关联|导出|冻结|比较|阅知|试投递|重新投递"
)


def application() -> FastAPI:
    return create_app(Settings(), engine=create_engine("sqlite://"))


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return application()


@pytest.fixture(scope="module")
def document(app: FastAPI) -> dict[str, Any]:
    return app.openapi()


def listing(document: dict[str, Any]) -> str:
    """Write one line per operation: what clients and permissions depend on."""
    rows = []
    for path, method, operation in operations(document):
        who = ",".join(operation.get("x-roles", ["anybody"])) or "signed_in"
        rows.append(f"{method.upper():6} {path} {operation['operationId']} {who}\n")
    return "".join(sorted(rows, key=lambda row: row.split()[1::-1]))


def every(document: Any, key: str) -> Iterator[Any]:
    """Find the values of a key at any depth."""
    if isinstance(document, dict):
        for name, value in document.items():
            if name == key:
                yield value
            yield from every(value, key)
    elif isinstance(document, list):
        for value in document:
            yield from every(value, key)


def test_the_document_refers_to_nothing_but_its_own_components(document: dict[str, Any]) -> None:
    """The page puts what is referred to in its place by itself, and follows no address."""
    found = set(re.findall(r'"\$ref": "([^"]*)"', json.dumps(document)))
    assert len(found) > 300
    assert [address for address in found if not re.fullmatch(r"#/components/[a-zA-Z]+/[\w.-]+", address)] == []


def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_the_interface_is_the_one_agreed_upon(document: dict[str, Any]) -> None:
    assert listing(document) == LISTING.read_text(), "if the change is meant: python -m tests.api.test_contract"


def test_names_that_generators_use_are_ascii_and_unique(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _path, _method, operation in operations(document)]
    assert len(set(ids)) == len(ids)
    tags = [tag["name"] for tag in document["tags"]]
    assert len(set(tags)) == len(tags)
    schemas = document["components"]["schemas"]
    assert [
        name for name in [*ids, *tags, *schemas, *document["components"]["responses"]] if not NAME.fullmatch(name)
    ] == []
    assert len({name.lower().replace("_", "") for name in schemas}) == len(schemas)
    fields = {field for schema in schemas.values() for field in schema.get("properties", {})}
    assert [field for field in fields if not NAME.fullmatch(field)] == []


def test_every_operation_says_in_chinese_what_it_does_and_for_whom(document: dict[str, Any]) -> None:
    known = {name for name, _heading, _content in GROUPS}
    for path, method, operation in operations(document):
        name = f"{method} {path}"
        assert VERBS.match(operation["summary"]), f"{name}: {operation['summary']} 不以动词开头"
        assert CHINESE.search(operation["description"].splitlines()[0]), name
        assert operation["description"].count("**操作人**：") == 1, name
        assert len(operation["tags"]) == 1, name
        assert operation["tags"][0] in known, name


WORK = [
    "我的待办",
    "登记受理",
    "审核",
    "办理",
    "征求意见",
    "答复",
    "送达",
    "归档",
    "收费",
    "救济",
    "统计",
    "日历",
    "管理",
    "对接",
]


def test_the_groups_stand_in_the_order_of_the_work_and_none_is_empty(document: dict[str, Any]) -> None:
    headings = [tag["x-displayName"] for tag in document["tags"]]
    assert [heading for _name, heading, _content in GROUPS] == WORK
    assert headings == [heading for heading in WORK if heading in headings]
    used = {operation["tags"][0] for _path, _method, operation in operations(document)}
    assert used == {tag["name"] for tag in document["tags"]}


@pytest.mark.parametrize("role", Role)
def test_the_document_of_a_role_has_what_it_may_use_and_is_smaller_than_the_whole(
    app: FastAPI, document: dict[str, Any], role: Role
) -> None:
    whole = len(json.dumps(document, ensure_ascii=False))
    client = TestClient(app)
    answer = client.get("/openapi.json", params={"role": role.value})
    own = answer.json()
    assert len(answer.text) < whole
    assert list(OpenAPIV31SpecValidator(own).iter_errors()) == []
    listed = {operation["operationId"] for _path, _method, operation in operations(own)}
    assert listed == {
        operation["operationId"]
        for _path, _method, operation in operations(document)
        if role.value in (operation.get("x-roles") or [role.value])
    }
    assert {name.rpartition("/")[2] for name in every(own, "$ref")} >= set(own["components"]["schemas"])
    assert role.label in own["info"]["description"]
    seen = {"If-None-Match": answer.headers["etag"]}
    assert client.get("/openapi.json", params={"role": role.value}, headers=seen).status_code == 304
    assert client.get("/openapi.json", headers=seen).status_code == 200


def test_the_document_of_several_roles_is_that_of_each(app: FastAPI) -> None:
    client = TestClient(app)

    def listed(*roles: str) -> set[str]:
        own = client.get("/openapi.json", params={"role": list(roles)}).json()
        return {operation["operationId"] for _path, _method, operation in operations(own)}

    assert listed("handler", "archivist") == listed("handler") | listed("archivist")
    assert client.get("/openapi.json?role=emperor").status_code == 422


def test_every_description_and_parameter_is_in_chinese(document: dict[str, Any]) -> None:
    assert [text for text in every(document, "description") if isinstance(text, str) and not CHINESE.search(text)] == []
    for _path, _method, operation in operations(document):
        for parameter in operation.get("parameters", ()):
            assert CHINESE.search(parameter.get("description", "")), (operation["operationId"], parameter["name"])


def test_every_field_of_a_body_says_in_chinese_what_it_is(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    silent = [
        f"{name}.{field}"
        for name in sorted(sent_in(document))
        for field, schema in schemas[name].get("properties", {}).items()
        if not CHINESE.search(schema.get("description", "")) and "const" not in schema
    ]
    assert silent == []


def sent_in(document: dict[str, Any]) -> set[str]:
    """Name the schemas that bodies are made of."""
    found: set[str] = set()

    def follow(part: Any) -> None:
        for reference in every(part, "$ref"):
            name = reference.rpartition("/")[2]
            if name not in found:
                found.add(name)
                follow(document["components"]["schemas"][name])

    for _path, _method, operation in operations(document):
        follow(operation.get("requestBody", {}))
    return found


def test_every_list_of_codes_says_what_each_code_means(document: dict[str, Any]) -> None:
    terms = {cls.__name__: cls for cls in Term.__subclasses__()}
    for name, schema in document["components"]["schemas"].items():
        if name in terms:
            assert schema["enum"] == [term.value for term in terms[name]]
            assert all(f"`{term.value}` {term.label}" in schema["description"] for term in terms[name])
    for code, described in _coded_fields(document):
        assert f"`{code.removeprefix('-')}`" in described, code


def _coded_fields(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Give every code that a field or parameter may hold, with what is said about the field."""
    schemas = document["components"]["schemas"]
    fields = [field for schema in schemas.values() for field in schema.get("properties", {}).values()]
    for _path, _method, operation in operations(document):
        fields += [p["schema"] | {"description": p["description"]} for p in operation.get("parameters", ())]
    for field in fields:
        variants = [field, *field.get("anyOf", ()), field.get("items", {})]
        variants += [schemas[v["$ref"].rpartition("/")[2]] for v in variants if "$ref" in v]
        for variant in variants:
            for code in variant.get("enum", ()):
                yield code, field.get("description", "")


def test_nothing_that_is_sent_is_without_bounds(document: dict[str, Any]) -> None:
    """A number beyond the database's or a list of a million would otherwise get far before it fails."""
    fields = {
        f"{name}.{field}": part for name in sent_in(document) for field, part in _properties(document, name).items()
    }
    for path, method, operation in operations(document):
        for parameter in operation.get("parameters", ()):
            fields[f"{method} {path} {parameter['name']}"] = parameter["schema"]
    unbounded = [name for name, field in fields.items() if not all(_bounded(part) for part in _parts(field))]
    assert [name for name in unbounded if not name.startswith("Body_")] == []  # OAuth's forms: the body's limit holds


def _properties(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"][name].get("properties", {})
    return found


def _parts(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    for part in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())):
        yield from _parts(part)


def _bounded(schema: dict[str, Any]) -> bool:
    kind = schema.get("type")
    if kind == "integer":
        return {"minimum", "maximum"} <= schema.keys()
    if kind == "array":
        return "maxItems" in schema
    return kind != "string" or bool({"maxLength", "pattern", "format", "enum", "const"} & schema.keys())


def test_every_body_has_an_example_that_the_service_takes(app: FastAPI, document: dict[str, Any]) -> None:
    routes = {route.name: route for route in opened(app.routes) if isinstance(route, APIRoute)}
    seen = 0
    for _path, _method, operation in operations(document):
        for kind, body in operation.get("requestBody", {}).get("content", {}).items():
            if kind == "application/json":
                field = routes[operation["operationId"]].body_field
                assert field
                _value, faults = field.validate(body["example"], {}, loc=("body",))
                assert not faults, (operation["operationId"], faults)
                seen += 1
            assert body["example"] or kind == "multipart/form-data", operation["operationId"]
    assert seen > 20


def test_every_refusal_is_documented_with_its_code(document: dict[str, Any]) -> None:
    responses = document["components"]["responses"]
    documented = " ".join(response["description"] for response in responses.values())
    unusual = {errors.WrongMethod, errors.InternalError}  # of addresses that are none, and of faults of ours
    unusual |= {errors.AddressTooLong, errors.HeadTooLarge, errors.TooSlow}  # said before any operation is known
    assert [e.code for e in errors.all_errors() if f"`{e.code}`" not in documented and e not in unusual] == []
    for response in responses.values():
        (content,) = response["content"].values()
        assert f"`{content['example']['code']}` {content['example']['title']}" in response["description"]
    for path, method, operation in operations(document):
        said = operation["responses"]
        assert "503" in said
        assert ("401" in said and "403" in said) == (operation.get("security") != []) or "oauth" in path
        assert method == "get" or {"413", "415"} <= said.keys(), path
        assert all("$ref" in said[status] or "content" in said[status] for status in said if status[0] in "45"), path


def test_roles_are_listed_in_the_order_of_the_glossary(document: dict[str, Any]) -> None:
    for _path, _method, operation in operations(document):
        roles = operation.get("x-roles", [])
        assert roles == [role.value for role in Role if role in roles]


if __name__ == "__main__":
    LISTING.parent.mkdir(exist_ok=True)
    LISTING.write_text(listing(application().openapi()))
