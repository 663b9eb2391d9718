"""A small town for the tests: agencies, people and keys in a real database, a real application, a clock that is set.

No account comes from the API here, so that a test of one thing does not fail for another; sign-in has tests of its own.
"""

import datetime as dt
import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from argon2.profiles import RFC_9106_LOW_MEMORY
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app import db
from app.config import Settings
from app.domain.terms import Role, Scope
from app.main import create_app
from app.models import AccessToken, Agency, ApiKey, Keyring, User, UserRole
from app.services import agencies
from app.services.identity import digest
from app.services.passwords import Hasher
from app.workers.subjects import enter_subjects

QUICK = replace(RFC_9106_LOW_MEMORY, memory_cost=64, time_cost=1)
SHANGHAI = dt.timezone(dt.timedelta(hours=8))
CITY, BUREAU, COUNTY, TOWNSHIP = "370600", "370600-GXJ", "370602", "370602-ZX"

STAFF: Mapping[str, tuple[str, tuple[Role, ...]]] = {
    "dengji": ("登记员甲", (Role.INTAKE_CLERK,)),
    "jingban": ("经办人乙", (Role.HANDLER,)),
    "shenhe": ("审核人丙", (Role.REVIEWER,)),
    "baomi": ("保密员丁", (Role.SECRECY_REVIEWER,)),
    "lingdao": ("负责人戊", (Role.APPROVER,)),
    "guidang": ("归档员己", (Role.ARCHIVIST,)),
    "duban": ("督办员庚", (Role.AGENCY_SUPERVISOR,)),
}


def at(text: str) -> dt.datetime:
    """Read a moment in Shanghai: `2026-03-02` is nine in the morning, `2026-03-02 16:30` as it says."""
    day, _, time = text.partition(" ")
    return dt.datetime.fromisoformat(f"{day}T{time or '09:00'}").replace(tzinfo=SHANGHAI)


@dataclass
class Town:
    """A running application with its people; `go_to` sets the time it believes."""

    engine: Engine
    client: TestClient
    settings: Settings
    now: dt.datetime
    tokens: dict[str, str] = field(default_factory=dict)

    def go_to(self, moment: str) -> None:
        self.now = at(moment)
        with db.writer(self.engine) as session:  # nobody was idle in between
            for token in session.query(AccessToken):
                token.used_at, token.expires_at = self.now, self.now + dt.timedelta(hours=12)
                token.second_factor_at = self.now
            session.commit()

    def headers(self, who: str) -> dict[str, str]:
        secret = self.tokens[who]
        return {"X-API-Key": secret} if secret.startswith("dk_") else {"Authorization": f"Bearer {secret}"}

    def get(self, who: str, path: str, **more: Any) -> Any:
        headers = self.headers(who) | more.pop("headers", {})
        return self.client.get(f"/api/v1{path}", headers=headers, **more)

    def post(self, who: str, path: str, body: Any, **more: Any) -> Any:
        headers = self.headers(who) | more.pop("headers", {})
        return self.client.post(f"/api/v1{path}", json=body, headers=headers, **more)

    def register(self, who: str = "dengji", **changes: Any) -> dict[str, Any]:
        answer = self.post(who, "/cases", application(**changes))
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def act(self, who: str, case: int | dict[str, Any], action: str, **body: Any) -> dict[str, Any]:
        """Take a step that must succeed; returns the case after it."""
        case_id = case if isinstance(case, int) else case["id"]
        answer = self.post(who, f"/cases/{case_id}/{action}", body)
        assert answer.status_code == 200, f"{action}: {answer.text}"
        found: dict[str, Any] = answer.json()
        return found

    def enter_subjects(self) -> None:
        """Let the job that enters what requests ask for do its work."""
        enter_subjects(replace(self.client.app.state.house, engine=db.everywhere(self.engine)), self.now)  # type: ignore[attr-defined]  # the client says only that it is an ASGI application

    def settle(self, agency_code: str, **settings: Any) -> None:
        """Change settings of an agency."""
        with db.writer(self.engine) as session:
            agency = session.query(Agency).filter_by(code=agency_code).one()
            agency.settings = agency.settings | settings
            session.commit()

    def hire(self, username: str, agency_code: str, *roles: Role, label: str = "") -> str:
        """Give somebody an account and a sign-in."""
        with db.writer(self.engine) as session:
            agency = session.query(Agency).filter_by(code=agency_code).one()
            user = User(
                username=username,
                display_name=label or username,
                agency_id=agency.id,
                password_hash="!",
                created_at=self.now,
                roles=[UserRole(role=role) for role in roles],
            )
            session.add(user)
            session.flush()
            secret = secrets.token_urlsafe(16)
            session.add(
                AccessToken(
                    digest=digest(secret),
                    user_id=user.id,
                    code_digest=digest(username),
                    second_factor_at=self.now,
                    created_at=self.now,
                    used_at=self.now,
                    expires_at=self.now + dt.timedelta(hours=12),
                )
            )
            session.commit()
        self.tokens[username] = secret
        return secret

    def issue_key(self, name: str, agency_code: str, role: Role, *scopes: Scope) -> str:
        """Give another system an interface key, narrowed to some scopes if they are named."""
        prefix, secret = secrets.token_hex(4), secrets.token_urlsafe(24)
        with db.writer(self.engine) as session:
            agency = session.query(Agency).filter_by(code=agency_code).one()
            session.add(
                ApiKey(
                    prefix=prefix,
                    digest=digest(secret),
                    label=name,
                    agency_id=agency.id,
                    role=role,
                    scopes=[scope.value for scope in scopes] or None,
                    created_by="test",
                    created_at=self.now,
                    expires_at=self.now + dt.timedelta(days=3650),
                )
            )
            session.commit()
        self.tokens[name] = f"dk_{prefix}_{secret}"
        return self.tokens[name]


