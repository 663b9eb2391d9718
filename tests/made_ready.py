"""Cases, remedies, webhooks and factors of which a fresh demo city has none: each stands just before the act named for it."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app import db
from app.domain import totp
from app.house import House
from app.models import User
from app.services import sealing, sign_in_codes
from app.services.demo import city
from app.services.passwords import Hasher
from app.services.sign_in_codes import Grant, challenge_of
from tests.demo_city import NOW
from tests.pressing import Pressing
from tests.town import CONCLUSION, QUICK, Town, application, at

DAY, LATELY = "2026-10-12", "2026-11-16"
SUBMITTED = f"{DAY}T09:00:00+08:00"
PASSWORD, VERIFIER = "滨海路三号楼-晴天-1047", "v" * 43
HIRED_BY_THE_CITY = {"city-dengji": "intake_clerk", "city-lingdao": "approver"}
SETTINGS: dict[str, Any] = {
    "oidc_issuer": "https://login.example.cn",  # nobody is asked or called here
    "oidc_client_id": "disclosure",
    "webhook_http": True,
    "webhook_networks": ["127.0.0.0/8"],
}


@dataclass(frozen=True)
class Ready:
    """A request that works: of which operation, who sends it (nobody: without signing in), where to, what."""

    operation: str
    who: str
    method: str
    path: str
    json: Any = None
    form: dict[str, str] | None = None


def make_ready(pressing: Pressing) -> list[Ready]:
    """Bring everything about; the city must be fresh."""
    client = pressing.client
    house: House = client.app.state.house  # type: ignore[attr-defined]  # the application behind the client
    place = Town(db.everywhere(pressing.engine), client, house.settings, NOW, pressing.tokens)
    found = [*_of_cases(place), *_of_fees(place, pressing), *_of_other_kinds(place), *_of_remedies(place)]
    with db.writer(place.engine) as session:
        while sealing.seal(session, NOW):
            pass
        session.commit()
    case = next(one.path for one in found if one.operation == "split_case").split("/")[2]
    extract = Ready("get_journal_extract", "guidang", "get", f"/cases/{case}/journal-extract")
    return [*found, extract, *_of_webhooks(place), *_of_people(place)]


def _received(place: Town, **changes: Any) -> int:
    case: int = place.register(submitted_at=SUBMITTED, **changes)["id"]
    return case


def _in_hand(place: Town, day: str = DAY) -> int:
    case: int = place.register(submitted_at=f"{day}T09:00:00+08:00")["id"]
    place.act("dengji", case, "accept", on=day)
    place.act("dengji", case, "assign", handler="jingban", opinion="交办", on=day)
    return case


def _of_cases(place: Town) -> Iterator[Ready]:
    def act(who: str, case: int, action: str, **body: Any) -> Ready:
        return Ready(f"{action}_case", who, "post", f"/cases/{case}/{action}", body)

    told = {"on": DAY, "delivered_on": DAY}
    case = _received(place)
    place.act("dengji", case, "accept", on=DAY)
    unclear = {"unclear": "范围不明", "required": "写明年度", "reply_within_workdays": 5}
    place.act("dengji", case, "request_correction", **unclear, **told)
    yield act("dengji", case, "close_uncorrected")

    asked = {"circumstances": "本月46件", "reply_within_workdays": 5}
    case = _in_hand(place)
    place.act("jingban", case, "request_reasons", **asked, on=DAY)
    yield act("dengji", case, "record_reasons_delivery", on="2026-10-13", proof_ref="EX1")
    case = _in_hand(place)
    place.act("jingban", case, "request_reasons", **asked, **told)
    given = {"content": "修志需要", "reasonable": True, "opinion": "理由合理"}
    yield act("jingban", case, "receive_reasons", **given)
    case = _in_hand(place, LATELY)  # the longer period is set before the usual one has run out
    lately = {"on": LATELY, "delivered_on": LATELY}
    place.act("jingban", case, "request_reasons", **asked, **lately)
    place.act("jingban", case, "receive_reasons", **given, on=LATELY)
    yield act("lingdao", case, "set_excessive_period", due_on="2027-03-31", basis="按每周三十卷清理")

    case = _received(place, items=[{"title": "甲"}, {"title": "乙"}])
    place.act("dengji", case, "accept", on=DAY)
    yield act("dengji", case, "split", item_nos=[2], reason="一事一申请")
    first, second = _received(place), _received(place)
    place.act("dengji", second, "accept", on=DAY)
    number = place.get("dengji", f"/cases/{first}").json()["case_no"]
    yield act("dengji", second, "merge", case_no=number, reason="同一申请")

    consulted = {"ref": "A", "kind": "third_party", "party": "甲公司", "disclosing": "合同"}
    case = _in_hand(place)
    place.act("jingban", case, "consult", **consulted, on=DAY)
    yield act("jingban", case, "record_consultation_delivery", ref="A", on="2026-10-13", proof_ref="EX1")
    case = _in_hand(place)
    place.act("jingban", case, "consult", **consulted, on=DAY)
    objected = {"ref": "A", "position": "objects", "opinion": "涉及商业秘密", "on": "2026-10-13"}
    place.act("jingban", case, "record_consultation_answer", **objected)
    place.act("jingban", case, "submit", conclusions=[CONCLUSION], third_party_concerned=True, on="2026-10-13")
    said = {"content": "合同主要条款", "public_interest": "涉及公共安全，不公开将造成重大影响", "proof_ref": "EX1"}
    yield act("jingban", case, "notify_third_party", ref="A", **said)

    case = _in_hand(place)
    reason = {"reason": "申请人已提起行政诉讼"}
    place.post("duban", f"/cases/{case}/legal-hold", reason)
    yield Ready("lift_legal_hold", "duban", "post", f"/cases/{case}/legal-hold/lift", reason)


def _of_fees(place: Town, pressing: Pressing) -> Iterator[Ready]:
    fee = {"method": "per_page", "pages": 45, "payment": "到窗口缴纳", "sent_by": "post"}

    def billed(**more: str) -> int:
        pressing.now = at(DAY)  # a bill is written within the period for the reply
        case = _in_hand(place)
        place.act("jingban", case, "notify_fee", **fee, **more)
        pressing.now = NOW
        return case

    case = billed()
    told = {"on": "2026-10-13", "proof_ref": "EX1"}
    yield Ready("record_fee_delivery_case", "jingban", "post", f"/cases/{case}/record_fee_delivery", told)
    case = billed(delivered_on=DAY)
    yield Ready("close_unpaid_case", "jingban", "post", f"/cases/{case}/close_unpaid", {})
    case = billed(delivered_on=DAY)
    place.act("dengji", case, "record_payment", amount_yuan=150, receipt_no="37060026000123", on="2026-10-13")
    back = {"amount_yuan": 150, "reason": "误收", "receipt_no": "2"}
    yield Ready("refund_fee_case", "dengji", "post", f"/cases/{case}/refund_fee", back)


def _common(**changes: Any) -> dict[str, Any]:
    body = application(submitted_at=SUBMITTED)
    return {name: body[name] for name in body if name not in {"items", "carrier", "purpose"}} | changes


def _of_other_kinds(place: Town) -> Iterator[Ready]:
    wrong = {
        "record": "不动产登记簿第2026-0012号中本人的出生日期",
        "concern": "登记簿所记的就是申请人本人",
        "correct_content": "出生日期应为1949年12月31日",
        "evidence": "居民身份证、户口簿",
    }
    case = place.post("dengji", "/rectifications", _common(**wrong)).json()["id"]
    place.act("dengji", case, "accept", on=DAY)
    place.act("dengji", case, "assign", handler="jingban", opinion="核实", on=DAY)
    decided = {
        "outcome": "corrected",
        "found": "经核对原始登记档案，出生日期录入有误",
        "reason": "申请人提供的证据属实",
        "citations": ["《政府信息公开条例》第四十一条"],
        "corrected": "出生日期更正为1949年12月31日",
    }
    yield Ready("decide_rectification_case", "jingban", "post", f"/cases/{case}/decide_rectification", decided)

    concluded = {
        "outcome": "upheld",
        "found": "经核查，被投诉机关逾期未作答复",
        "reason": "投诉成立",
        "citations": ["《政府信息公开条例》第四十七条第二款"],
        "demand": "5个工作日内依法答复申请人",
    }
    complaint = _common(agency_code=city.CITY, about_agency=city.EXAMPLE, grounds="逾期未收到答复")
    cases = []
    for _ in range(2):
        cases.append(place.post("city-dengji", "/complaints", complaint).json()["id"])
        place.act("city-dengji", cases[-1], "accept", on=DAY)
        place.act("city-dengji", cases[-1], "assign", handler=city.CITY_SUPERVISOR, opinion="请核查", on=DAY)
    ready, followed = cases
    path = f"/cases/{ready}/conclude_complaint"
    yield Ready("conclude_complaint_case", city.CITY_SUPERVISOR, "post", path, concluded)
    place.act(city.CITY_SUPERVISOR, followed, "conclude_complaint", **concluded, on=DAY)
    place.act("city-lingdao", followed, "sign", on=DAY)
    posted = {"method": "post", "carrier": "中国邮政", "tracking_no": "EX123456789CN"}
    place.act(city.CITY_SUPERVISOR, followed, "deliver", **posted, on=DAY)
    done = {"done": "已向申请人作出答复", "completed": True}
    yield Ready("record_follow_up_case", city.CITY_SUPERVISOR, "post", f"/cases/{followed}/record_follow_up", done)


def _of_remedies(place: Town) -> Iterator[Ready]:
    case = _in_hand(place)
    filed = {"kind": "reconsideration", "authority": "海州市人民政府", "filed_on": "2026-10-14", "parties": []}
    remedy = place.post("jingban", f"/cases/{case}/remedies", filed).json()["id"]
    for action, body in (
        ("notify", {"notified_on": "2026-10-15"}),
        ("papers", {"kind": "answer", "title": "行政复议答复书", "on": "2026-10-20"}),
        ("answer", {"on": "2026-10-20"}),
        ("conclude", {"decision": "revoked", "closed_on": "2026-11-10", "cause": "K04"}),
        ("receive_opinion", {"on": "2026-11-12"}),
    ):
        done = place.post("jingban", f"/remedies/{remedy}/{action}", body)
        assert done.status_code in {200, 201}, (action, done.text)
    yield Ready("answer_opinion_remedy", "jingban", "post", f"/remedies/{remedy}/answer_opinion", {})


def _of_webhooks(place: Town) -> Iterator[Ready]:
    said = {"label": "门户", "url": "http://127.0.0.1:9/", "events": ["case.*"]}
    hook = place.post("anquan", "/webhooks", said | {"agency_code": city.EXAMPLE}).json()["id"]
    delivery = place.post("anquan", f"/webhooks/{hook}/test", None).json()["id"]
    for operation, method, path, body in (
        ("get_webhook", "get", "", None),
        ("change_webhook", "put", "", said),
        ("delete_webhook", "delete", "", None),
        ("rotate_webhook_secret", "post", "/rotate-secret", None),
        ("disable_webhook", "post", "/disable", None),
        ("enable_webhook", "post", "/enable", {"skip_missed": False}),
        ("try_webhook", "post", "/test", None),
        ("replay_webhook", "post", "/replay", {"first": 1, "last": 1}),
        ("list_webhook_deliveries", "get", "/deliveries", None),
        ("get_webhook_delivery", "get", f"/deliveries/{delivery}", None),
        ("replay_webhook_delivery", "post", f"/deliveries/{delivery}/replay", None),
    ):
        yield Ready(operation, "anquan", method, f"/webhooks/{hook}{path}", body)


def _of_people(place: Town) -> Iterator[Ready]:
    hashed = Hasher(1, QUICK).make(PASSWORD)
    with db.writer(place.engine) as session:
        user = session.scalars(select(User).where(User.username == "shenhe")).one()
        user.password_hash = hashed
        back = "http://testserver/docs/oauth2-redirect"
        grant = Grant("swagger-ui", back, challenge_of(VERIFIER), "")
        code = sign_in_codes.give(session, user.id, grant, NOW, None).value
        session.commit()
    changed = {"old_password": PASSWORD, "new_password": "蓝色茶壶-山路-8352-松"}
    yield Ready("change_own_password", "shenhe", "post", "/me/password", changed)
    yield Ready("end_own_sign_ins", "shenhe", "post", "/me/sign-ins/end", {"password": PASSWORD})
    form = {"grant_type": "authorization_code", "code": code, "client_id": grant.client_id, "redirect_uri": back}
    yield Ready("exchange_code", "", "post", "/oauth/token", form=form | {"code_verifier": VERIFIER})
    step = totp.step_of(NOW)
    secrets = {
        who: base64.b32decode(place.post(who, "/me/second-factor", None).json()["secret"].replace(" ", ""))
        for who in ("shenhe", "baomi")
    }
    first, second = (
        {"code": totp.code_of(secrets["shenhe"], step)},
        {"code": totp.code_of(secrets["baomi"], step + 1)},
    )
    yield Ready("confirm_second_factor", "shenhe", "post", "/me/second-factor/confirm", first)
    confirmed = {"code": totp.code_of(secrets["baomi"], step)}
    done = place.post("baomi", "/me/second-factor/confirm", confirmed)
    assert done.status_code == 200, done.text
    yield Ready("verify_second_factor", "baomi", "post", "/me/second-factor/verify", second)
