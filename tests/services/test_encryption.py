"""Keys over time: what was written before there were any, and replacing them while others read and write."""

import base64
import datetime as dt
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast, get_args

import pytest
from sqlalchemy import Table, select, text

from app import db, sealing
from app.domain.workflow import COMMANDS
from app.models import Applicant, CaseKey, DataKey, JournalEntry, Keyring
from app.models.sealed import sealed_fields
from app.sealing import MasterKeys, SealBroken, Suite
from app.services import encryption
from app.services.encryption import SEALED_KINDS
from tests.people import dump, found_in, people
from tests.town import Town, town
from tests.words import write_beside

*PEOPLE, BESIDE = people(4, seed=7)


@pytest.fixture
def place(fresh_database: str, tmp_path: Path) -> Iterator[Town]:
    with town(fresh_database, tmp_path) as opened:
        yield opened


def ring_of(place: Town) -> Keyring:
    ring = place.engine.get_execution_options()["keyring"]
    assert isinstance(ring, Keyring)
    return ring


@pytest.mark.parametrize("suite", get_args(Suite))
def test_a_text_opens_only_unchanged_with_its_key_and_in_its_place(suite: Suite) -> None:
    key = sealing.fresh_key()
    sealed = sealing.seal(suite, "k1", key, "张三", "applicants", "name", "1")
    assert sealed.startswith(f"v1.{suite}.k1.")
    assert sealing.unseal(key, sealed, "applicants", "name", "1") == "张三"
    assert sealing.seal(suite, "k1", key, "张三", "applicants", "name", "1") != sealed  # equal texts do not look equal
    payload = sealed.rpartition(".")[2]
    raw = bytearray(base64.urlsafe_b64decode(payload))
    wrong: list[tuple[bytes, str, tuple[str, ...]]] = [
        (sealing.fresh_key(), sealed, ("applicants", "name", "1")),
        (key, sealed, ("applicants", "name", "2")),
        (key, sealed, ("applicants", "name1", "")),
        (key, "张三", ("applicants", "name", "1")),
        (
            key,
            sealed.replace(suite, next(other for other in get_args(Suite) if other != suite)),
            ("applicants", "name", "1"),
        ),
    ]
    for place in range(len(raw)):
        changed = bytearray(raw)
        changed[place] ^= 1
        wrong.append(
            (key, sealed.replace(payload, base64.urlsafe_b64encode(changed).decode()), ("applicants", "name", "1"))
        )
    for other, content, where in wrong:
        with pytest.raises(SealBroken):
            sealing.unseal(other, content, *where)


def test_the_key_file_is_its_owners_alone_and_made_once(tmp_path: Path) -> None:
    path = tmp_path / "new" / "master.keys"
    first, second = MasterKeys.fresh(), MasterKeys.fresh()
    first.write(path, replace=False)
    second.write(path, replace=False)  # too late
    assert path.stat().st_mode & 0o777 == 0o600
    assert MasterKeys.read(path).master == first.master
    assert base64.b64encode(first.master).decode() not in repr(first)
    for broken in ("", "{}", '{"current": "m", "masters": {"m": "AA=="}, "index": "AA=="}'):
        path.write_text(broken)
        with pytest.raises(SealBroken, match="主密钥文件的内容有误"):
            MasterKeys.read(path)


def test_a_database_from_before_is_sealed_and_says_the_same(place: Town) -> None:
    cases = [place.register(applicant=person.applicant()) for person in PEOPLE]
    place.act("dengji", cases[0], "accept", note=f"{PEOPLE[0].name}来电")
    place.act("dengji", cases[0], "assign", handler="jingban", opinion=f"{PEOPLE[0].name}的申请")
    place.act("jingban", cases[0], "record_contact", way="phone", gist=f"与{PEOPLE[0].name}通话{PEOPLE[0].phone}")
    write_beside(place, place.register(), BESIDE)
    shown = [("dengji", f"/cases/{case['id']}/timeline") for case in cases]
    shown += [("shi-duban", path) for path in ("/supervisions", "/problems", "/evaluations")]
    shown.append(("jingban", "/worklist/filters"))
    before = [place.get(*one).json() for one in shown]
    with db.writer(place.engine) as session:
        with encryption.journal_open(session):
            _lay_open(session)
        session.commit()
    assert found_in(dump(place.engine), [*PEOPLE, BESIDE]) != []
    with db.writer(place.engine) as session:
        assert encryption.seal_existing(session) == 5  # one of them came with a ledger
        session.commit()
    with db.writer(place.engine) as session:
        assert encryption.seal_existing(session) == 0
        assert encryption.unopenable(session) == []
    if place.engine.dialect.name == "sqlite":
        with place.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("VACUUM")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
    assert found_in(dump(place.engine), [*PEOPLE, BESIDE]) == []
    assert [place.get(*one).json() for one in shown] == before
    for case, person in zip(cases, PEOPLE, strict=True):
        found = place.get("dengji", "/cases", params={"q": person.name}).json()["items"]
        assert [item["id"] for item in found] == [case["id"]]
        assert found[0]["version"] == place.get("dengji", f"/cases/{case['id']}").json()["version"]


