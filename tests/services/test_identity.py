"""From a token or key to its actor, and the set-up token of a first run."""

import datetime as dt
import secrets
import threading
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import db
from app.config import Settings
from app.domain.terms import Role
from app.errors import AppError, Forbidden, Invalid, Unauthenticated
from app.models import AccessToken, Agency, ApiKey, JournalEntry, SetupToken, User, UserRole
from app.services import agencies, identity, setup
from app.services.passwords import Hasher
from app.services.setup import Administrator
from tests.databases import opened

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
TOKEN = "a-token-of-forty-three-characters-0123456789"
HERE = "10.1.2.3"
KEY = "dk_abcd1234_a_secret-with_underscores"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


@pytest.fixture
def user(session: Session) -> User:
    agency = Agency(code="370600", name="海州市人民政府", region="CN", settings={})
    agencies.plant(session, agency, "/")
    user = User(
        username="zhangsan",
        display_name="张三",
        agency_id=agency.id,
        password_hash="!",
        created_at=NOW,
        roles=[UserRole(role=Role.HANDLER), UserRole(role=Role.ARCHIVIST)],
    )
    session.add(user)
    session.flush()
    session.add(
        AccessToken(
            digest=identity.digest(TOKEN),
            user_id=user.id,
            code_digest="",
            created_at=NOW,
            used_at=NOW,
            expires_at=NOW + dt.timedelta(hours=12),
        )
    )
    session.flush()
    return user


@pytest.fixture
def key(session: Session, user: User) -> ApiKey:
    key = ApiKey(
        prefix="abcd1234",
        digest=identity.digest("a_secret-with_underscores"),
        label="市政府门户",
        agency_id=user.agency_id,
        role=Role.PORTAL,
        created_by="anquan",
        created_at=NOW,
        expires_at=NOW + dt.timedelta(days=30),
    )
    session.add(key)
    session.flush()
    return key


def test_a_token_stands_for_its_person_with_all_roles(session: Session, user: User, settings: Settings) -> None:
    actor = identity.actor_of_token(session, TOKEN, NOW, settings)
    assert (actor.name, actor.label, actor.agency_id) == ("zhangsan", "张三", user.agency_id)
    assert actor.roles == {Role.HANDLER, Role.ARCHIVIST}
    assert actor.agency_path == f"/{user.agency_id}/"
    assert not actor.is_key


def test_a_person_without_roles_is_still_somebody(session: Session, user: User, settings: Settings) -> None:
    session.refresh(user, ["roles"])
    user.roles = []
    session.flush()
    assert identity.actor_of_token(session, TOKEN, NOW, settings).roles == frozenset()


@pytest.mark.parametrize(
    ("minutes", "holds"), [(0, True), (29, True), (30, False), (31, False), (60 * 12, False), (60 * 24 * 365, False)]
)
def test_a_token_left_alone_ends_after_thirty_minutes(
    session: Session, user: User, settings: Settings, minutes: int, holds: bool
) -> None:
    if holds:
        identity.actor_of_token(session, TOKEN, NOW + minutes * MINUTE, settings)
    else:
        with pytest.raises(Unauthenticated):
            identity.actor_of_token(session, TOKEN, NOW + minutes * MINUTE, settings)


def test_a_token_in_use_ends_after_twelve_hours(session: Session, user: User, settings: Settings) -> None:
    moment = NOW
    while moment < NOW + dt.timedelta(hours=12):
        found = identity.sign_in_of_token(session, TOKEN, moment, settings)
        identity.mark_used(session, found.digest, moment)
        moment += 20 * MINUTE
    with pytest.raises(Unauthenticated):
        identity.actor_of_token(session, TOKEN, moment, settings)


def test_use_is_written_down_at_most_once_a_minute_and_never_backwards(session: Session, user: User) -> None:
    seen = []
    for seconds in (30, 60, 90, 119, 121, 60):
        identity.mark_used(session, identity.digest(TOKEN), NOW + dt.timedelta(seconds=seconds))
        session.expire_all()
        used_at = session.scalars(select(AccessToken.used_at)).one()
        seen.append((used_at - NOW).total_seconds())
    assert seen == [0, 60, 60, 60, 121, 121]


def test_forty_forged_tokens_are_all_refused_with_one_answer(session: Session, user: User, settings: Settings) -> None:
    forged = ["", " ", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), identity.digest(TOKEN), "null", "é\x7f", "%", "a" * 9000]
    forged += [secrets.token_urlsafe(32) for _ in range(30)]
    said = set()
    for token in forged:
        with pytest.raises(Unauthenticated) as refused:
            identity.actor_of_token(session, token, NOW, settings)
        said.add((str(refused.value), tuple(refused.value.headers.items())))
    assert len(forged) == 40
    assert said == {(Unauthenticated.title, (("WWW-Authenticate", "Bearer"),))}


def test_a_disabled_person_is_refused_and_looks_like_nobody(session: Session, user: User, settings: Settings) -> None:
    user.disabled_at = NOW
    session.flush()
    with pytest.raises(Unauthenticated, match=Unauthenticated.title):
        identity.actor_of_token(session, TOKEN, NOW, settings)


def test_a_key_stands_for_its_system(session: Session, key: ApiKey) -> None:
    actor = identity.actor_of_key(session, KEY, NOW, HERE)
    assert (actor.name, actor.label, actor.roles, actor.is_key) == (
        "key:abcd1234",
        "市政府门户",
        frozenset({Role.PORTAL}),
        True,
    )


