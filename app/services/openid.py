"""Talking to the government's OpenID provider, and believing an ID token only when everything about it is right.

OpenID Connect Core 1.0 (3.1.2, 3.1.3.7), Discovery 1.0, RFC 7636, RFC 8725, RFC 9207. Knows no database and no page.
"""

import datetime as dt
import hmac
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode, urlsplit

from app.config import LOOPBACK, Settings

if TYPE_CHECKING:
    import jwt
    from jwt.types import Options

_LARGEST = 256 * 1024  # bytes of anything the provider answers
_SKEW = 60  # seconds two clocks may differ
_OLDEST = 600  # seconds since an ID token was made: the person has just come from there
_KEPT = dt.timedelta(hours=1)
_ASKED_AGAIN = dt.timedelta(minutes=1)  # for a key that is not known: the provider may have changed keys
_KEY_TYPES: Final = {"RS": "RSA", "PS": "RSA", "ES": "EC"}
_FEWEST_RSA_BITS = 2048
_WELL_KNOWN = "/.well-known/openid-configuration"


class Untrusted(Exception):
    """Something the provider, or whoever pretends to be it, sent is not right; the text is for the log."""


class Unreachable(Exception):
    """The provider does not answer."""


@dataclass(frozen=True, slots=True)
class Claims:
    """Whom the provider has authenticated, and by which methods (RFC 8176)."""

    subject: str
    methods: frozenset[str]


