"""The journal is numbered without a gap, cannot be changed by the service, and tells when somebody else did."""

import copy
import datetime as dt
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine, delete, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app import db
from app.config import Settings
from app.domain import journal_extract as extracts
from app.domain import seals
from app.domain.actor import Actor
from app.domain.journal_extract import JournalExtract
from app.domain.terms import Role
from app.house import House
from app.migrate import migrate
from app.models import Agency, JournalEntry, Keyring, Seal, Unsealed
from app.services import agencies, checkpoints, journal, journal_check, journal_extract, sealing
from app.workers.sealer import seal_journal
from tests.sizes import FULL
from tests.town import BUREAU, CITY, COUNTY, Town, at, problem
from tests.workers import edits

ROUNDS = 1000 if FULL else 60


@dataclass(frozen=True)
class Place:
    """A journal without an application around it."""

    engine: Engine
    settings: Settings
    now: dt.datetime


def seal(place: Place | Town, *, up_to: int | None = None) -> None:
    """Seal everything that waits, or the rows up to a number, and sign."""
    with db.writer(place.engine) as session:
        number = sealing.newest(session)
        sealing.seal(session, place.now, batch=up_to - number if up_to else sealing.BATCH)
        session.commit()
        assert checkpoints.keep(session, place.settings, place.now)


def examined(session: Session, place: Place) -> journal_check.Report:
    public_key = checkpoints.Signer(place.settings.journal_seed).public_key
    return journal_check.examine(session, place.settings.journal_key, public_key, [checkpoints.path_of(place.settings)])


@pytest.fixture
def busy(fresh_database: str, tmp_path: Path) -> Iterator[Place]:
    """A journal of two agencies, sealed in three steps, with some rows that wait."""
    settings = Settings(data_dir=tmp_path, database_url=fresh_database, secret="test-secret-of-at-least-32-characters")
    keyring = Keyring(settings.cipher_suite, settings.master_keys)
    engine = db.engine_of(settings, connections=2, keyring=keyring)
    place = Place(engine, settings, at("2026-03-02 10:00"))
    with db.writer(engine) as session:
        for code in (CITY, BUREAU):
            agencies.plant(session, Agency(code=code, name=code, region="CN", settings={}), "/")
        write(session, place, edits.LAST + 3)
        session.commit()
    for step in edits.STEPS:
        seal(place, up_to=step)
    yield place
    engine.dispose()


def write(session: Session, place: Place, rows: int = 1) -> None:
    for number in range(rows):
        clerk = Actor(name=f"clerk{number}", label="", agency_id=1 + number % 2, agency_path="", roles=frozenset())
        data = {"小数": number / 4, "大数": float(10**number), "列": [number, {"深": None}]}
        journal.append(session, clerk, place.now, f"act{number}", "某事", data=data)


@pytest.fixture
def session(busy: Place) -> Iterator[Session]:
    with db.writer(busy.engine) as session:
        yield session
        session.rollback()


def test_every_committed_row_gets_the_next_number_and_its_links(busy: Place) -> None:
    assert seal_journal(House.of(busy.settings, busy.engine, lambda: busy.now), busy.now) > 0
    with db.reader(busy.engine) as session:
        sealed = session.execute(select(Seal, JournalEntry).join(JournalEntry).order_by(Seal.sequence)).all()
        assert [seal.sequence for seal, _ in sealed] == [*range(1, len(sealed) + 1)]
        assert [entry.id for _, entry in sealed] == sorted(session.scalars(select(JournalEntry.id)))
        assert session.scalars(select(Unsealed.entry_id)).all() == []
        for agency_id in {seal.agency_id for seal, _ in sealed}:
            chain = [(seal, entry) for seal, entry in sealed if seal.agency_id == agency_id]
            assert [seal.number for seal, _ in chain] == [*range(1, len(chain) + 1)]
            for (before, _), (after, entry) in pairwise(chain):
                assert after.hash == seals.link(before.hash, seals.digest_of(seals.content_of(entry.id, entry)))
    assert checkpoints._last(checkpoints.path_of(busy.settings)) == checkpoints.Checkpoint(
        len(sealed), sealed[-1][0].root
    )


