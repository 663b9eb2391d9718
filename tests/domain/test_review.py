"""The reviewer's list: each point is asked of each case, and what speaks to it is said."""

from typing import Any

import pytest

from app.domain import review
from app.domain.checks import CHECKS
from app.domain.review import GATES, Sight
from app.domain.terms import ReviewPoint, ReviewVerdict
from app.domain.workflow import WORKFLOWS

QUIET: dict[str, Any] = {
    "lacking": {},
    "texts": ("城东片区控制性详细规划的批复",),
    "items": 1,
    "by_agent": False,
    "authorised": False,
    "assistance": None,
    "purpose": None,
    "in_month": 1,
    "repeated": (),
    "published": (),
    "findings": (),
    "drafted": False,
}


def seen(**changes: Any) -> dict[ReviewPoint, review.Seen]:
    return {one.point: one for one in review.of_application(Sight(**QUIET | changes))}


def test_every_point_is_on_one_of_the_lists_and_asks_in_chinese() -> None:
    points = [*review.of_application(Sight(**QUIET)), *review.of_draft(Sight(**QUIET))]
    assert [one.point for one in points] == list(ReviewPoint)
    actions = {step.action for workflow in WORKFLOWS.values() for step in workflow.rows}
    for one in points:
        assert one.asks
        assert one.basis
        assert set(one.actions) <= actions


def test_nothing_is_found_in_a_plain_application_and_what_only_people_can_tell_stays_theirs() -> None:
    found = seen()
    assert {one.verdict for one in found.values()} == {ReviewVerdict.IN_ORDER, ReviewVerdict.JUDGE}
    assert found[ReviewPoint.IDENTITY].verdict is ReviewVerdict.IN_ORDER
    assert found[ReviewPoint.OURS].verdict is ReviewVerdict.JUDGE


@pytest.mark.parametrize(
    ("changes", "point", "note"),
    [
        ({"lacking": {ReviewPoint.IDENTITY: ("身份证明",)}}, ReviewPoint.IDENTITY, "申请中没有身份证明"),
        ({"lacking": {ReviewPoint.FORM: ("政府信息的形式要求",)}}, ReviewPoint.FORM, "申请中没有政府信息的形式要求"),
        ({"by_agent": True}, ReviewPoint.AGENT, "由代理人提出，没有附授权委托书"),
        ({"assistance": "需要大字版"}, ReviewPoint.ASSISTANCE, "申请人写明需要帮助，应当提供"),
        ({"purpose": "诉讼"}, ReviewPoint.PURPOSE, "申请人写了用途：不得作为不予公开的理由"),
        ({"in_month": 11}, ReviewPoint.EXCESSIVE, "同一申请人本月已向本机关提出11件申请"),
        ({"published": ("某批复",)}, ReviewPoint.PUBLISHED, "目录中有相似的已公开文件：某批复"),
        ({"repeated": ("A-2026-000001",)}, ReviewPoint.REPEATED, "同一申请人曾就相似内容申请，已作答复：A-2026-000001"),
        ({"items": 3}, ReviewPoint.SEVERAL_MATTERS, "一件申请包含3项内容"),
        (
            {"texts": ("请查处某公司违法建设并举报答复",)},
            ReviewPoint.PETITION,
            "申请内容中有“查处”、“举报”，是要获取信息，还是反映问题",
        ),
        ({"texts": ("2020年年鉴",)}, ReviewPoint.PUBLICATION, "申请内容中有“年鉴”，是否公开出版物"),
        ({"texts": ("历年拆迁费用统计",)}, ReviewPoint.PROCESSING, "申请内容中有“统计”，是否有现成的信息"),
        (
            {"texts": ("甲公司不动产登记",)},
            ReviewPoint.SPECIAL_QUERY,
            "申请内容中有“不动产登记”，是否属于另有规定的查询事项",
        ),
        ({"texts": ("与乙公司的合同",)}, ReviewPoint.THIRD_PARTY, "申请内容中有“合同”，是否涉及第三方"),
    ],
)
def test_what_speaks_to_a_point_is_said_there(changes: dict[str, Any], point: ReviewPoint, note: str) -> None:
    found = seen(**changes)
    assert (found[point].verdict, found[point].notes) == (ReviewVerdict.LOOK, (note,))
    assert [one.point for one in found.values() if one.notes] == [point]


def test_a_letter_of_authority_puts_an_agent_in_order() -> None:
    assert seen(by_agent=True, authorised=True)[ReviewPoint.AGENT].verdict is ReviewVerdict.IN_ORDER


def test_each_check_of_the_draft_speaks_to_one_gate_and_those_of_limits_fees_and_delivery_to_none() -> None:
    named = [code for codes in GATES.values() for code in codes]
    assert len(named) == len(set(named))
    assert {code.value for code in set(CHECKS) - set(named)} == {"K01", "K02", "K03", "K19", "K20", "K26", "K30"}