def _lay_open(session: Any) -> None:
    """Put a database back to how it was before anything was sealed."""
    for kind in SEALED_KINDS:
        for row in session.scalars(select(kind)).all():
            plain = {
                field.name: None if (value := getattr(row, field.name)) is None else field.write(value)
                for field in sealed_fields(kind).values()
            }
            if isinstance(row, JournalEntry):
                plain = {"private": None}
                row.data = row.whole if row.act in COMMANDS else row.data  # what came later was sealed from the start
                session.flush()
            own = [column == getattr(row, column.key) for column in kind.__table__.primary_key]
            session.execute(kind.__table__.update().where(*own).values(plain))
    session.execute(text("DELETE FROM case_keys"))
    session.execute(text("DELETE FROM agency_keys"))
    session.execute(text("DELETE FROM data_keys"))
    session.execute(text("UPDATE applicants SET id_digest = NULL, name_digest = NULL, phone_digest = NULL"))
    session.expire_all()


def test_keys_are_replaced_while_others_read_and_write(place: Town) -> None:
    """A writer and a reader go on all the while; afterwards no old key wraps anything, and everything opens."""
    first = [place.register(applicant=person.applicant()) for person in PEOPLE]
    ring, stop, faults = ring_of(place), threading.Event(), []
    written: list[dict[str, Any]] = []

    def clerk() -> None:
        while not stop.is_set():
            try:
                written.append(place.register(applicant=PEOPLE[0].applicant()))
                for case in first:
                    name = place.get("dengji", f"/cases/{case['id']}").json()["applicant"]["name"]
                    assert name[1:] == "**"
            except AssertionError as fault:
                faults.append(fault)

    working = threading.Thread(target=clerk)
    working.start()
    old_master, old = ring.masters.current, _data_kids(place)
    changed = ring.masters.with_new_master()
    changed.write(place.settings.key_file, replace=True)
    ring.use(changed)
    now = place.now
    try:
        _step(place, lambda session: encryption.rewrap(session, ring))
        with db.writer(place.engine) as session:
            encryption.retire(session, ring, now)
            session.commit()
        _step(place, lambda session: encryption.move_wrapped(session, ring, now))
    finally:
        stop.set()
        working.join()
    assert faults == []
    _step(place, lambda session: encryption.move_wrapped(session, ring, now))  # what was entered in between
    later = now + encryption.KEPT_RETIRED + dt.timedelta(minutes=1)
    with db.writer(place.engine) as session:
        assert encryption.destroy_retired(session, later) == len(old)
        session.commit()
    with db.reader(place.engine) as session:
        assert encryption.masters_in_use(session) == {changed.current} != {old_master}
        assert not old & set(session.scalars(select(CaseKey.data_kid)))
        assert not any(row.wrapped for row in session.scalars(select(DataKey).where(DataKey.kid.in_(old))))

    # Another process, which knows the new key file only, opens everything.
    changed.only_current().write(place.settings.key_file, replace=True)
    fresh = db.build_engine(str(place.engine.url.render_as_string(hide_password=False)),
                            keyring=Keyring("aes-256-gcm", place.settings.master_keys))  # fmt: skip
    with db.reader(fresh) as session:
        assert encryption.unopenable(session) == []
        assert len(session.scalars(select(Applicant)).all()) == len(first) + len(written)
    fresh.dispose()


def _data_kids(place: Town) -> set[str]:
    with db.reader(place.engine) as session:
        return set(session.scalars(select(DataKey.kid)))


def _step(place: Town, work: Any) -> None:
    more = True
    while more:
        with db.writer(place.engine) as session:
            more = work(session)
            session.commit()


def test_a_lost_key_is_told_without_a_trace_of_what_it_sealed(place: Town) -> None:
    case = place.register(applicant=PEOPLE[0].applicant())
    ring = ring_of(place)
    ring._data.clear()
    ring.use(MasterKeys.fresh())
    MasterKeys.fresh().write(place.settings.key_file, replace=True)
    answer = place.get("dengji", f"/cases/{case['id']}")
    assert answer.status_code == 503
    assert found_in(answer.content, PEOPLE) == []


def test_the_suite_may_be_changed_and_what_was_sealed_by_the_other_still_opens(place: Town) -> None:
    first = place.register(applicant=PEOPLE[0].applicant())
    ring_of(place).suite = "sm4-gcm"
    second = place.register(applicant=PEOPLE[1].applicant())
    for case, person in ((first, PEOPLE[0]), (second, PEOPLE[1])):
        body = {"fields": ["name", "id_number"], "reason": "核对申请人身份"}
        shown = place.post("jingban", f"/cases/{case['id']}/reveal", body).json()["items"]
        assert [item["values"] for item in shown] == [[person.name], [person.id_number]]
    stored = cast("Table", Applicant.__table__).c
    with db.reader(place.engine) as session:
        suites = session.execute(select(stored.case_id, stored.name)).all()
        assert [(case_id, name.split(".")[1]) for case_id, name in sorted(suites)] == [
            (first["id"], "aes-256-gcm"),
            (second["id"], "sm4-gcm"),
        ]
        assert encryption.unopenable(session) == []
    assert found_in(dump(place.engine), PEOPLE) == []
