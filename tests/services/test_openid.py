"""ID tokens: one good one of each kind is believed, and fifty forged ones are not. The issuer speaks real HTTP."""

import base64
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.config import Settings
from app.services.openid import Provider, Unreachable, Untrusted
from tests.issuer import CLIENT, Issuer, ec_key, issuing, published, rsa_key

NOW = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
SECOND = int(NOW.timestamp())
NONCE = "the-nonce-of-this-sign-in"

Forge = Callable[[Issuer], str]


@pytest.fixture(scope="module")
def running() -> Iterator[Issuer]:
    with issuing(lambda: SECOND) as issuer:
        yield issuer


@pytest.fixture
def issuer(running: Issuer) -> Issuer:
    """The running issuer, well-behaved again."""
    running.claims, running.metadata, running.broken = {}, {}, ""
    running.keys = [published(rsa_key("main"), "main")]
    running.asked.clear()
    return running


def provider(issuer: Issuer, **more: Any) -> Provider:
    return Provider(Settings(oidc_issuer=issuer.url, oidc_client_id=CLIENT, **more))


def encoded(part: Any) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def claiming(**changes: Any) -> Forge:
    """A token that is signed as it should be and claims something else."""
    return lambda issuer: issuer.signed(issuer.good(NONCE, **changes))


def headed(**header: Any) -> Forge:
    return lambda issuer: issuer.signed(issuer.good(NONCE), **header)


def by_key(key: Any, algorithm: str, kid: str | None = "main") -> Forge:
    return lambda issuer: jwt.encode(issuer.good(NONCE), key, algorithm, headers={"kid": kid} if kid else {})


def unsigned(algorithm: str, signature: str = "") -> Forge:
    return lambda issuer: (
        f"{encoded({'alg': algorithm, 'typ': 'JWT', 'kid': 'main'})}.{encoded(issuer.good(NONCE))}.{signature}"
    )


def by_public_key(issuer: Issuer) -> str:
    """The classic confusion: the published key taken for the secret of an HMAC."""
    pem = rsa_key("main").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head, body = encoded({"alg": "HS256", "typ": "JWT", "kid": "main"}), encoded(issuer.good(NONCE))
    return f"{head}.{body}.{encoded(hmac.digest(pem, f'{head}.{body}'.encode(), hashlib.sha256))}"


def altered(change: Callable[[list[str]], list[str]]) -> Forge:
    return lambda issuer: ".".join(change(issuer.signed(issuer.good(NONCE)).split(".")))


def other_claims(parts: list[str]) -> list[str]:
    claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=="))
    return [parts[0], encoded(claims | {"sub": "subject-of-xitong"}), parts[2]]