@pytest.mark.parametrize("table", [JournalEntry, Seal])
def test_the_database_refuses_to_change_or_delete_a_row(session: Session, table: type[JournalEntry | Seal]) -> None:
    for change in (update(table).values(at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC)), delete(table)):
        with pytest.raises(DBAPIError, match="never changed or deleted"), session.begin_nested():
            session.execute(change)
    if session.get_bind().dialect.name == "postgresql":
        with pytest.raises(DBAPIError, match="never changed or deleted"), session.begin_nested():
            session.execute(text(f"TRUNCATE {table.__tablename__} CASCADE"))


def test_ten_clean_runs_raise_no_alarm(busy: Place) -> None:
    for _ in range(10):
        with db.writer(busy.engine) as session:
            write(session, busy, 3)
            session.commit()
        seal(busy)
        with db.still(busy.engine) as session:
            report = examined(session, busy)
        assert report.faults == []
        assert (report.waiting, report.unsigned) == (0, 0)


def test_every_edit_by_the_owner_of_the_database_is_found_and_placed(busy: Place, session: Session) -> None:
    missed = []
    for number in range(ROUNDS):
        rng = Random(number)
        edit = edits.EDITS[number % len(edits.EDITS)]
        savepoint = session.begin_nested()
        edits.open_up(session)
        span = edit(session, rng, rng.randint(1, edits.LAST))
        session.expire_all()
        first = journal_check.first(examined(session, busy).faults)
        if first is None:
            missed.append((number, edit.__name__, "not found"))
        elif span is None and first.sequence is not None:
            missed.append((number, edit.__name__, f"named {first.sequence} for a row without a number"))
        elif span is not None and not (first.sequence and span[0] <= first.sequence <= span[1]):
            missed.append((number, edit.__name__, f"named {first.sequence}, not within {span}: {first.message}"))
        savepoint.rollback()
        session.expire_all()
    assert missed == []
    assert examined(session, busy).faults == []


def test_a_checkpoint_that_somebody_else_wrote_is_named(busy: Place) -> None:
    path = checkpoints.path_of(busy.settings)
    lines = path.read_text().strip().split("\n\n")
    said = json.loads(lines[1])
    lines[1] = json.dumps(said | {"root": "0" * 64})
    path.write_text("\n".join(lines) + "\n")
    with db.still(busy.engine) as session:
        assert [fault.code for fault in examined(session, busy).faults] == ["bad_checkpoint"]


def test_a_checkpoint_cut_short_by_a_crash_is_no_alarm_and_the_next_is_whole(busy: Place) -> None:
    path = checkpoints.path_of(busy.settings)
    with path.open("a") as file:
        file.write('{"sequence": 99')
    with db.still(busy.engine) as session:
        assert examined(session, busy).faults == []
    seal(busy)
    with db.still(busy.engine) as session:
        report = examined(session, busy)
    assert (report.faults, report.unsigned) == ([], 0)


def test_no_checkpoint_vouches_for_a_journal_that_was_rewritten(busy: Place) -> None:
    with db.writer(busy.engine) as session:
        edits.open_up(session)
        if session.get_bind().dialect.name == "sqlite":
            session.execute(text("PRAGMA defer_foreign_keys = OFF"))
        session.execute(update(Seal).where(Seal.sequence == edits.LAST).values(root="0" * 64))
        session.commit()
        before = checkpoints.path_of(busy.settings).read_text()
        sealing.seal(session, busy.now)
        assert not checkpoints.keep(session, busy.settings, busy.now)
    assert checkpoints.path_of(busy.settings).read_text() == before


@pytest.mark.parametrize("edit", [edits.insert_plainly, edits.insert_unreadably, edits.change_a_waiting_row])
def test_a_row_of_another_hand_gets_no_number_and_holds_up_no_other(busy: Place, edit: edits.Edit) -> None:
    with db.writer(busy.engine) as session:
        waiting = set(session.scalars(select(Unsealed.entry_id)))
        if edit is not edits.insert_plainly:
            edits.open_up(session)
        edit(session, Random(1), 1)
        session.commit()
    seal(busy)
    with db.reader(busy.engine) as session:
        left = session.execute(select(Unsealed.entry_id, Unsealed.refused)).all()
        assert [refused for _, refused in left] == [True]
        sealed = set(session.scalars(select(Seal.entry_id)))
        assert waiting - {left[0][0]} <= sealed
        assert left[0][0] not in sealed


