"""What the doctor finds, and what weight it gives to it."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.config import Settings
from app.domain.actor import Actor
from app.models import Agency, User
from app.sealing import MasterKeys
from app.services import agencies, doctor, journal
from app.services.demo.traces import MARK
from tests.town import at

STRONG = "bW9yZSB0aGFuIHRoaXJ0eS10d28gY2hhcmFjdGVycw"
EARLY = at("2026-03-02")
LATE = at("2026-11-23")
PRODUCTION: dict[str, Any] = {
    "profile": "production",
    "secret": STRONG,
    "database_url": "postgresql://a@b/c",
    "public_url": "https://ysq.example",
}


OF_THE_SERVER = "row_security_bypassed"
"""The tests' PostgreSQL is used by its superuser; the last test here looks at that."""


def found(session: Session, now: dt.datetime = EARLY, **given: Any) -> dict[str, bool]:
    """Examine; gives each finding's code and whether it is fatal."""
    if given.get("profile") == "production" and "master_key_file" not in given:
        given["master_key_file"] = given["data_dir"] / "given.keys"
        MasterKeys.fresh().write(given["master_key_file"], replace=False)
    findings = doctor.examine(session, Settings(**given), now, migrated=True)
    return {finding.code: finding.fatal for finding in findings if finding.code != OF_THE_SERVER}


@pytest.fixture
def people(session: Session) -> User:
    agency = Agency(code="379900", name="海州市人民政府", region="CN", settings={})
    agencies.plant(session, agency, "/")
    user = User(username="a1", display_name="甲", agency_id=agency.id, password_hash="!", created_at=EARLY, roles=[])
    session.add(user)
    session.flush()
    return user


def test_an_installation_on_loopback_with_people_is_in_order(session: Session, people: User, tmp_path: Path) -> None:
    assert found(session, data_dir=tmp_path) == {}
    assert found(session, data_dir=tmp_path, **PRODUCTION) == {}


def test_an_empty_installation_is_told_how_to_begin(session: Session, tmp_path: Path) -> None:
    assert found(session, data_dir=tmp_path) == {"no_users": False}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"secret": "ab" * 20}, {"weak_secret": False}),
        ({**PRODUCTION, "secret": "ab" * 20}, {"weak_secret": True}),
        ({"trusted_proxies": "*"}, {"every_proxy_trusted": False}),
        ({**PRODUCTION, "trusted_proxies": "10.0.0.1,*"}, {"every_proxy_trusted": True}),
        ({**PRODUCTION, "trusted_proxies": "10.0.0.1"}, {}),
        ({**PRODUCTION, "trusted_proxies": "10.0.0.1, 0.0.0.0/0"}, {"every_proxy_trusted": True}),
        ({**PRODUCTION, "trusted_proxies": "10.0.0.0/24, gateway"}, {}),
        ({**PRODUCTION, "trusted_proxies": "::/0"}, {"every_proxy_trusted": True}),
        ({"secret": "change-me-0123456789-abcdefghijklmn"}, {"default_secret": False}),
        ({**PRODUCTION, "secret": "Test-Secret-of-at-least-32-characters"}, {"default_secret": True}),
        ({"cors_origins": ["*"]}, {"every_origin_allowed": False}),
        ({**PRODUCTION, "cors_origins": ["*"]}, {"every_origin_allowed": True}),
        ({**PRODUCTION, "cors_origins": ["https://portal.example"]}, {}),
        ({"oidc_issuer": "http://127.0.0.1:9", "oidc_client_id": "a"}, {}),
        ({**PRODUCTION, "oidc_issuer": "https://localhost/realm", "oidc_client_id": "a"}, {"issuer_on_loopback": True}),
        ({**PRODUCTION, "oidc_issuer": "https://id.example", "oidc_client_id": "a"}, {}),
        ({**PRODUCTION, "public_url": ""}, {"public_url_missing": False}),
        ({"host": "0.0.0.0"}, {"development_on_network": False}),
        ({**PRODUCTION, "host": "0.0.0.0"}, {}),
        ({**PRODUCTION, "public_url": "http://ysq.example"}, {"public_url_not_https": True}),
        ({**PRODUCTION, "public_url": "https://ysq.example"}, {}),
        ({**PRODUCTION, "oauth_clients": {"a": ["http://127.0.0.1/back"]}}, {"client_not_https": False}),
        ({**PRODUCTION, "database_url": ""}, {}),
    ],
)
def test_settings_are_weighed_by_the_profile(
    session: Session, people: User, tmp_path: Path, given: dict[str, Any], expected: dict[str, bool]
) -> None:
    assert found(session, data_dir=tmp_path, **given) == expected


@pytest.mark.parametrize(
    "origins",
    ["portal.example", "http://portal.example", "https://portal.example/", "https://*.example", "https://a@b", "null"],
)
def test_an_origin_that_is_none_is_refused_with_the_settings(origins: str) -> None:
    with pytest.raises(ValueError, match="来源"):
        Settings(cors_origins=[origins])