FORGED: dict[str, Forge] = {
    "no algorithm": unsigned("none"),
    "no algorithm, capitals": unsigned("None"),
    "no algorithm, all capitals": unsigned("NONE"),
    "no algorithm, with a signature": unsigned("none", "AAAA"),
    "empty signature": unsigned("RS256"),
    "empty algorithm": unsigned(""),
    "unknown algorithm": unsigned("RS999", "AAAA"),
    "public key as an HMAC secret": by_public_key,
    "HMAC with the client id": by_key("disclosure" * 8, "HS256"),
    "HMAC with an empty-looking key": by_key("\0" * 64, "HS512"),
    "another RSA key under the known name": by_key(rsa_key("other"), "RS256"),
    "another RSA key under its own name": by_key(rsa_key("other"), "RS256", "other"),
    "another RSA key without a name": by_key(rsa_key("other"), "RS256", None),
    "an EC key under the known name": by_key(ec_key("other"), "ES256"),
    "an algorithm not on the list": by_key(rsa_key("main"), "RS512"),
    "PSS by a key that is published for RS256": by_key(rsa_key("main"), "PS256"),
    "key brought along": headed(jwk=published(rsa_key("main"), "main"), kid="mine"),
    "key address brought along": headed(jku="https://evil.example/keys", kid="mine"),
    "certificate address brought along": headed(x5u="https://evil.example/cert", kid="mine"),
    "key name as a path": headed(kid="../../dev/null"),
    "key name as SQL": headed(kid="' OR 1=1 --"),
    "an extension that must be understood": headed(crit=["exp"], exp=1),
    "an access token": headed(typ="at+jwt"),
    "a logout token": headed(typ="logout+jwt"),
    "other claims under the old signature": altered(other_claims),
    "signature cut off": altered(lambda parts: parts[:2]),
    "signature shortened": altered(lambda parts: [*parts[:2], parts[2][:-8]]),
    "signature of zeros": altered(lambda parts: [*parts[:2], encoded(bytes(256))]),
    "signature reversed": altered(lambda parts: [*parts[:2], parts[2][::-1]]),
    "four parts": altered(lambda parts: [*parts, "x"]),
    "header as claims": altered(lambda parts: [parts[1], parts[0], parts[2]]),
    "empty": lambda _issuer: "",
    "dots": lambda _issuer: "..",
    "noise": lambda _issuer: "é.\x00.AAAA",
    "deep header": lambda _issuer: f"{encoded(b'[' * 50_000)}.e30.AAAA",
    "header that is a list": lambda _issuer: f"{encoded(['alg', 'RS256'])}.e30.AAAA",
    "claims that are a list": lambda _issuer: jwt.api_jws.encode(b"[]", rsa_key("main"), "RS256", {"kid": "main"}),
    "another issuer": claiming(iss="https://evil.example"),
    "issuer with a slash": lambda issuer: issuer.signed(issuer.good(NONCE, iss=issuer.url + "/")),
    "issuers in a list": lambda issuer: issuer.signed(issuer.good(NONCE, iss=[issuer.url])),
    "no issuer": claiming(iss=...),
    "another audience": claiming(aud="other"),
    "audience in other letters": claiming(aud="Disclosure"),
    "further audiences": claiming(aud=[CLIENT, "other"]),
    "no audience": claiming(aud=...),
    "empty audience": claiming(aud=[]),
    "given to another client": claiming(azp="other"),
    "expired": claiming(iat=SECOND - 400, exp=SECOND - 61),
    "expiry as text": claiming(exp=str(SECOND + 300)),
    "expiry as a truth": claiming(exp=True),
    "expiry as a fraction": claiming(exp=SECOND + 300.5),
    "no expiry": claiming(exp=...),
    "not yet": claiming(nbf=SECOND + 61),
    "made long ago": claiming(iat=SECOND - 601),
    "made tomorrow": claiming(iat=SECOND + 86_400, exp=SECOND + 90_000),
    "no time of making": claiming(iat=...),
    "another nonce": claiming(nonce="the-nonce-of-another"),
    "no nonce": claiming(nonce=...),
    "empty nonce": claiming(nonce=""),
    "nonces in a list": claiming(nonce=[NONCE]),
    "nobody": claiming(sub=...),
    "an empty name": claiming(sub=""),
    "a number for a name": claiming(sub=1),
    "a name without end": claiming(sub="x" * 201),
}


def test_a_good_token_names_its_subject_and_methods(issuer: Issuer) -> None:
    token = issuer.signed(issuer.good(NONCE, amr=["pwd", "otp"], azp=CLIENT, aud=[CLIENT]))
    claims = provider(issuer).read(token, NONCE, NOW)
    assert (claims.subject, claims.methods) == ("subject-of-dengji", frozenset({"pwd", "otp"}))


def test_there_are_more_than_forty_forged_tokens() -> None:
    assert len(FORGED) >= 40


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
def test_a_forged_token_is_refused(issuer: Issuer, forge: Forge) -> None:
    with pytest.raises(Untrusted):
        provider(issuer).read(forge(issuer), NONCE, NOW)


def test_a_key_that_is_too_short_is_not_believed(issuer: Issuer) -> None:
    issuer.keys = [published(rsa_key("short", 1024), "short")]
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        token = jwt.encode(issuer.good(NONCE), rsa_key("short", 1024), "RS256", headers={"kid": "short"})
    with pytest.raises(Untrusted, match="too short"):
        provider(issuer).read(token, NONCE, NOW)


