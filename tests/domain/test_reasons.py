import pytest

from app.domain.reasons import check_reasons

GOOD = (
    "经审查，你单位申请公开的《2025年职工考核结果》记载本机关工作人员的年度考核等次、奖惩建议和岗位调整意见，"
    "属于人事管理方面的内部事务信息，公开会影响考核工作的正常开展，根据条例第16条第1款不予公开。"
)


def test_a_reason_with_its_own_facts_passes() -> None:
    assert check_reasons(GOOD) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "根据《中华人民共和国政府信息公开条例》第十四条、第三十六条第（三）项的规定，不予公开。",
        "经审查，你申请公开的政府信息，依据条例第十五条、第三十二条、第三十三条、第三十六条第（三）项规定，不予公开。",
    ],
)
def test_a_reason_that_only_repeats_the_law_does_not(text: str) -> None:
    faults = check_reasons(text)
    assert len(faults) == 1
    assert "说理不足" in faults[0]


def test_the_agency_sets_how_much_is_enough() -> None:
    assert check_reasons("属于人事管理信息", minimum=8) == []
    assert "至少9字" in check_reasons("属于人事管理信息", minimum=9)[0]


@pytest.mark.parametrize(
    "phrase",
    [
        "不符合“三需要”",
        "与自身生产、生活、科研等特殊需要无关",
        "与生产生活科研无关",
        "没有说明所申请信息的用途",
        "申请用途不明确",
        "你与该信息没有利害关系",
        "未能证明\n使用目的",
    ],
)
def test_purpose_and_special_need_are_no_grounds(phrase: str) -> None:
    faults = check_reasons(GOOD + phrase)
    assert len(faults) == 1
    assert "条例第27条" in faults[0]


@pytest.mark.parametrize(
    "phrase", ["该地块规划用途为居住用地。", "生产安全事故调查尚未结束。", "科研经费由生产部门核算。"]
)
def test_ordinary_words_are_no_such_grounds(phrase: str) -> None:
    assert check_reasons(GOOD + phrase) == []
