"""Each of the twenty-three reply kinds, over HTTP from intake to archive, with its row in the annual report."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pytest

from app.domain.citation import formal
from app.domain.replies import REPLIES, remedy_orders
from app.domain.terms import RemedyOrder, ReplyKind
from tests.papers import pdf_text, said, squeezed, word_text
from tests.town import CONCLUSION, Town
from tests.volumes import searched

LONG = "该信息记载了内部讨论中各方尚未形成一致的意见，公开后将使有关人员难以坦率讨论，影响今后同类事项的决策质量和效率"
WHOLE = {"severability": "全文均属不予公开的内容，去除后没有可以单独提供的部分"}


def denied(article: str, **more: Any) -> dict[str, Any]:
    return {"citations": ["条例第36条第（三）项", article], "reason": LONG, "provision": None} | WHOLE | more


CONCLUSIONS: dict[ReplyKind, dict[str, Any]] = {
    ReplyKind.GRANT_PUBLISHED: {
        "citations": ["条例第36条第（一）项"],
        "published": {"where": "市人民政府公报2025年第3期", "checked_on": "2026-03-02"},
    },
    ReplyKind.GRANT: {},
    ReplyKind.PARTIAL: {
        "citations": ["条例第37条", "条例第16条第2款"],
        "reason": LONG,
        "severability": "附件涉及讨论记录，已作区分处理，公开正文",
    },
    ReplyKind.DENY_STATE_SECRET: denied(
        "条例第14条",
        citations=["条例第36条第（三）项", "条例第14条", "《保守国家秘密法》第13条"],
        secret={"level": "秘密", "period": "10年", "ground": "《某工作国家秘密范围的规定》第3项"},
    ),
    ReplyKind.DENY_LAW: denied(
        "条例第14条", citations=["条例第36条第（三）项", "条例第14条", "《税收征收管理法》第8条"]
    ),
    ReplyKind.DENY_SECURITY: denied("条例第14条"),
    ReplyKind.DENY_THIRD_PARTY: denied("条例第15条"),
    ReplyKind.DENY_INTERNAL: denied("条例第16条第1款"),
    ReplyKind.DENY_PROCESS: denied("条例第16条第2款"),
    ReplyKind.DENY_ENFORCEMENT: denied("条例第16条第2款"),
    ReplyKind.DENY_QUERY: denied(
        "条例第36条第（七）项", citations=["条例第36条第（七）项", "《不动产登记暂行条例》第27条"]
    ),
    ReplyKind.UNABLE_NOT_EXIST: {"citations": ["条例第36条第（四）项"], "reason": LONG},
    ReplyKind.UNABLE_NOT_OURS: {
        "citations": ["条例第36条第（五）项"],
        "reason": LONG,
        "responsible": {"name": "海州市自然资源局", "contact": "电话 0535-0000000"},
    },
    ReplyKind.UNABLE_CREATE: {
        "citations": ["条例第38条"],
        "reason": LONG,
        "existing": "现有逐年台账，没有按街道汇总的数据",
    },
    ReplyKind.UNABLE_UNCLEAR: {"citations": ["条例第30条"], "reason": LONG},
    ReplyKind.REJECT_PETITION: {
        "citations": ["条例第39条第1款"],
        "reason": LONG,
        "guidance": "请向市信访局提出，电话 0535-0000001",
    },
    ReplyKind.REJECT_REPEAT: {"citations": ["条例第36条第（六）项"], "reason": LONG},
    ReplyKind.REJECT_PUBLICATION: {
        "citations": ["条例第39条第2款"],
        "reason": LONG,
        "guidance": "该年鉴由地方志办公室公开发行，可在书店购买",
    },
    ReplyKind.REJECT_EXCESSIVE: {"citations": ["条例第35条"], "reason": LONG},
    ReplyKind.REJECT_REISSUE: {"citations": ["条例第27条"], "reason": LONG},
    ReplyKind.CLOSED_OTHER: {"citations": ["条例第2条"], "reason": LONG},
}


def _consulted(place: Town, case: dict[str, Any]) -> None:
    place.act("jingban", case, "consult", ref="A", kind="third_party", party="甲公司", disclosing="合同")
    place.act("jingban", case, "record_consultation_answer", ref="A", position="objects", opinion="涉及商业秘密")


def _asked_for_reasons(place: Town, case: dict[str, Any]) -> None:
    asked = {"circumstances": "本月46件", "reply_within_workdays": 5, "delivered_on": "2026-03-02"}
    place.act("jingban", case, "request_reasons", **asked)
    place.act("jingban", case, "receive_reasons", content="想了解", reasonable=False, opinion="不合理")


def _corrected(place: Town, case: dict[str, Any]) -> None:
    asked = {"unclear": "范围不明", "required": "写明年度", "reply_within_workdays": 5, "delivered_on": "2026-03-02"}
    place.act("jingban", case, "request_correction", **asked)
    place.act("dengji", case, "receive_correction", content="全部")
    place.act("dengji", case, "assign", handler="jingban", opinion="续办")


PREPARED: dict[ReplyKind, Callable[[Town, dict[str, Any]], None]] = {
    ReplyKind.UNABLE_NOT_EXIST: searched,
    ReplyKind.DENY_THIRD_PARTY: _consulted,
    ReplyKind.REJECT_EXCESSIVE: _asked_for_reasons,
    ReplyKind.UNABLE_UNCLEAR: _corrected,
}

POSTED = {"method": "post", "carrier": "中国邮政", "tracking_no": "EX123456789CN"}


def _answer(place: Town, case: dict[str, Any], conclusion: dict[str, Any]) -> dict[str, Any]:
    place.act("jingban", case, "submit", conclusions=[conclusion])
    place.act("shenhe", case, "endorse", opinion="同意")
    place.act("baomi", case, "review_secrecy", cleared=True, opinion="可以公开")
    place.act("lingdao", case, "sign")
    place.act("jingban", case, "deliver", **POSTED)
    place.act("jingban", case, "confirm_delivery", proof="postal_receipt", proof_ref="EX123456789CN")
    return place.act("guidang", case, "archive", volume_no="2026-1")


def _reply_says_it_all(place: Town, case: dict[str, Any], conclusion: dict[str, Any]) -> None:
    """Open the reply again as Word file and as PDF and look for every field of rules.md §5.2 in both."""
    listed = place.get("duban", f"/cases/{case['id']}/documents").json()["items"]
    [reply] = [document for document in listed if document["doc"] == "reply"]
    path = f"/cases/{case['id']}/documents/{reply['id']}"
    word = squeezed("".join(word_text(place.get("duban", f"{path}.docx").content)))
    pdf = pdf_text(place.get("duban", f"{path}.pdf").content)
    kinds = [ReplyKind(conclusion["kind"])]
    either = RemedyOrder.EITHER in remedy_orders(kinds)
    wanted = (
        case["reply"]["document_no"],
        "海州市规划局",
        "张三",
        "城东片区控制性详细规划的批复",
        conclusion["found"],
        conclusion["reason"],
        *formal(conclusion["citations"]),
        "海州市人民政府",
        "2026年3月2日",
        "60日",
        "6个月" if either else "15日",
    )
    for text in (word, pdf):
        assert [part for part in wanted if squeezed(part) not in text] == []


def _counts_once(place: Town, kind: ReplyKind, beside: Mapping[str, int] = MappingProxyType({})) -> None:
    """Look for the case in the annual report of its year: one result, in the row of its kind, in its applicant's column."""
    path = "/statistics/annual-report?agency=370600-GXJ&year=2026"
    table = place.get("duban", path).json()["table3"]
    results = {row: cells["natural_person"] for row, cells in table.items() if cells["total"]}
    number = 1 + sum(beside.values())
    assert results == {"new_received": number, REPLIES[kind].row.value: 1, "result_total": number, **beside}