def test_a_key_for_encryption_signs_nothing(issuer: Issuer) -> None:
    issuer.keys = [published(rsa_key("main"), "main") | {"use": "enc"}]
    with pytest.raises(Untrusted):
        provider(issuer).read(issuer.signed(issuer.good(NONCE)), NONCE, NOW)


def test_two_keys_that_fit_are_no_key(issuer: Issuer) -> None:
    issuer.keys = [published(rsa_key("main"), "main"), published(rsa_key("other"), "other")]
    nameless = jwt.encode(issuer.good(NONCE), rsa_key("main"), "RS256")
    with pytest.raises(Untrusted):
        provider(issuer).read(nameless, NONCE, NOW)
    assert provider(issuer).read(issuer.signed(issuer.good(NONCE)), NONCE, NOW).subject == issuer.subject


def test_elliptic_curves_are_believed_too(issuer: Issuer) -> None:
    issuer.keys.append(published(ec_key("curve"), "curve", "ES256"))
    token = jwt.encode(issuer.good(NONCE), ec_key("curve"), "ES256", headers={"kid": "curve"})
    assert provider(issuer).read(token, NONCE, NOW).subject == "subject-of-dengji"


def test_a_new_key_of_the_issuer_is_fetched_when_it_is_used_and_not_for_every_made_up_name(issuer: Issuer) -> None:
    asking = provider(issuer)
    asking.read(issuer.signed(issuer.good(NONCE)), NONCE, NOW)
    issuer.keys = [published(rsa_key("other"), "other")]
    token = jwt.encode(issuer.good(NONCE), rsa_key("other"), "RS256", headers={"kid": "other"})
    for seconds in range(50):
        with pytest.raises(Untrusted):
            asking.read(token, NONCE, NOW + dt.timedelta(seconds=seconds))
    assert issuer.asked.count("GET /keys") == 1
    assert asking.read(token, NONCE, NOW + dt.timedelta(seconds=60)).subject == issuer.subject
    assert issuer.asked.count("GET /keys") == 2
    assert issuer.asked.count("GET /.well-known/openid-configuration") == 1


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"jwks_uri": "http://keys.example/"},
        {"jwks_uri": 7},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": ""},
    ],
)
def test_metadata_that_lead_elsewhere_are_refused(issuer: Issuer, metadata: dict[str, Any]) -> None:
    issuer.metadata = metadata
    with pytest.raises(Untrusted):
        provider(issuer).read(issuer.signed(issuer.good(NONCE)), NONCE, NOW)


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/keys"])
def test_an_answer_that_is_no_object_is_refused(issuer: Issuer, path: str) -> None:
    issuer.broken = path
    with pytest.raises(Untrusted):
        provider(issuer).read(issuer.signed(issuer.good(NONCE)), NONCE, NOW)


def test_an_issuer_that_is_away_is_said_to_be_away() -> None:
    away = Provider(Settings(oidc_issuer="http://127.0.0.1:9", oidc_client_id=CLIENT))
    with pytest.raises(Unreachable):
        away.metadata(NOW)


def test_whoever_sends_the_answer_must_be_the_issuer(issuer: Issuer) -> None:
    asking = provider(issuer)
    asking.require_sender(issuer.url, NOW)
    asking.require_sender(None, NOW)
    with pytest.raises(Untrusted):
        asking.require_sender("https://evil.example", NOW)
    issuer.metadata = {"authorization_response_iss_parameter_supported": True}
    with pytest.raises(Untrusted):
        provider(issuer).require_sender(None, NOW)


@pytest.mark.parametrize(
    "wrong", ["http://id.example", "https://id.example/?x=1", "https://id.example/#x", "id.example"]
)
def test_an_issuer_must_be_a_plain_https_address(wrong: str) -> None:
    with pytest.raises(ValueError, match="https"):
        Settings(oidc_issuer=wrong, oidc_client_id=CLIENT)


def test_an_issuer_needs_a_client_id() -> None:
    with pytest.raises(ValueError, match="CLIENT_ID"):
        Settings(oidc_issuer="https://id.example")
