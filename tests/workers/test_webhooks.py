"""Webhooks arrive: each event once, in the order of its case, signed, whatever the receiver does in the meantime."""

import datetime as dt
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from standardwebhooks import Webhook as Oracle

from app import db
from app.config import Settings
from app.domain import webhooks as rules
from app.domain.terms import Role, WebhookFailure
from app.errors import Invalid
from app.house import House
from app.models import JournalEntry, Webhook, WebhookDelivery, WebhookTry
from app.services import outbound
from app.services.lags import warnings
from app.workers.jobs import Job
from app.workers.runner import run_once, working
from app.workers.sealer import seal_journal
from app.workers.webhooks import clear_webhook_log, deliver_webhooks
from tests.receiver import Got, Receiver, certificate, receiving
from tests.servers import free_port
from tests.town import BUREAU, CITY, COUNTY, SHANGHAI, Town, problem, town

SEALER = Job("sealer", "封存", seal_journal)
JOBS = [SEALER, Job("webhooks", "投递", deliver_webhooks)]
LANES = [SEALER, *(Job(f"webhooks-{lane}", "投递", deliver_webhooks) for lane in range(2))]


@pytest.fixture
def place(fresh_database: str, tmp_path: Path) -> Iterator[Town]:
    with town(
        fresh_database, tmp_path, webhook_http=True, webhook_networks=["127.0.0.0/8"], webhook_seconds=0.4
    ) as opened:
        opened.hire("anquan", CITY, Role.SECURITY_ADMIN)
        yield opened


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving(Receiver()) as listening:
        yield listening


def house_of(place: Town, patience_s: float = 30) -> House:
    settings = place.settings.model_copy(update={"webhook_seconds": patience_s})
    return House.of(settings, db.everywhere(place.engine), lambda: place.now)


def work(place: Town, patience_s: float = 30) -> None:
    """Do everything that is due at the town's time; patience is for receivers that are to be waited for."""
    run_once(house_of(place, patience_s), JOBS)


def later(place: Town, **span: float) -> None:
    place.go_to(f"{place.now.astimezone(SHANGHAI) + dt.timedelta(**span):%Y-%m-%d %H:%M:%S.%f}")