@dataclass
class Provider:
    """The one issuer of the settings. Its addresses and keys are fetched when needed and kept for an hour."""

    settings: Settings
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _metadata: tuple[dt.datetime, Mapping[str, Any]] | None = None
    _keys: tuple[dt.datetime, list[Mapping[str, Any]]] | None = None

    @property
    def issuer(self) -> str:
        return self.settings.oidc_issuer

    def address(self, redirect_uri: str, state: str, nonce: str, challenge: str, now: dt.datetime) -> str:
        """Build the address at which the person signs in; raises `Unreachable` or `Untrusted`."""
        asked = {
            "response_type": "code",
            "client_id": self.settings.oidc_client_id,
            "redirect_uri": redirect_uri,
            "scope": "openid",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        endpoint = self._endpoint("authorization_endpoint", now)
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(asked)}"

    def require_sender(self, given: str | None, now: dt.datetime) -> None:
        """Hold the `iss` of an authorization response to the issuer (RFC 9207); raises `Untrusted`."""
        promised = self.metadata(now).get("authorization_response_iss_parameter_supported") is True
        if given is None and promised:
            raise Untrusted("the answer does not say who sent it")
        if given is not None and given != self.issuer:
            raise Untrusted("the answer comes from another issuer")

    def redeem(self, code: str, redirect_uri: str, verifier: str, nonce: str, now: dt.datetime) -> Claims:
        """Exchange a code for an ID token and read it; raises `Unreachable` or `Untrusted`."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": self.settings.oidc_client_id,
            "code_verifier": verifier,
        }
        import httpx

        secret = self.settings.oidc_client_secret
        login = httpx.BasicAuth(self.settings.oidc_client_id, secret.get_secret_value()) if secret else None
        answer = _asked("POST", self._endpoint("token_endpoint", now), data=form, auth=login)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise Untrusted("the answer holds no ID token")
        return self.read(token, nonce, now)

    def read(self, token: str, nonce: str, now: dt.datetime) -> Claims:
        """Check an ID token's signature and every claim that binds it to this sign-in; raises `Untrusted`."""
        import jwt

        try:
            header = jwt.get_unverified_header(token)
            algorithm = header.get("alg")
            if algorithm not in self.settings.oidc_algorithms:
                raise Untrusted("the algorithm is not one of ours")
            if "crit" in header or header.get("typ", "JWT") not in {"JWT", "jwt"}:
                raise Untrusted("not an ID token")
            key = self._key(header.get("kid"), algorithm, now)
            # The clock is ours, and handed in: `_check_claims` compares the times.
            unasked: Options = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False}
            claims = jwt.decode(token, key, algorithms=[algorithm], options=unasked)
        except (jwt.PyJWTError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise Untrusted(f"the signature does not hold: {type(error).__name__}") from error
        return self._check_claims(claims, nonce, int(now.timestamp()))

    def metadata(self, now: dt.datetime) -> Mapping[str, Any]:
        """Return what the issuer publishes about itself; raises `Unreachable` or `Untrusted`."""
        with self._lock:
            if self._metadata is None or self._metadata[0] + _KEPT <= now:
                found = _asked("GET", self.issuer.rstrip("/") + _WELL_KNOWN)
                if found.get("issuer") != self.issuer:
                    raise Untrusted("the metadata are another issuer's")
                self._metadata = now, found
            return self._metadata[1]

    def _endpoint(self, name: str, now: dt.datetime) -> str:
        address = self.metadata(now).get(name)
        parts = urlsplit(address) if isinstance(address, str) else None
        if not parts or not parts.hostname or not (parts.scheme == "https" or parts.hostname in LOOPBACK):
            raise Untrusted(f"the metadata name no safe {name}")
        return str(address)

    def _key(self, name: Any, algorithm: str, now: dt.datetime) -> "jwt.PyJWK":
        """Find the key a token names; asks the issuer again for one that is not known yet."""
        import jwt

        kind = _KEY_TYPES[algorithm[:2]]
        for again in (False, True):
            fitting = [
                key
                for key in self._published_keys(now, again=again)
                if key.get("kty") == kind
                and key.get("use", "sig") == "sig"
                and key.get("alg", algorithm) == algorithm
                and (name is None or key.get("kid") == name)
            ]
            if len(fitting) == 1:
                found = jwt.PyJWK.from_dict(dict(fitting[0]), algorithm)
                if kind == "RSA" and found.key.key_size < _FEWEST_RSA_BITS:
                    raise Untrusted("the key is too short")
                return found
        raise Untrusted("no key, or no single key, of the issuer fits")

    def _published_keys(self, now: dt.datetime, *, again: bool) -> list[Mapping[str, Any]]:
        endpoint = self._endpoint("jwks_uri", now)
        with self._lock:
            if self._keys is None or self._keys[0] + (_ASKED_AGAIN if again else _KEPT) <= now:
                keys = _asked("GET", endpoint).get("keys")
                if not isinstance(keys, list):
                    raise Untrusted("the issuer publishes no keys")
                self._keys = now, [key for key in keys if isinstance(key, dict)]
            return self._keys[1]

    def _check_claims(self, claims: Mapping[str, Any], nonce: str, now: int) -> Claims:
        client, audience = self.settings.oidc_client_id, claims.get("aud")
        made, ends, starts = claims.get("iat"), claims.get("exp"), claims.get("nbf", 0)
        said, subject = claims.get("nonce"), claims.get(self.settings.oidc_claim)
        if claims.get("iss") != self.issuer:
            raise Untrusted("issued by somebody else")
        if audience not in (client, [client]):
            raise Untrusted("made for another client, or for others too")  # Core 3.1.3.7: those others are not trusted
        if claims.get("azp", client) != client:
            raise Untrusted("given to another client")
        if type(made) is not int or type(ends) is not int or type(starts) is not int:
            raise Untrusted("the times are none")
        if ends <= now - _SKEW or starts > now + _SKEW or not now - _OLDEST <= made <= now + _SKEW:
            raise Untrusted("not of this time")
        if not isinstance(said, str) or not hmac.compare_digest(said.encode(), nonce.encode()):
            raise Untrusted("made for another sign-in")
        if not isinstance(subject, str) or not 0 < len(subject) <= 200:
            raise Untrusted("names nobody")
        methods = claims.get("amr")
        return Claims(
            subject, frozenset(str(method) for method in methods) if isinstance(methods, list) else frozenset()
        )


def _asked(method: str, address: str, **more: Any) -> Mapping[str, Any]:
    """Ask the provider for a JSON object: no redirect, no proxy of the environment, bounded in time and size."""
    import httpx

    try:
        with (
            httpx.Client(timeout=5, follow_redirects=False, trust_env=False) as client,
            client.stream(method, address, headers={"Accept": "application/json"}, **more) as answer,
        ):
            content = b""
            for part in answer.iter_bytes():
                content += part
                if len(content) > _LARGEST:
                    raise Untrusted("the answer is too large")
            if answer.status_code >= 500:
                raise Unreachable(f"status {answer.status_code}")
            if answer.status_code != 200:
                raise Untrusted(f"status {answer.status_code}")
    except httpx.HTTPError as error:
        raise Unreachable(type(error).__name__) from error
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Untrusted("the answer is not JSON") from error
    if not isinstance(found, dict):
        raise Untrusted("the answer is no object")
    return found