@pytest.mark.parametrize(
    "wrong",
    [
        *("", "dk_", "dk__", "dk_abcd1234", "dk_abcd1234_", KEY + "x", KEY[:-1], KEY.upper(), KEY[3:], " " + KEY),
        *(
            "dk_zzzz9999_a_secret-with_underscores",
            "xx_abcd1234_a_secret-with_underscores",
            "dk_abcd\x0034_x",
            KEY + "\n",
        ),
    ],
)
def test_a_wrong_key_is_refused(session: Session, key: ApiKey, wrong: str) -> None:
    with pytest.raises(Unauthenticated, match=Unauthenticated.title):
        identity.actor_of_key(session, wrong, NOW, HERE)


def test_a_key_ends_on_its_moment_and_when_revoked(session: Session, key: ApiKey) -> None:
    identity.actor_of_key(session, KEY, key.expires_at - dt.timedelta(seconds=1), HERE)
    with pytest.raises(Unauthenticated):
        identity.actor_of_key(session, KEY, key.expires_at, HERE)
    key.revoked_at = NOW
    session.flush()
    with pytest.raises(Unauthenticated):
        identity.actor_of_key(session, KEY, NOW, HERE)


@pytest.mark.parametrize(
    ("networks", "address", "holds"),
    [
        (None, "203.0.113.7", True),
        (["10.1.0.0/16"], "10.1.2.3", True),
        (["10.1.0.0/16"], "10.2.2.3", False),
        (["192.0.2.0/24", "10.1.2.3/32"], "10.1.2.3", True),
        (["10.1.0.0/16"], "::ffff:10.1.2.3", True),
        (["10.1.0.0/16"], "2001:db8::1", False),
        (["2001:db8::/32"], "2001:db8::1", True),
        (["2001:db8::/32"], "10.1.2.3", False),
        (["10.1.0.0/16"], "", False),
        (["0.0.0.0/0"], "testclient", False),
    ],
)
def test_a_key_is_held_to_its_networks_and_refused_elsewhere_like_a_wrong_one(
    session: Session, key: ApiKey, networks: list[str] | None, address: str, holds: bool
) -> None:
    key.networks = networks
    session.flush()
    if holds:
        assert identity.actor_of_key(session, KEY, NOW, address).is_key
    else:
        with pytest.raises(Unauthenticated, match=Unauthenticated.title):
            identity.actor_of_key(session, KEY, NOW, address)


THREE = {
    Role.SYSTEM_ADMIN: Administrator("xitong", "张三", "滨海路三号楼-晴天-1047"),
    Role.SECURITY_ADMIN: Administrator("anquan", "李四", "蓝色茶壶-山路-8352-松"),
    Role.AUDIT_ADMIN: Administrator("shenji", "王五", "北窗-旧书架-6194-雨后"),
}


def complete(session: Session, token: str, people: dict[Role, Administrator] = THREE, now: dt.datetime = NOW) -> Agency:
    return setup.complete(
        session, token, code="370600", name="海州市", region="CN", administrators=people, hasher=Hasher(1), now=now
    )


def test_the_first_run_makes_one_agency_and_three_administrators(session: Session) -> None:
    token = setup.prepare(session, NOW)
    assert token
    assert session.scalars(select(SetupToken.digest)).one() != token, "only the digest is stored"
    agency = complete(session, token)
    assert agency.path == f"/{agency.id}/"
    held = session.execute(select(User.username, UserRole.role).join(UserRole)).all()
    assert {tuple(row) for row in held} == {(person.username, role) for role, person in THREE.items()}
    assert [row.act for row in session.scalars(select(JournalEntry))] == ["set_up"] * 3
    assert setup.prepare(session, NOW) is None, "there are users now"


@pytest.mark.parametrize("wrong", ["", "guessed", "1" * 43])
def test_a_wrong_setup_token_is_refused(session: Session, wrong: str) -> None:
    setup.prepare(session, NOW)
    with pytest.raises(Forbidden):
        complete(session, wrong)


def test_a_setup_token_ends_when_another_is_made_and_after_a_day(session: Session) -> None:
    first, second = setup.prepare(session, NOW), setup.prepare(session, NOW)
    assert first
    assert second
    with pytest.raises(Forbidden):
        complete(session, first)
    with pytest.raises(Forbidden):
        complete(session, second, now=NOW + dt.timedelta(days=1))


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (Administrator("xitong", "李四", "蓝色茶壶-山路-8352-松"), "三个不同的人"),
        (Administrator("anquan", "李四", "滨海路三号楼-晴天-1047"), "不能相同"),
        (Administrator("anquan", "李四", "password12345"), "猜中"),
    ],
)
def test_one_person_cannot_hold_two_duties_at_the_first_run(
    session: Session, changed: Administrator, reason: str
) -> None:
    token = setup.prepare(session, NOW)
    assert token
    with pytest.raises(Invalid, match=reason):
        complete(session, token, {**THREE, Role.SECURITY_ADMIN: changed})


def test_of_two_threads_with_one_setup_token_one_wins(fresh_database: str) -> None:
    engine = opened(fresh_database, connections=4)
    with db.writer(engine) as session:
        token = setup.prepare(session, NOW)
        session.commit()
    assert token
    ready, outcomes = threading.Barrier(2), []

    def attempt() -> None:
        ready.wait()
        with db.writer(engine) as session:
            try:
                complete(session, token)
                session.commit()
                outcomes.append("made")
            except AppError as refused:
                outcomes.append(refused.code)

    threads = [threading.Thread(target=attempt) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.reader(engine) as session:
        assert len(session.scalars(select(User.id)).all()) == 3
        assert len(session.scalars(select(Agency.id)).all()) == 1
    engine.dispose()
    assert sorted(outcomes) == ["forbidden", "made"]