def test_the_extract_of_a_case_proves_itself_without_the_database(place: Town) -> None:
    cases = [place.register() for _ in range(3)]
    place.act("dengji", cases[1], "accept")
    path = f"/cases/{cases[1]['id']}/journal-extract"
    refused = place.get("duban", path)
    assert (refused.status_code, problem(refused)["reasons"][0]["code"]) == (409, "not_sealed")
    seal(place)
    answer = place.get("duban", path)
    assert answer.status_code == 200, answer.text
    extract = JournalExtract.model_validate_json(answer.content)
    assert [row.content.act for row in extract.rows] == ["register", "accept"]
    assert all(row.before and row.after for row in extract.rows[:1])
    published = place.client.get("/api/v1/journal/key").json()["public_key"]
    assert journal_extract.faults(extract, published) == []
    last = place.get("duban", f"/cases/{cases[1]['id']}/timeline").json()["items"][-1]
    assert last["act"] == "journal_extracted"
    _refuse_others(place, path)
    _find_every_change(answer.json())


def _refuse_others(place: Town, path: str) -> None:
    for who in ("dengji", "jingban", "lingdao"):
        assert place.get(who, path).status_code == 403
    place.hire("quxian", COUNTY, Role.ARCHIVIST)
    assert place.get("quxian", path).status_code == 404


def _find_every_change(sound: dict[str, Any]) -> None:
    """Whatever is changed in an extract, it no longer holds; and hardly anything holds if another signs it again."""
    other = checkpoints.Signer(b"7" * 32)
    for path in leaves(sound):
        touched = copy.deepcopy(sound)
        *above, last = path
        spot: Any = touched
        for step in above:
            spot = spot[step]
        spot[last] = other_than(spot[last])
        try:
            extract = JournalExtract.model_validate(touched)
        except ValidationError:
            continue
        assert journal_extract.faults(extract, None), path
        if path[0] == "rows" and last not in {"agency_code", "sequence", "number"} and path[2:] != ("after", "digest"):
            again = extract.model_copy(update={"public_key": other.public_key})
            again = again.model_copy(update={"signature": other.sign(again.signed)})
            assert [*extracts.faults(again)], f"signed by another, {path}"
            assert journal_extract.faults(again, sound["public_key"])[0] == "签名用的不是所给的公钥"


def leaves(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The places of everything in a JSON value that is no object and no list; but for the name of the format."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from leaves(part, (*path, name))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from leaves(part, (*path, number))
    elif path != ("format",):
        yield path


def other_than(value: object) -> object:
    if isinstance(value, str):
        return ("1" if value[:1] == "0" else "0") + value[1:]
    return value + 1 if isinstance(value, int) else 1


def test_the_marks_bind_every_field_of_a_row(session: Session, busy: Place) -> None:
    entry = session.get_one(JournalEntry, 1)
    key = busy.settings.journal_key
    assert seals.is_marked(key, entry)
    assert not seals.is_marked(b"another key", entry)
    for name, value in (("case_id", 77), ("on", dt.date(2020, 1, 1)), ("mark", "0" * 64), ("state", "archived")):
        before = getattr(entry, name)
        setattr(entry, name, value)
        assert not seals.is_marked(key, entry), name
        setattr(entry, name, before)
    session.expunge(entry)


def test_the_file_of_checkpoints_is_for_its_owner_alone(busy: Place) -> None:
    path = checkpoints.path_of(busy.settings)
    assert path.stat().st_mode & 0o077 == 0
    assert len(path.read_text().split()) > len(edits.STEPS)


def test_the_account_of_the_service_may_insert_and_read_and_nothing_else(busy: Place) -> None:
    if busy.settings.is_sqlite:
        pytest.skip("SQLite has no accounts")
    role = f"disclosure_test_{secrets.token_hex(6)}"
    with busy.engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {role}")
    try:
        migrate(busy.settings.url, busy.now, role=role)
        with db.writer(busy.engine) as session:
            session.execute(text(f"SET ROLE {role}"))
            write(session, busy)
            session.flush()
            assert sealing.seal(session, busy.now) > 0
            for change in (
                "UPDATE journal SET label = ''",
                "DELETE FROM seals",
                "TRUNCATE journal",
                "DROP TABLE seals",
            ):
                with pytest.raises(DBAPIError, match=r"permission denied|must be owner"), session.begin_nested():
                    session.execute(text(change))
    finally:
        with busy.engine.begin() as connection:
            connection.exec_driver_sql(f"DROP OWNED BY {role}")
            connection.exec_driver_sql(f"DROP ROLE {role}")