def application(**changes: Any) -> dict[str, Any]:
    """Build a complete application by a natural person, in person on 2026-03-02 unless changed."""
    body: dict[str, Any] = {
        "agency_code": BUREAU,
        "channel": "in_person",
        "submitted_at": "2026-03-02T09:00:00+08:00",
        "applicant": {
            "kind": "natural_person",
            "name": "张三",
            "id_type": "resident_id",
            "id_number": "11010519491231002X",
            "phone": "13800000000",
            "address": "幸福路1号",
        },
        "items": [{"title": "城东片区控制性详细规划的批复"}],
        "carrier": "paper",
        "delivery_method": "post",
    }
    return body | changes


SETTINGS = {
    "local_limit_workdays": 15,
    "reconsideration_authority": "海州市人民政府",
    "court": "海州市海东区人民法院",
    "reconsideration_url": "https://fy.example.gov.cn",
    "contact_phone": "0535-0000000",
    "contact_address": "海州市规划路1号",
}

CONCLUSION = {
    "item_no": 1,
    "kind": "grant",
    "found": "经检索，本机关保存有该批复",
    "reason": "该信息属于可以公开的政府信息",
    "citations": ["《政府信息公开条例》第三十六条第（二）项"],
    "provision": "随函提供该批复复印件1份",
}


def is_endless(operation: Mapping[str, Any]) -> bool:
    """Tell whether the answer of an operation is a stream, which a client that reads to the end never has."""
    return "text/event-stream" in operation["responses"].get("200", {}).get("content", {})


@contextmanager
def town(url: str, folder: Path, *, now: str = "2026-03-02 10:00", **more: Any) -> Iterator[Town]:
    """Open the application on the database at `url`, with its agencies and people; `more` are settings."""
    settings = Settings(data_dir=folder, database_url=url, secret="test-secret-of-at-least-32-characters", **more)
    engine = db.build_engine(url, connections=16, keyring=Keyring(settings.cipher_suite, settings.master_keys))
    moment = at(now)
    place: Town | None = None
    db.give_journal_key(engine, settings)
    engine.update_execution_options(reach="*")  # a test sees every agency's rows; the application what it declares
    app = create_app(settings, engine=engine.execution_options(reach=""), now=lambda: place.now if place else moment)
    with TestClient(app, raise_server_exceptions=False) as client:
        # Passwords of the tests protect nothing: hashed properly, they took half of the time of every sign-in's test.
        app.state.house = replace(app.state.house, hasher=Hasher(settings.hashes_at_once, QUICK))
        place = Town(engine, client, settings, moment)
        with db.writer(engine) as session:
            _found(session)
            session.commit()
        for username, (label, roles) in STAFF.items():
            place.hire(username, BUREAU, *roles, label=label)
        yield place


def _found(session: Session) -> None:
    for code, name, above, region in (
        (CITY, "海州市人民政府", "", "CN"),
        (BUREAU, "海州市规划局", CITY, "CN"),
        (COUNTY, "海东区人民政府", CITY, "CN"),
        (TOWNSHIP, "竹溪镇人民政府", COUNTY, "CN"),
    ):
        parent = session.query(Agency).filter_by(code=above).one_or_none()
        agency = Agency(
            code=code,
            name=name,
            region=region,
            settings=SETTINGS,
            parent_id=parent.id if parent else None,
        )
        agencies.plant(session, agency, parent.path if parent else "/")


def problem(answer: Any) -> dict[str, Any]:
    """Read a refusal, which must be one."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    found: dict[str, Any] = json.loads(answer.text)
    return found