@pytest.mark.parametrize(("mode", "expected"), [(0o440, {}), (0o444, {"key_file_open": False})])
def test_a_given_key_file_that_anybody_may_read_is_mentioned(
    session: Session, people: User, tmp_path: Path, mode: int, expected: dict[str, bool]
) -> None:
    kept = tmp_path / "kept.keys"
    MasterKeys.fresh().write(kept, replace=False)
    kept.chmod(mode)
    assert found(session, data_dir=tmp_path, **PRODUCTION, master_key_file=kept) == expected


@pytest.mark.parametrize(("mode", "expected"), [(0o700, {}), (0o755, {"data_readable": False})])
def test_a_data_directory_others_may_enter_is_mentioned(
    session: Session, people: User, tmp_path: Path, mode: int, expected: dict[str, bool]
) -> None:
    tmp_path.chmod(mode)
    assert found(session, data_dir=tmp_path) == expected


def test_sqlite_is_refused_for_several_agencies_in_production_only(
    session: Session, people: User, tmp_path: Path
) -> None:
    agencies.plant(session, Agency(code="379901", name="海东区", region="CN", settings={}), "/")
    assert found(session, data_dir=tmp_path) == {}
    assert found(session, data_dir=tmp_path, **PRODUCTION) == {}
    embedded = PRODUCTION | {"database_url": ""}
    assert found(session, data_dir=tmp_path, **embedded) == {"sqlite_for_several_agencies": True}


@pytest.mark.parametrize(("mode", "expected"), [(0o600, {}), (0o640, {"secret_readable": True})])
def test_a_secret_that_others_may_read_is_fatal(
    session: Session, people: User, tmp_path: Path, mode: int, expected: dict[str, bool]
) -> None:
    assert Settings(data_dir=tmp_path).key
    (tmp_path / "secret.key").chmod(mode)
    assert found(session, data_dir=tmp_path) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {}),
        ({"host": "10.0.0.5"}, {"demo_data": True, "development_on_network": False}),
        (PRODUCTION, {"demo_data": True}),
    ],
)
def test_demo_data_are_fatal_in_production_and_on_a_network(
    session: Session, people: User, tmp_path: Path, given: dict[str, Any], expected: dict[str, bool]
) -> None:
    somebody = Actor(name="a1", label="甲", agency_id=people.agency_id, agency_path="/", roles=frozenset())
    journal.append(session, somebody, EARLY, MARK, "装入演示数据")
    session.flush()
    assert found(session, data_dir=tmp_path, **given) == expected


def test_the_key_file_is_there_whole_and_its_owners_alone(session: Session, people: User, tmp_path: Path) -> None:
    assert found(session, data_dir=tmp_path) == {}
    made = tmp_path / "master.keys"
    made.chmod(0o644)
    assert found(session, data_dir=tmp_path) == {"key_file_readable": True}
    made.chmod(0o600)
    made.write_text("{}")
    assert found(session, data_dir=tmp_path) == {"key_file_unusable": True}
    elsewhere = PRODUCTION | {"master_key_file": tmp_path / "none"}
    assert found(session, data_dir=tmp_path, **elsewhere) == {"key_file_unusable": True}


def test_an_account_that_row_security_does_not_hold_for_is_fatal_in_production(
    session: Session, people: User, tmp_path: Path
) -> None:
    keys = tmp_path / "given.keys"
    MasterKeys.fresh().write(keys, replace=False)
    given = {"data_dir": tmp_path, "master_key_file": keys} | PRODUCTION
    for settings, expected in ((given, True), ({"data_dir": tmp_path}, False)):
        findings = doctor.examine(session, Settings(**settings), EARLY, migrated=True)
        guarded = session.get_bind().dialect.name == "postgresql"
        assert (OF_THE_SERVER in {one.code for one in findings if one.fatal}) == (expected and guarded)


def test_a_calendar_that_ends_soon_is_a_warning(session: Session, people: User, tmp_path: Path) -> None:
    assert found(session, LATE, data_dir=tmp_path) == {"calendar": False}


def test_a_database_that_is_not_migrated_is_not_looked_into(session: Session, tmp_path: Path) -> None:
    findings = doctor.examine(session, Settings(data_dir=tmp_path), LATE, migrated=False)
    assert [(finding.code, finding.fatal) for finding in findings] == [("not_migrated", True)]


def test_the_fatal_come_first(session: Session, tmp_path: Path) -> None:
    assert Settings(data_dir=tmp_path).key
    (tmp_path / "secret.key").chmod(0o644)
    findings = doctor.examine(session, Settings(data_dir=tmp_path), LATE, migrated=True)
    assert [finding.fatal for finding in findings] == [True, False, False]
