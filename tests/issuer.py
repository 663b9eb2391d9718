"""A small OpenID provider on a real port with real keys, which can be told to misbehave."""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

CLIENT, SECRET = "disclosure", "what only the two know"


@cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@cache
def ec_key(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def published(key: Any, kid: str, algorithm: str = "RS256") -> dict[str, Any]:
    kind = ECAlgorithm if algorithm.startswith("ES") else RSAAlgorithm
    found: dict[str, Any] = json.loads(kind.to_jwk(key.public_key()))
    return found | {"kid": kid, "use": "sig", "alg": algorithm}


@dataclass
class Issuer:
    """What it answers; tests change the fields. `subject` is whoever is signed in there."""

    now: Callable[[], int]
    url: str = ""
    subject: str = "subject-of-dengji"
    claims: dict[str, Any] = field(default_factory=dict)
    make_token: Callable[[dict[str, Any]], str] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    keys: list[dict[str, Any]] = field(default_factory=lambda: [published(rsa_key("main"), "main")])
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    broken: str = ""  # path → answered by nonsense

    def good(self, nonce: str, /, **changes: Any) -> dict[str, Any]:
        now = self.now()
        claims = {"iss": self.url, "sub": self.subject, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce}
        return {name: value for name, value in (claims | self.claims | changes).items() if value is not ...}

    def signed(self, claims: dict[str, Any], **header: Any) -> str:
        # Below `jwt.encode`, which would refuse to make claims of a wrong type.
        return jwt.api_jws.encode(json.dumps(claims).encode(), rsa_key("main"), "RS256", {"kid": "main"} | header)

    def answer(self, method: str, path: str, body: str, authorization: str) -> tuple[int, dict[str, str], Any]:
        parts = urlsplit(path)
        self.asked.append(f"{method} {parts.path}")
        if parts.path == self.broken:
            return 200, {}, ["no", "object"]
        if parts.path == "/.well-known/openid-configuration":
            found = {"issuer": self.url, "code_challenge_methods_supported": ["S256"]}
            for name, where in (("authorization", "/authorize"), ("token", "/token")):
                found[f"{name}_endpoint"] = self.url + where
            return 200, {}, found | {"jwks_uri": f"{self.url}/keys"} | self.metadata
        if parts.path == "/keys":
            return 200, {}, {"keys": self.keys}
        if parts.path == "/authorize":
            asked = dict(parse_qsl(parts.query))
            code = secrets.token_urlsafe(16)
            self.codes[code] = asked
            back = urlencode({"code": code, "state": asked["state"], "iss": self.url})
            return 302, {"Location": f"{asked['redirect_uri']}?{back}"}, {}
        if parts.path == "/token":
            return self._token({name: values[0] for name, values in parse_qs(body).items()}, authorization)
        return 404, {}, {}

    def _token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, str], Any]:
        asked = self.codes.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        login = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        proven = (
            asked is not None
            and asked["code_challenge"] == challenge.decode().rstrip("=")
            and asked["redirect_uri"] == form.get("redirect_uri")
            and authorization == f"Basic {login}"
        )
        if asked is None or not proven:
            return 400, {}, {"error": "invalid_grant"}
        claims = self.good(asked["nonce"])
        token = self.make_token(claims) if self.make_token else self.signed(claims)
        return 200, {}, {"access_token": "x", "token_type": "Bearer", "id_token": token}


@contextmanager
def issuing(now: Callable[[], int]) -> Iterator[Issuer]:
    """Run an issuer on a free port of this machine."""
    issuer = Issuer(now)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("content-length", "0"))
            body = self.rfile.read(length).decode()
            status, headers, content = issuer.answer(
                self.command, self.path, body, self.headers.get("authorization", "")
            )
            sent = json.dumps(content).encode()
            self.send_response(status)
            for name, value in (
                headers | {"Content-Type": "application/json", "Content-Length": str(len(sent))}
            ).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(sent)

        do_POST = do_GET  # noqa: N815 — the name is the library's

        def log_message(self, *_arguments: object) -> None:
            """Keep the tests' output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