def subscribe(place: Town, url: str, *events: str, who: str = "anquan", agency: str | None = CITY) -> dict[str, Any]:
    body: dict[str, Any] = {"label": "门户", "url": url, "events": [*events] or ["case.*"]}
    if agency:
        body["agency_code"] = agency
    answer = place.post(who, "/webhooks", body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def shown(place: Town, hook: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = place.get("anquan", f"/webhooks/{hook['id']}").json()
    return found


def log_of(place: Town, hook: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = place.get("anquan", f"/webhooks/{hook['id']}/deliveries?size=200").json()["items"]
    return found


def is_signed(got: Got, secret: str) -> bool:
    """Judge as a receiver would: by the published library, or at another time than its clock's, by hand."""
    oracle = Oracle(secret)
    at = dt.datetime.fromtimestamp(int(got.headers["webhook-timestamp"]), dt.UTC)
    made = oracle.sign(got.id, at, got.body.decode())
    return made in got.headers["webhook-signature"].split()


def test_a_subscriber_gets_the_events_of_its_choice_signed_and_without_personal_data(
    place: Town, receiver: Receiver
) -> None:
    before = place.register()
    work(place)
    hook = subscribe(place, receiver.url, "case.register", "case.accept")
    assert hook["secret"].startswith(rules.SECRET_PREFIX)
    case = place.register()
    place.act("dengji", before, "accept")
    place.act("dengji", case, "accept")
    work(place)
    assert sorted((one.data["case_id"], one.data["act"]) for one in receiver.taken) == [
        (before["id"], "accept"),
        (case["id"], "accept"),
        (case["id"], "register"),
    ]
    feed = {item["sequence"]: item for item in place.get("dengji", "/feed").json()["items"]}
    for got in receiver.taken:
        assert got.data == feed[got.data["sequence"]]
        assert got.id == f"msg_{hook['id']}_{got.data['sequence']}"
        assert is_signed(got, hook["secret"])
        for secret in ("张三", "11010519491231002X", "13800000000", "城东片区"):
            assert secret.encode() not in got.body
    assert "secret" not in shown(place, hook)
    assert {(item["state"], len(item["tries"]), item["tries"][0]["status"]) for item in log_of(place, hook)} == {
        ("delivered", 1, 204)
    }
    work(place)
    assert len(receiver.got) == 3


def test_two_workers_at_once_deliver_each_event_once_and_each_case_in_order(place: Town, receiver: Receiver) -> None:
    hooks = [subscribe(place, receiver.url), subscribe(place, f"{receiver.url}2")]
    with working(house_of(place), LANES), working(house_of(place), LANES[1:]):
        cases = [place.register() for _ in range(6)]
        for action in ("accept", "assign"):
            for case in cases:
                body = {"handler": "jingban"} if action == "assign" else {}
                place.post("dengji", f"/cases/{case['id']}/{action}", body)
        with db.reader(place.engine) as session:
            wanted = session.scalar(select(func.count(JournalEntry.id)).where(JournalEntry.case_id.is_not(None))) or 0
        assert wanted >= 12
        until = time.monotonic() + 60
        while len(receiver.taken) < 2 * wanted and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(1)  # for what should not come
    for hook in hooks:
        mine = [got for got in receiver.taken if got.id.startswith(f"msg_{hook['id']}_")]
        assert len(mine) == len({got.id for got in mine}) == wanted
        of_case: dict[int, list[int]] = defaultdict(list)
        for got in mine:
            of_case[got.data["case_id"]].append(got.data["sequence"])
        assert all(one < other for numbers in of_case.values() for one, other in pairwise(numbers))


def test_a_receiver_that_fails_for_a_week_gets_everything_in_order_afterwards(place: Town, receiver: Receiver) -> None:
    hook = subscribe(place, receiver.url)
    case = place.register()
    began, waits = place.now, []
    for number, (changes, failure) in enumerate([*SLOW, *FAILING * 99]):
        behaves(receiver, **changes)
        tries = len(receiver.got)
        work(place, 2 if failure == "timeout" else 30)
        assert len(receiver.got) == tries + 1
        if number == 0:
            place.act("dengji", case, "accept")
        with db.reader(place.engine) as session:
            rests = session.scalars(select(Webhook.rests_until)).one()
            last = session.scalar(select(WebhookTry.failure).order_by(WebhookTry.id.desc()).limit(1))
        assert rests is not None
        assert last == failure
        waits.append((rests - place.now).total_seconds())
        if rests > began + rules.PATIENCE:
            break
        place.now = rests - dt.timedelta(seconds=1)
        work(place)
        assert len(receiver.got) == tries + 1, "before its time"
        place.now = rests
    assert waits[:6] == sorted(waits[:6])
    assert 4.5 * 3600 <= max(waits) <= 6 * 3600
    assert len(set(waits)) == len(waits) > len(FAILING), "jitter"
    with db.reader(place.engine) as session:
        found = warnings(session, place.now)
    assert any("尚未投递给回调的接收方" in warning for warning in found)
    assert set(found) <= set(place.client.get("/readyz").json()["warnings"])
    behaves(receiver)
    later(place, hours=6)
    work(place)
    work(place)
    assert [got.data["act"] for got in receiver.taken[-2:]] == ["register", "accept"]
    assert {got.id for got in receiver.got} == {got.id for got in receiver.taken}
    assert (shown(place, hook)["failures"], shown(place, hook)["rests_until"]) == (0, None)


FAILING: list[tuple[dict[str, Any], str]] = [
    ({"status": 500}, "server"),
    ({"status": 302, "headers": {"location": "http://127.0.0.1:1/"}}, "redirect"),
    ({"raw": b"HTTP/1.1 two hundred\r\n\r\n"}, "protocol"),
    ({"raw": b"\0"}, "protocol"),
    ({"status": 429, "headers": {"retry-after": "9" * 5000}}, "overloaded"),
]
SLOW: list[tuple[dict[str, Any], str]] = [({"hangs": True}, "timeout"), ({"drips": True}, "timeout")]
"""Each is waited for, so once is enough."""

WELL: dict[str, Any] = {"status": 200, "headers": {}, "raw": b"", "hangs": False, "drips": False}


def behaves(receiver: Receiver, **changes: Any) -> None:
    for name, value in (WELL | changes).items():
        setattr(receiver, name, value)


def test_a_receiver_that_asks_for_time_gets_it(place: Town, receiver: Receiver) -> None:
    subscribe(place, receiver.url)
    place.register()
    for wait in ("7200", "Mon, 02 Mar 2026 14:00:00 GMT"):
        behaves(receiver, status=503, headers={"retry-after": wait, "date": "Mon, 02 Mar 2026 12:00:00 GMT"})
        work(place)
        tries = len(receiver.got)
        later(place, hours=2, seconds=-1)
        work(place)
        assert len(receiver.got) == tries
        later(place, seconds=1)
    behaves(receiver)
    work(place)
    assert len(receiver.taken) == 1


def test_where_nobody_listens_all_is_kept_until_somebody_does(place: Town) -> None:
    port = free_port()
    hook = subscribe(place, f"http://127.0.0.1:{port}/hook")
    case = place.register()
    place.act("dengji", case, "accept")
    work(place)
    assert log_of(place, hook)[-1]["tries"][0]["failure"] == "connection"
    later(place, days=6, hours=23)
    work(place)
    later(place, hours=6)
    with receiving(Receiver(), port=port) as back:
        work(place)
        work(place)
        assert [got.data["act"] for got in back.taken] == ["register", "accept"]


def test_what_a_receiver_said_it_had_and_lost_comes_again_as_it_was(place: Town, receiver: Receiver) -> None:
    hook = subscribe(place, receiver.url)
    cases = [place.register() for _ in range(3)]
    place.act("dengji", cases[0], "accept")
    work(place)
    work(place)
    lost = {got.id: got.body for got in receiver.taken}
    assert len(lost) == 4
    receiver.taken.clear()
    later(place, days=7)
    last = shown(place, hook)["cursor"]
    assert place.post("anquan", f"/webhooks/{hook['id']}/replay", {"first": 1, "last": last}).json() == {"events": 4}
    work(place)
    work(place)
    assert {got.id: got.body for got in receiver.taken} == lost


def test_while_a_receiver_hangs_the_interface_answers_and_others_are_served(place: Town, receiver: Receiver) -> None:
    """Whoever asks must not wait for it: it hangs until everybody else has been answered."""
    behaves(receiver, hangs=True)
    with receiving(Receiver()) as other:
        subscribe(place, receiver.url)
        subscribe(place, other.url)
        case = place.register()
        with working(house_of(place, 60), LANES):
            _until(lambda: len(receiver.got) == 1 and len(other.taken) == 1)
            place.act("dengji", case, "accept")
            assert place.get("dengji", f"/cases/{case['id']}").json()["state"] == "reviewing"
            assert place.get("dengji", "/feed").status_code == 200
            _until(lambda: len(other.taken) == 2)
            assert len(receiver.got) == 1, "still at the first"
            receiver.closing.set()


def _until(happened: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 55
    while not happened():
        assert time.monotonic() < give_up
        time.sleep(0.02)


def test_after_a_week_without_success_it_is_disabled_and_goes_on_where_it_stopped(
    place: Town, receiver: Receiver
) -> None:
    receiver.status = 503
    hook = subscribe(place, receiver.url)
    first = place.register()
    work(place)
    later(place, days=7, minutes=1)
    work(place)
    after = shown(place, hook)
    assert (after["disabled_why"], after["disabled_why_label"]) == ("failing", "连续7天没有一次投递成功")
    with db.reader(place.engine) as session:
        assert any("自动停用" in warning for warning in warnings(session, place.now))
    case = place.register()
    later(place, days=1)
    work(place)
    assert len(receiver.got) == 2
    receiver.status = 200
    assert place.post("anquan", f"/webhooks/{hook['id']}/enable", {}).json()["disabled_at"] is None
    work(place)
    assert {(got.data["act"], got.data["case_id"]) for got in receiver.taken} == {
        ("register", first["id"]),
        ("register", case["id"]),
    }
    assert place.post("anquan", f"/webhooks/{hook['id']}/disable", {}).json()["disabled_why"] == "by_hand"
    place.register()
    work(place)
    assert place.post("anquan", f"/webhooks/{hook['id']}/enable", {"skip_missed": True}).status_code == 200
    work(place)
    assert len(receiver.taken) == 2


def test_gone_disables_at_once_and_a_trial_tells_whether_it_is_back(place: Town, receiver: Receiver) -> None:
    receiver.status = 410
    hook = subscribe(place, receiver.url)
    place.register()
    work(place)
    assert shown(place, hook)["disabled_why"] == "gone"
    receiver.status = 200
    made = place.post("anquan", f"/webhooks/{hook['id']}/test", None)
    assert made.status_code == 201, made.text
    work(place)
    assert (receiver.taken[0].data, receiver.taken[0].id) == ({}, made.json()["message_id"])
    found = place.get("anquan", f"/webhooks/{hook['id']}/deliveries/{made.json()['id']}").json()
    assert (found["state"], found["type"], len(found["tries"])) == ("delivered", "webhook.test", 1)
    receiver.status = 500
    place.post("anquan", f"/webhooks/{hook['id']}/test", None)
    work(place)
    assert log_of(place, hook)[0]["state"] == "given_up"
    for days, left in ((29, 3), (2, 1)):  # what is still on its way is kept
        later(place, days=days)
        clear_webhook_log(house_of(place), place.now)
        assert len(log_of(place, hook)) == left


def test_one_case_that_is_refused_holds_up_no_other_and_is_given_up_after_a_week(
    place: Town, receiver: Receiver
) -> None:
    hook = subscribe(place, receiver.url)
    bad, good = place.register(), place.register()
    receiver.refusing = {bad["id"]}
    place.act("dengji", bad, "accept")
    place.act("dengji", good, "accept")
    work(place)
    assert {got.data["case_id"] for got in receiver.taken} == {good["id"]}
    assert [got.data["act"] for got in receiver.got if got.data["case_id"] == bad["id"]] == ["register"]
    later(place, days=7)
    place.register()
    work(place)  # the receiver is well: only the message is given up
    assert shown(place, hook)["disabled_at"] is None
    later(place, minutes=10)
    work(place)
    states = {(item["type"], item["sequence"]): item["state"] for item in log_of(place, hook)}
    (lost,) = [key for key, state in states.items() if state == "given_up"]
    receiver.refusing = set()
    later(place, hours=6)
    work(place)
    assert place.post("anquan", f"/webhooks/{hook['id']}/replay", {"first": lost[1], "last": lost[1]}).json() == {
        "events": 1
    }
    work(place)
    assert receiver.taken[-1].id == f"msg_{hook['id']}_{lost[1]}"
    assert {item["state"] for item in log_of(place, hook)} == {"delivered"}


def test_both_secrets_sign_for_a_day_after_rotation(place: Town, receiver: Receiver) -> None:
    hook = subscribe(place, receiver.url)
    fresh = place.post("anquan", f"/webhooks/{hook['id']}/rotate-secret", None).json()["secret"]
    place.register()
    work(place)
    later(place, hours=24)
    place.register()
    work(place)
    first, second = receiver.taken
    assert (is_signed(first, hook["secret"]), is_signed(first, fresh)) == (True, True)
    assert (is_signed(second, hook["secret"]), is_signed(second, fresh)) == (False, True)


def test_a_portal_is_told_of_its_own_cases_as_long_as_it_has_a_key(place: Town, receiver: Receiver) -> None:
    place.issue_key("portal", CITY, Role.PORTAL)
    place.issue_key("other", CITY, Role.PORTAL)
    hook = subscribe(place, receiver.url, "*", who="portal", agency=None)
    place.register()
    mine = place.register("portal")
    work(place)
    assert [got.data["case_id"] for got in receiver.taken] == [mine["id"]]
    path = f"/webhooks/{hook['id']}"
    assert place.get("portal", path).status_code == 200
    for method, where, body in (
        *(("GET", path + rest, None) for rest in ("", "/deliveries", "/deliveries/1")),
        *(("POST", path + rest, None) for rest in ("/test", "/disable", "/rotate-secret", "/deliveries/1/replay")),
        ("POST", f"{path}/enable", {}),
        ("POST", f"{path}/replay", {"first": 1, "last": 2}),
        ("PUT", path, {"label": "a", "url": receiver.url, "events": ["*"]}),
        ("DELETE", path, None),
    ):
        answer = place.client.request(method, f"/api/v1{where}", json=body, headers=place.headers("other"))
        assert answer.status_code == 404, (method, where, answer.text)
    assert place.get("other", "/webhooks").json()["items"] == []
    key = place.get("anquan", "/api-keys").json()["items"][-1]
    assert key["label"] == "portal"
    place.post("anquan", f"/api-keys/{key['id']}/revoke", None)
    place.post("dengji", f"/cases/{mine['id']}/accept", {})
    work(place)
    assert len(receiver.taken) == 1
    assert shown(place, hook)["disabled_why"] == "key_ended"


def test_an_agency_hears_of_itself_and_those_below_and_replay_brings_back_a_range(
    place: Town, receiver: Receiver
) -> None:
    place.hire("haidong", COUNTY, Role.INTAKE_CLERK)
    place.hire("quanquan", COUNTY, Role.SECURITY_ADMIN)
    body = {"label": "a", "url": receiver.url, "events": ["*"], "agency_code": BUREAU}
    assert place.post("quanquan", "/webhooks", body).status_code == 404
    assert place.post("dengji", "/webhooks", body).status_code == 403
    hook = subscribe(place, receiver.url, agency=COUNTY)
    place.register()
    place.register("haidong", agency_code=COUNTY)
    place.register("haidong", agency_code=COUNTY)
    work(place)
    assert {got.data["agency_code"] for got in receiver.taken} == {COUNTY}
    numbers = receiver.numbers
    last = place.get("anquan", f"/webhooks/{hook['id']}").json()["cursor"]
    again = place.post("anquan", f"/webhooks/{hook['id']}/replay", {"first": 1, "last": last})
    assert again.json() == {"events": 2}
    work(place)
    assert sorted(receiver.numbers) == sorted(numbers * 2)
    assert len({got.id for got in receiver.taken}) == 2
    early = place.post("anquan", f"/webhooks/{hook['id']}/replay", {"first": 1, "last": 900})
    assert (early.status_code, problem(early)["reasons"][0]["code"]) == (409, "not_sent_yet")
    assert (
        place.client.request("DELETE", f"/api/v1/webhooks/{hook['id']}", headers=place.headers("anquan")).status_code
        == 200
    )
    with db.reader(place.engine) as session:
        assert session.scalar(select(func.count(WebhookDelivery.id))) == 0


def test_what_was_sent_but_not_written_down_is_sent_again_under_the_same_id(place: Town, receiver: Receiver) -> None:
    subscribe(place, receiver.url)
    place.register()
    run_once(house_of(place), [SEALER])
    house = house_of(place)

    class Killed(BaseException):
        pass

    def killed() -> dt.datetime:
        if receiver.got:
            raise Killed
        return place.now

    with pytest.raises(Killed):
        deliver_webhooks(House.of(place.settings, db.everywhere(place.engine), killed), place.now)
    assert deliver_webhooks(house, place.now) > 0, "somebody else is at it"
    later(place, seconds=71)
    work(place)
    assert [got.id for got in receiver.got] == [receiver.got[0].id] * 2


def test_names_are_checked_where_they_point_and_certificates_for_the_name(tmp_path: Path) -> None:
    context, trusted = certificate(tmp_path, "localhost")
    closed = Settings(data_dir=tmp_path)
    unknown = Settings(data_dir=tmp_path, webhook_networks=["127.0.0.0/8", "::1/128"])
    trusting = unknown.model_copy(update={"webhook_ca": trusted})
    letter = outbound.Letter(b'{"data":{}}', {"webhook-id": "a"})
    with receiving(Receiver(), context) as receiver:
        named = receiver.url.replace("127.0.0.1", "localhost")
        (sent,) = outbound.post_all(trusting, named, [letter])
        assert sent is not None
        assert (sent.failure, sent.status) == (None, 204)
        assert receiver.got[0].headers["host"] == named.split("/")[2]
        for settings, url, failure in (
            (trusting, receiver.url, WebhookFailure.TLS),  # the certificate is for the name
            (unknown, named, WebhookFailure.TLS),
            (closed, named, WebhookFailure.ADDRESS),
            (closed, "https://nowhere.invalid/", WebhookFailure.NAME),
            (closed, "https://no..where.invalid/", WebhookFailure.NAME),
        ):
            refused, *_ = outbound.post_all(settings, url, [letter])
            assert refused is not None
            assert refused.failure is failure, (url, refused)
        assert len(receiver.got) == 1


@pytest.mark.parametrize(
    "address",
    [
        *(
            "http://8.8.8.8/",
            "ftp://8.8.8.8/",
            "https:///hook",
            "https://user:pass@example.com/",
            "https://a.example/#b",
        ),
        *(
            "https://127.0.0.1/",
            "https://localhost:8443/",
            "https://[::1]/",
            "https://10.1.2.3/",
            "https://192.168.1.1/",
        ),
        *("https://169.254.169.254/latest", "https://[fe80::1]/", "https://[fd00::1]/", "https://0.0.0.0/"),
        *(
            "https://[::ffff:127.0.0.1]/",
            "https://[::127.0.0.1]/",
            "https://[64:ff9b::7f00:1]/",
            "https://[2002:7f00:1::]/",
        ),
        *(
            "https://[::]/",
            "https://224.0.0.1/",
            "https://255.255.255.255/",
            "https://100.64.0.1/",
            "https://[fec0::1]/",
        ),
        *("https://example.com/ a", "https://example.com:99999/", "//example.com"),
        *("https://a..example/", f"https://{'a' * 64}.example/"),
    ],
)
def test_an_address_that_leads_inwards_or_is_none_is_refused_when_it_is_named(address: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        outbound.check_address(Settings(data_dir=tmp_path), address)


def test_public_addresses_names_and_the_operators_networks_are_taken(tmp_path: Path) -> None:
    own = Settings(data_dir=tmp_path, webhook_networks=["10.20.0.0/16"])
    for address in (
        "https://8.8.8.8/",
        "https://[2001:4860:4860::8888]:8443/a?b=c",
        "https://例子.cn/",
        "https://10.20.1.1/",
    ):
        assert outbound.check_address(own, address) == address
    with pytest.raises(Invalid):
        outbound.check_address(own, "https://10.21.1.1/")
