"""Everything that works at no desk, under an account of PostgreSQL that owns nothing and that row-level security holds for.

What such an account is not allowed, or not shown, fails here: each job and each command has to do what it is for.
"""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, delete, func, select, text, update
from sqlalchemy.exc import ProgrammingError
from typer.testing import CliRunner, Result

from app import db
from app.cli import commands
from app.domain.terms import Role
from app.house import House
from app.models import (
    Base,
    Case,
    CaseKey,
    JournalEntry,
    Reminder,
    Seal,
    StoredAnswer,
    Subject,
    SubjectGram,
    Unsealed,
    WebhookDelivery,
)
from app.services import answers, calendars, recompute, webhook_deliveries
from app.workers.jobs import JOBS
from app.workers.runner import run_once
from tests.databases import Databases, servant
from tests.ledgers import as_csv, row
from tests.receiver import Receiver, receiving
from tests.town import BUREAU, CITY, CONCLUSION, Town, town

OPEN_WEBHOOKS: dict[str, Any] = {"webhook_http": True, "webhook_networks": ["127.0.0.0/8"]}


@pytest.fixture(scope="module")
def url(postgresql_databases: Databases) -> Iterator[str]:
    with servant(postgresql_databases) as found:
        yield found


_WORKSHOPS: list[Engine] = []


@pytest.fixture(scope="module")
def guarded(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(url, tmp_path_factory.mktemp("guarded"), **OPEN_WEBHOOKS) as place:
        place.hire("anquan", CITY, Role.SECURITY_ADMIN)
        yield place
    for engine in _WORKSHOPS:  # left to the collector, their connections are missed in whatever test comes next
        engine.dispose()


def workshop(place: Town) -> House:
    """A house as `work` furnishes it, at the time of the town."""
    ring = place.engine.get_execution_options()["keyring"]
    _WORKSHOPS.append(db.engine_of(place.settings, connections=4, keyring=ring))
    return House.of(place.settings, _WORKSHOPS[-1], lambda: place.now)


def count(place: Town, kind: type[Base]) -> int:
    with db.reader(db.everywhere(place.engine)) as session:
        return session.scalar(select(func.count()).select_from(kind)) or 0


def archived(place: Town) -> int:
    """Take a case to the archive; returns its id."""
    case = place.register()
    place.act("dengji", case, "accept")
    place.act("dengji", case, "assign", handler="jingban", opinion="交办")
    place.act("jingban", case, "submit", conclusions=[CONCLUSION])
    place.act("shenhe", case, "endorse", opinion="同意")
    place.act("baomi", case, "review_secrecy", cleared=True, opinion="可以公开")
    place.act("lingdao", case, "sign", opinion="同意")
    place.act("jingban", case, "deliver", method="post", carrier="中国邮政", tracking_no="XA1")
    place.act("jingban", case, "confirm_delivery", proof="postal_receipt", proof_ref="妥投", receiver="本人")
    found: int = place.act("guidang", case, "archive", volume_no="V-1")["id"]
    return found


def test_the_account_is_as_small_as_it_says(guarded: Town) -> None:
    with guarded.engine.connect() as connection:
        who = connection.execute(
            text("SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user")
        ).one()
        owned = connection.scalar(text("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole"))
        assert (*who, owned) == (False, False, False, 0)
        with pytest.raises(ProgrammingError):
            connection.execute(text("ALTER TABLE journal DISABLE TRIGGER ALL"))


def test_every_job_does_its_work(guarded: Town) -> None:
    house = workshop(guarded)
    with receiving(Receiver()) as receiver:
        hook = {"label": "门户", "url": receiver.url, "events": ["case.*"], "agency_code": CITY}
        assert guarded.post("anquan", "/webhooks", hook).status_code == 201
        case = guarded.register()
        guarded.act("dengji", case, "accept")
        guarded.act("dengji", case, "assign", handler="jingban", opinion="交办")
        with db.writer(db.everywhere(guarded.engine)) as session:
            for gone in (SubjectGram, Subject):
                session.execute(delete(gone))
            holiday = {dt.date(2026, 3, 3): "临时放假"}
            notice = calendars.draft_notice("CN", 2026, "补充通知", holiday, [], now=guarded.now, by="x")
            notice.recomputed_at = None
            session.add(notice)
            session.commit()
        guarded.go_to("2026-03-30 10:00")
        run_once(house, JOBS)

        with db.reader(db.everywhere(guarded.engine)) as session:
            assert session.get_one(Case, case["id"]).due_on == dt.date(2026, 3, 31)  # recompute
            assert recompute.pending(session) == 0
            rows = session.scalar(select(func.count()).select_from(JournalEntry))
        assert count(guarded, Reminder) > 0  # remind
        assert count(guarded, Subject) == 1  # subjects
        assert (count(guarded, Seal), count(guarded, Unsealed)) == (rows, 0)  # sealer
        assert (guarded.settings.data_dir / "journal.checkpoints").exists()
        acts = [got.data["act"] for got in receiver.taken]  # webhooks
        assert acts[:3] == ["register", "accept", "assign"]
        assert "deadline_moved" in acts

    sent = count(guarded, WebhookDelivery)
    old = archived(guarded)
    assert count(guarded, StoredAnswer) == 0
    guarded.post("duban", f"/cases/{old}/legal-hold", {"reason": "诉讼"}, headers={"Idempotency-Key": "k"})
    assert (sent > 0, count(guarded, StoredAnswer)) == (True, 1)
    longest = max(answers.KEPT, webhook_deliveries.KEPT) + dt.timedelta(days=1)
    guarded.now += longest
    run_once(house, [job for job in JOBS if job.name in {"webhook-log", "answers"}])
    assert (count(guarded, WebhookDelivery), count(guarded, StoredAnswer)) == (0, 0)


@pytest.fixture
def command(guarded: Town, url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Result]]:
    """Run a command within this process, over the data of the town."""
    folder, used = guarded.settings.data_dir, []
    make = db.engine_of

    def remembered(*arguments: Any, **more: Any) -> Engine:
        used.append(make(*arguments, **more))
        return used[-1]

    monkeypatch.setattr(db, "engine_of", remembered)  # a process of its own would end with its connections
    monkeypatch.chdir(folder)
    secret = guarded.settings.secret
    given = {
        "DISCLOSURE_DATA_DIR": str(folder),
        "DISCLOSURE_DATABASE_URL": url,
        "DISCLOSURE_SECRET": secret.get_secret_value() if secret else "",
    }

    def run(*arguments: str, **more: str) -> Result:
        done = CliRunner().invoke(commands, list(arguments), env=given | more)
        assert done.exception is None or isinstance(done.exception, SystemExit), (arguments, done.exception)
        return done

    yield run
    for engine in used:
        engine.dispose()


