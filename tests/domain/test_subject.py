"""What a request is about: set phrases go, what tells two requests apart stays."""

import pytest

from app.domain.subject import contradict, document_numbers, subject
from app.services.likeness import SIMILAR, score

WANTED = "城东片区控制性详细规划的批复"


@pytest.mark.parametrize(
    "text",
    [
        f"申请公开{WANTED}",
        f"根据《中华人民共和国政府信息公开条例》第二十七条规定，本人特向贵局申请公开{WANTED}及附图。",
        f"请依法提供以下政府信息：{WANTED}（加盖公章的复印件一份）",
        f"关于{WANTED}的全文，谢谢！",
    ],
)
def test_set_phrases_are_left_out(text: str) -> None:
    assert subject(text) == "城东片区控制性详细规划批复"


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("请公开海政发[2023]第12号文件全文", ["海政发〔2023〕12号"]),
        ("《关于某某的通知》（海政发〔2023〕12号）", ["海政发〔2023〕12号"]),
        ("海政发（2023）012号和海规函〔2024〕3号", ["海政发〔2023〕12号", "海规函〔2024〕3号"]),
        ("2023年第12号公告", []),
        ("", []),
    ],
)
def test_document_numbers_are_one_whatever_the_brackets(text: str, numbers: list[str]) -> None:
    assert document_numbers(text) == numbers


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("城东片区控制性详细规划的批复", "申请公开城东片区的控规批复文件", True),
        ("竹溪镇2024年征地补偿安置方案", "2024年竹溪镇征地的补偿安置方案及附件", True),
        ("竹溪镇2024年征地补偿安置方案", "竹溪镇2023年征地补偿安置方案", False),
        ("城东片区控制性详细规划的批复", "城西片区控制性详细规划的批复", False),
        ("2024年度部门预算明细", "2024年“三公”经费支出明细", False),
        ("征地补偿安置方案", "征地公告", False),
        ("", "征地公告", False),
    ],
)
def test_two_requests_are_alike_when_they_ask_for_the_same(one: str, other: str, *, alike: bool) -> None:
    assert (score(subject(one), subject(other)) >= SIMILAR) is alike


def test_one_year_named_and_none_do_not_contradict() -> None:
    assert not contradict("竹溪镇征地补偿安置方案", "竹溪镇2024年征地补偿安置方案")
    assert contradict("竹溪镇2023年征地补偿安置方案", "竹溪镇2024年征地补偿安置方案")
