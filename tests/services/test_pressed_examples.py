"""Every operation of the document, pressed as it stands on a fresh demo city by somebody who may: it works, or says why not.

On SQLite only: what an act does on both databases is tested where the act is; here it is about the examples.
"""

import datetime as dt
import re
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from sqlalchemy import Engine, create_engine, select
from starlette.testclient import TestClient

from app import db
from app.config import Settings
from app.domain.terms import Role
from app.main import create_app
from app.models import AccessToken, User
from app.openapi import operations
from app.services.demo import city, traces
from app.services.identity import digest
from tests.databases import KEYRING, Databases, SqliteDatabases
from tests.demo_city import NOW, Demo
from tests.ledgers import as_csv, row
from tests.town import is_endless

REFUSED = 300
REFUSALS = {  # what no fresh city and nobody's example can allow, with the code of the reason that is given
    "close_uncorrected_case": "correction_period_running",
    "record_reasons_delivery_case": "reasons_delivery_known",
    "receive_reasons_case": "reasons_not_requested",
    "set_excessive_period_case": "reasons_not_accepted",
    "split_case": "items_cannot_be_split",
    "merge_case": "两件申请的申请人不同，不能合并",
    "record_consultation_delivery_case": "no_such_consultation",
    "notify_third_party_case": "third_party_did_not_object",
    "record_fee_delivery_case": "fee_delivery_known",
    "close_unpaid_case": "payment_period_running",
    "refund_fee_case": "nothing_paid",
    "decide_rectification_case": "not_for_this_kind",
    "conclude_complaint_case": "not_for_this_kind",
    "record_follow_up_case": "not_for_this_kind",
    "lift_legal_hold": "本案没有暂停删除",
    "answer_opinion_remedy": "须先登记收到意见书之日",
    "change_own_password": "原密码不正确",
    "set_up": "初始化令牌无效、已经使用或者已经过期",
    "confirm_second_factor": "动态口令或者备用码不正确",
    "verify_second_factor": "您还没有设置动态口令",
    "exchange_code": "授权码无效、已经使用或者已经过期",
    "link_single_sign_on": "没有配置统一身份认证",
    "get_journal_extract": "尚未编号封存",
    **dict.fromkeys(  # the demo city sends to nobody
        (
            *("get_webhook", "change_webhook", "delete_webhook", "rotate_webhook_secret", "disable_webhook"),
            *("enable_webhook", "try_webhook", "replay_webhook", "list_webhook_deliveries"),
            *("get_webhook_delivery", "replay_webhook_delivery"),
        ),
        "没有找到",
    ),
}

SEALED_SINCE = {"get_journal_extract"}
"""What works as soon as the sealer has come by; the city is shared, and another test may have sealed its journal."""


WITHIN_A_PAGE = {"get_board"}
"""What is shown inside a page of ours; nobody keeps it as a file."""

NAME = re.compile(r"[^/]*[\u4e00-\u9fff][^/]*\.(pdf|docx|xlsx|csv|zip|html|txt|jpg|png|ofd)$")
FILES_AT_LEAST = 12


@dataclass
class Pressing:
    """The served city; `press` presses one button and puts everything back."""

    client: TestClient
    document: dict[str, Any]
    tokens: dict[str, str]
    people: dict[Role, list[str]]
    engine: Engine
    database: Path
    fresh: Path

    def press(self, path: str, method: str, operation: dict[str, Any]) -> Any:
        """Give the best answer that anybody who may press the button gets."""
        roles = [Role(code) for code in operation.get("x-roles", ())]
        if "x-roles" not in operation:
            return self._once(path, method, operation, {})
        people = [who for role in roles for who in self.people.get(role, ())] if roles else ["dengji"]
        answers = []
        for who in dict.fromkeys(people):
            answers.append(self._once(path, method, operation, {"Authorization": f"Bearer {self.tokens[who]}"}))
            if answers[-1].status_code < REFUSED:
                return answers[-1]
        return answers[0]

    def _once(self, path: str, method: str, operation: dict[str, Any], headers: dict[str, str]) -> Any:
        url, query = path, {}
        for parameter in operation.get("parameters", ()):
            value = _prefilled(parameter, self.document["components"]["schemas"])
            if parameter["in"] == "path":
                url = url.replace(f"{{{parameter['name']}}}", str(value))
            elif parameter["in"] == "query" and value is not None:
                query[parameter["name"]] = value
        more: dict[str, Any] = {}
        for kind, body in operation.get("requestBody", {}).get("content", {}).items():
            if kind == "application/json":
                more["json"] = body["example"]
            else:
                more["data"] = body["example"]
            if "multipart" in kind:
                more["files"] = {"file": self._file(operation["operationId"])}
        answer = self.client.request(method, url, params=query, headers=headers, follow_redirects=False, **more)
        if method != "get":
            self.put_back()
        return answer

    def put_back(self) -> None:
        """Give the service its fresh database again, once nobody holds the used one open."""
        self.engine.dispose()
        for used in self.database.parent.glob(f"{self.database.name}*"):  # with its -wal and -shm
            used.unlink()
        shutil.copyfile(self.fresh, self.database)

    def _file(self, operation: str) -> tuple[str, bytes]:
        """Give a file such as the operation wants: what a clerk has at hand is no part of the document."""
        if operation == "import_ledger":
            return "台账.csv", as_csv([row()])
        if operation == "import_published_workbook":
            return "年报.xlsx", self._get("duban", "/statistics/annual-report.xlsx?year=2025")
        if operation == "set_document_template":
            return "模板.docx", self._get("xitong", "/document-templates/receipt")
        return "材料.txt", "复印件一份".encode()

    def _get(self, who: str, path: str) -> bytes:
        return self.client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {self.tokens[who]}"}).content