def test_every_command_of_an_operator_does_its_work(guarded: Town, command: Callable[..., Result]) -> None:
    guarded.go_to("2026-03-02 10:00")
    case = archived(guarded)
    with db.writer(db.everywhere(guarded.engine)) as session:
        long_ago = {"archived_on": dt.date(1980, 1, 1), "stopped_on": dt.date(1980, 1, 1)}
        session.execute(update(Case).where(Case.id == case).values(long_ago))
        session.commit()
    folder = guarded.settings.data_dir
    ledger, notice = folder / "台账.csv", folder / "通知.json"
    ledger.write_bytes(as_csv([row()]))
    local = {"region": "CN-45", "year": 2026, "source": "通知", "off": ["2026-04-20"], "work": []}  # 三月三
    notice.write_text(json.dumps(local), "utf-8")

    def done(*arguments: str, code: int = 0) -> str:
        found = command(*arguments)
        assert found.exit_code == code, (arguments, found.output)
        return found.output

    production = {"DISCLOSURE_PROFILE": "production", "DISCLOSURE_MASTER_KEY_FILE": str(folder / "master.keys")}
    examined = json.loads(command("doctor", "--json", **production).stdout)
    codes = {finding["code"] for finding in examined}
    assert (len(codes) > 0, codes & {"row_security_bypassed", "database_owner"}) == (True, set())
    done("doctor")
    done("init", code=1)  # there are users
    assert len(done("token", "--user", "jingban").strip()) > 20
    assert "恢复码" in done("recover", "--user", "jingban")
    done("import-ledger", str(ledger), "--agency", BUREAU, "--dry-run")
    assert "1" in done("import-ledger", str(ledger), "--agency", BUREAU)
    done("import-notice", str(notice), "--dry-run")
    done("import-notice", str(notice))
    done("recompute")
    assert "1 件" in done("erase", "--appraisal", "海档鉴〔2026〕1号", "--dry-run")
    assert "已删除 1 件" in done("erase", "--appraisal", "海档鉴〔2026〕1号")
    with db.reader(db.everywhere(guarded.engine)) as session:
        assert session.get(CaseKey, case) is None
    assert "更换" in done("keys", "rotate")
    done("keys", "prune")
    assert done("keys", "check").strip() == "全部密文都能打开。"
    done("work", "--once")
    assert count(guarded, Unsealed) == 0
    assert "通过" in done("verify", "journal") or "没有发现" in done("verify", "journal")
