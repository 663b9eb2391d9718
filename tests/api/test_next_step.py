"""A refusal says what to do next: which steps the case waits for, or what everybody does about such a refusal."""

import pytest

from app.domain.terms import Channel
from tests.town import Town, application, problem


def test_a_refused_step_names_the_steps_that_are_due_and_who_takes_them(place: Town) -> None:
    case = place.register()
    place.act("dengji", case, "accept")
    answer = place.post("dengji", f"/cases/{case['id']}/accept", {})
    assert answer.status_code == 409
    advice = problem(answer)["next_step"]
    assert advice.startswith("本案现在可以进行：")
    for step in place.get("dengji", f"/cases/{case['id']}").json()["next_steps"]:
        assert (f"“{step['label']}”（" in advice) == step["ready"]
    assert "“审核通过并交办”（登记员" in advice
    assert advice.endswith("见“查看现在能做什么”")


def test_what_one_may_do_is_said_in_a_line_before_the_long_list(place: Town) -> None:
    case = place.register(channel="internet")
    found = place.get("dengji", f"/cases/{case['id']}/actions").json()
    assert found["headline"].startswith("您现在能做：“确认收到”")
    assert "“受理”" not in found["headline"]
    assert place.get("guidang", f"/cases/{case['id']}/actions").json()["headline"].startswith("您现在没有能做的操作")


def test_a_wrong_code_is_answered_with_the_codes_and_their_labels(place: Town) -> None:
    answer = place.post("dengji", "/cases", application(channel="email"))
    assert answer.status_code == 422
    message = problem(answer)["reasons"][0]["message"]
    assert message.startswith("channel：只能是以下之一：in_person 当面")
    assert [channel.value for channel in Channel if f"{channel.value} {channel.label}" not in message] == []


@pytest.mark.parametrize(
    ("who", "path", "status", "advice"),
    [
        ("dengji", "/cases/999999", 404, "核对填写的编号"),
        ("dengji", "/agencies", 403, "请有权的同事登录后办理"),
        ("dengji", "/cases?size=0", 422, "照上面逐条改正"),
    ],
)
def test_other_refusals_say_what_one_does_about_them(
    place: Town, who: str, path: str, status: int, advice: str
) -> None:
    answer = place.get(who, path)
    assert answer.status_code == status
    assert advice in problem(answer)["next_step"]


def test_whoever_asks_with_a_query_code_is_told_about_the_code(place: Town) -> None:
    answer = place.client.get("/api/v1/public/cases/2026-1", params={"query_code": "ABCDEFGHJK"})
    assert answer.status_code == 404
    assert "查询码" in problem(answer)["next_step"]
