"""A person at the login page, as a browser would go through it."""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from starlette.testclient import TestClient

from app import db
from app.domain import totp
from app.models import User
from app.services.passwords import Hasher
from tests.town import QUICK, Town

CLIENT, BACK = "swagger-ui", "http://testserver/docs/oauth2-redirect"
PASSWORD = "滨海路三号楼-晴天-1047"
HASH = Hasher(1, QUICK).make(PASSWORD)


def challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def know(place: Town, *names: str) -> None:
    """Give people of the town the one password of these tests."""
    with db.writer(place.engine) as session:
        for user in session.query(User).where(User.username.in_(names)):
            user.password_hash = HASH
        session.commit()


@dataclass
class Browser:
    """One person at one computer; `verifier` is the client's secret of this sign-in."""

    place: Town
    address: str = "10.1.2.3"
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    def __post_init__(self) -> None:
        # No `with`: the application has been started by the town, which also stops it.
        app = self.place.client.app
        self.client = TestClient(
            app, client=(self.address, 50_000), follow_redirects=False, raise_server_exceptions=False
        )

    def asked(self, **changes: str) -> dict[str, str]:
        found = {
            "response_type": "code",
            "client_id": CLIENT,
            "redirect_uri": BACK,
            "state": "a b&c=中/+",
            "code_challenge": challenge(self.verifier),
            "code_challenge_method": "S256",
        }
        return found | changes

    def open(self, **changes: str) -> Any:
        return self.client.get("/oauth/authorize", params=self.asked(**changes))

    def fill_in(
        self, username: str, password: str = PASSWORD, *, headers: dict[str, str] | None = None, **more: str
    ) -> Any:
        return self.client.post(
            "/oauth/authorize", data=self.asked() | {"username": username, "password": password} | more, headers=headers
        )

    def enter(self, page: Any, code: str) -> Any:
        """Type a code into the page that asks for one."""
        ticket = re.search(r'name="ticket" value="([^"]+)"', page.text)
        assert ticket, page.text
        return self.client.post("/oauth/second-factor", data={"ticket": ticket.group(1), "code": code})

    def set_up_app(self, page: Any) -> "App":
        """Scan the QR code of the page, as far as a test has a camera: read the secret beside it."""
        shown = re.search(r"手工输入密钥：<code>([A-Z2-7]+)</code>", page.text)
        assert shown, page.text
        return App(self.place, base64.b32decode(shown.group(1)))

    def confirm_app(self, page: Any, app: "App") -> tuple[list[str], str]:
        """Set an app up and go on; returns the recovery codes and the code for the client."""
        shown = self.enter(page, app.code())
        codes = re.findall(r"<code>([a-z0-9-]{19})</code>", shown.text)
        ticket = re.search(r'name="ticket" value="([^"]+)"', shown.text)
        assert ticket, shown.text
        answer = self.client.post("/oauth/second-factor", data={"ticket": ticket.group(1), "saved": "1"})
        assert answer.status_code == 303, answer.text
        return codes, returned(answer)["code"]

    def enrol(self, username: str, password: str = PASSWORD) -> "App":
        """Sign in setting a second factor up; returns the app."""
        page = self.fill_in(username, password, enrol="1")
        app = self.set_up_app(page)
        _, code = self.confirm_app(page, app)
        self.place.tokens[username] = self.exchange(code).json()["access_token"]
        return app

    def exchange(self, given: str, **changes: str) -> Any:
        body = {"grant_type": "authorization_code", "code": given, "redirect_uri": BACK, "client_id": CLIENT}
        return self.client.post("/oauth/token", data=body | {"code_verifier": self.verifier} | changes)

    def code(self, username: str, password: str = PASSWORD) -> str:
        answer = self.fill_in(username, password)
        assert answer.status_code == 303, error_of(answer)
        return returned(answer)["code"]

    def sign_in(self, username: str, password: str = PASSWORD) -> str:
        """Go the whole way; returns the access token, which the town then uses for this person."""
        answer = self.exchange(self.code(username, password))
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        self.place.tokens[username] = token
        return token


@dataclass
class App:
    """An authenticator app on somebody's telephone, whose clock is the town's."""

    place: Town
    secret: bytes

    def code(self, steps: int = 0) -> str:
        return totp.code_of(self.secret, totp.step_of(self.place.now) + steps)


def returned(answer: Any) -> dict[str, str]:
    """Read what the client gets back with the redirect."""
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


def error_of(answer: Any) -> str:
    found = re.search(r'role="alert">(.*?)</p>', answer.text)
    return unescape(found.group(1)) if found else ""
