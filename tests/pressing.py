"""The served demo city, and every operation pressed as its example stands."""

import datetime as dt
import secrets
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Set
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app import db
from app.config import Settings
from app.domain.terms import Role
from app.main import create_app
from app.models import AccessToken, Agency, User, UserRole
from app.services.demo import city, traces
from app.services.identity import digest
from tests.databases import KEYRING
from tests.demo_city import NOW, Demo
from tests.ledgers import as_csv, row

REFUSED = 300


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
    now: dt.datetime = NOW

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

    def keep(self) -> None:
        """From now on put back what stands there now."""
        self.engine.dispose()  # the last connection to leave brings the file up to date
        shutil.copyfile(self.database, self.fresh)

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


@contextmanager
def pressed(
    demo: Demo, tmp_path: Path, *, hired: Mapping[str, tuple[str, Set[Role]]] = {}, **more: Any
) -> Iterator[Pressing]:
    """Serve a copy of a demo city on SQLite, with everybody signed in and the document's examples naming its rows.

    `hired` are people beyond those of the city: by user name their agency's code and their roles; `more` are settings.
    """
    database, fresh = tmp_path / "pressed.sqlite3", tmp_path / "fresh.sqlite3"
    with closing(sqlite3.connect(demo.engine.url.database or "")) as made, closing(sqlite3.connect(database)) as copy:
        made.backup(copy)
    settings = Settings(data_dir=demo.settings.data_dir, database_url=f"sqlite:///{database}", demo=True, **more)
    traces.keep(settings, demo.made.examples, NOW.date())
    engine = db.build_engine(settings.url, connections=4, keyring=KEYRING)
    with db.writer(engine) as session:
        for username, (agency_code, roles) in hired.items():
            session.add(_employed(session, username, agency_code, roles))
        session.flush()
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
    served: Pressing | None = None
    app = create_app(settings, engine=engine, now=lambda: served.now if served else NOW)
    with TestClient(app, raise_server_exceptions=False) as client:
        served = Pressing(client, app.openapi(), tokens, people, engine, database, fresh)
        yield served
    engine.dispose()


def _employed(session: Session, username: str, agency_code: str, roles: Set[Role]) -> User:
    return User(
        username=username,
        display_name=username,
        agency_id=session.scalars(select(Agency.id).where(Agency.code == agency_code)).one(),
        password_hash="!",
        created_at=NOW,
        roles=[UserRole(role=role) for role in roles],
    )


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