def _prefilled(parameter: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """Give what stands in the field of a parameter when the page is opened; of a choice that must be made, the first."""
    schema = parameter["schema"]
    if "$ref" in schema and parameter.get("required"):
        return schemas[schema["$ref"].rpartition("/")[2]]["enum"][0]
    return parameter.get("example", next(iter(schema.get("examples", ())), None))


@pytest.fixture
def pressing(demo: Demo, databases: Databases, tmp_path: Path) -> Iterator[Pressing]:
    if not isinstance(databases, SqliteDatabases):
        pytest.skip("the examples are the same on both")
    database, fresh = tmp_path / "pressed.sqlite3", tmp_path / "fresh.sqlite3"
    with closing(sqlite3.connect(demo.engine.url.database or "")) as made, closing(sqlite3.connect(database)) as copy:
        made.backup(copy)
    settings = Settings(data_dir=demo.settings.data_dir, database_url=f"sqlite:///{database}", demo=True)
    traces.keep(settings, demo.made.examples, NOW.date())
    engine = db.build_engine(settings.url, connections=4, keyring=KEYRING)
    with db.writer(engine) as session:
        tokens = {user.username: _signed_in(session, user) for user in session.scalars(select(User))}
        session.commit()
    engine.dispose()
    shutil.copyfile(database, fresh)
    people: dict[Role, list[str]] = {role: [username] for role, username in city.ADMINISTRATORS.items()}
    office = next(office for office in city.offices() if office.code == city.EXAMPLE)
    for person in office.people:
        for role in person.roles:
            people.setdefault(role, []).append(person.username)
    people[Role.CITY_SUPERVISOR] = [city.CITY_SUPERVISOR]
    app = create_app(settings, engine=engine, now=lambda: NOW)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Pressing(client, app.openapi(), tokens, people, engine, database, fresh)
    engine.dispose()


def _signed_in(session: Any, user: User) -> str:
    token = secrets.token_urlsafe(16)
    session.add(
        AccessToken(
            digest=digest(token),
            user_id=user.id,
            code_digest=digest(user.username),
            second_factor_at=NOW,
            created_at=NOW,
            used_at=NOW,
            expires_at=NOW + dt.timedelta(hours=1),
        )
    )
    return token


def test_every_example_works_as_it_stands_or_is_refused_with_a_reason(pressing: Pressing) -> None:
    refused = {}
    for path, method, operation in operations(pressing.document):
        if is_endless(operation):
            continue
        answer = pressing.press(path, method, operation)
        if answer.status_code >= REFUSED:
            refused[operation["operationId"]] = f"{answer.status_code} {answer.text[:400]}"
    assert {name: text for name, text in refused.items() if REFUSALS.get(name, "?") not in text} == {}
    assert REFUSALS.keys() - refused.keys() - SEALED_SINCE == set(), "works by now: take it out of the table"


def test_every_file_is_attached_under_a_chinese_name_because_the_page_offers_nothing_else_for_download(
    pressing: Pressing,
) -> None:
    names = {}
    for path, method, operation in operations(pressing.document):
        kinds = operation["responses"].get("200", {}).get("content", {})
        if is_endless(operation) or set(kinds) <= {"application/json"} or operation["operationId"] in WITHIN_A_PAGE:
            continue
        answer = pressing.press(path, method, operation)
        assert answer.status_code == HTTPStatus.OK, answer.text
        assert answer.content, f"{path}: an empty file is not offered either"
        way, _, name = answer.headers["content-disposition"].rpartition("UTF-8''")
        names[operation["operationId"]] = way.partition(";")[0], unquote(name)
    assert len(names) > FILES_AT_LEAST
    assert {
        operation: given for operation, given in names.items() if given[0] != "attachment" or not NAME.match(given[1])
    } == {}


def test_on_real_data_no_field_is_filled_in_beforehand(app_document: dict[str, Any]) -> None:
    given = [
        f"{operation['operationId']} {parameter['name']}"
        for _path, _method, operation in operations(app_document)
        for parameter in operation.get("parameters", ())
        if "example" in parameter
    ]
    assert given == []


@pytest.fixture(scope="module")
def app_document() -> dict[str, Any]:
    return create_app(Settings(), engine=create_engine("sqlite://")).openapi()