def _in_hand(place: Town) -> dict[str, Any]:
    case = place.register(delivery_method="post")
    place.act("dengji", case, "accept")
    return place.act("dengji", case, "assign", handler="jingban", opinion="请办理")


@pytest.mark.parametrize("kind", CONCLUSIONS, ids=lambda kind: kind.value)
def test_a_reply_of_each_kind_goes_from_intake_to_archive(place: Town, kind: ReplyKind) -> None:
    case = _in_hand(place)
    if kind in PREPARED:
        PREPARED[kind](place, case)
    conclusion = CONCLUSION | CONCLUSIONS[kind] | {"kind": kind.value}
    if kind is ReplyKind.REJECT_REPEAT:
        earlier = _answer(place, _in_hand(place), CONCLUSION)
        conclusion |= {"earlier_case_no": earlier["case_no"]}
    done = _answer(place, case, conclusion)
    assert (done["state"], done["outcome"]) == ("archived", kind.value)
    assert done["reply"]["kind"] == kind.value
    _counts_once(place, kind, beside={"granted": 1} if kind is ReplyKind.REJECT_REPEAT else {})
    _reply_says_it_all(place, done, conclusion)
    checks = place.get("duban", f"/cases/{case['id']}/checks").json()["items"]
    assert [check["code"] for check in checks if check["level"] == "blocker" and check["messages"]] == []


def test_a_case_nobody_corrects_is_closed_under_its_own_kind(place: Town) -> None:
    case = place.register()
    place.act("dengji", case, "accept")
    asked = {"unclear": "范围不明", "required": "写明年度", "reply_within_workdays": 5, "delivered_on": "2026-03-02"}
    place.act("dengji", case, "request_correction", **asked)
    place.go_to("2026-03-10")
    place.act("dengji", case, "close_uncorrected")
    done = place.act("guidang", case, "archive", volume_no="2026-1")
    assert done["outcome"] == "closed_no_correction"
    _counts_once(place, ReplyKind.CLOSED_NO_CORRECTION)
    letter = said(place, case, "closing")
    for part in ("2026年3月2日，本机关告知补正", "2026年3月9日届满", "第三十条", "视为放弃申请", "60日内", "6个月内"):
        assert part in letter


def test_a_case_nobody_pays_for_is_closed_under_its_own_kind(place: Town) -> None:
    case = _in_hand(place)
    notice = {
        "method": "per_page",
        "pages": 45,
        "payment": "到窗口缴纳",
        "sent_by": "post",
        "delivered_on": "2026-03-02",
    }
    place.act("jingban", case, "notify_fee", **notice)
    bill = said(place, case, "fee")
    for part in (
        "第四十二条",
        "109号",
        "15页×10元＝150元",
        "合计人民币150元",
        "到窗口缴纳",
        "20个工作日内缴纳",
        "视为放弃",
    ):
        assert part in bill
    place.go_to("2026-03-31")
    place.act("jingban", case, "close_unpaid")
    done = place.act("guidang", case, "archive", volume_no="2026-1")
    assert done["outcome"] == "closed_no_payment"
    _counts_once(place, ReplyKind.CLOSED_NO_PAYMENT)
    letter = said(place, case, "closing")
    for part in ("缴费期限已于2026年3月30日届满", "109号", "视为放弃申请", "60日内", "6个月内"):
        assert part in letter


def test_every_reply_kind_has_its_walk() -> None:
    by_closing = {ReplyKind.CLOSED_NO_CORRECTION, ReplyKind.CLOSED_NO_PAYMENT}
    assert set(CONCLUSIONS) | by_closing == set(ReplyKind)
