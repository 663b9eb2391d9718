"""Every operation of the document, pressed as it stands on a fresh demo city by somebody who may: it works, or says why not.

On SQLite only: what an act does on both databases is tested where the act is; here it is about the examples.
"""

import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from sqlalchemy import create_engine

from app.config import Settings
from app.main import create_app
from app.openapi import operations
from tests.databases import Databases, SqliteDatabases
from tests.demo_city import Demo
from tests.pressing import REFUSED, Pressing, pressed
from tests.town import is_endless

REFUSALS = {  # what no fresh city and nobody's example can allow, with the code of the reason that is given
    "close_uncorrected_case": "correction_period_running",
    "record_reasons_delivery_case": "reasons_delivery_known",
    "receive_reasons_case": "reasons_not_requested",
    "set_excessive_period_case": "reasons_not_accepted",
    "split_case": "items_cannot_be_split",
    "merge_case": "两件申请的申请人不同，不能合并",
    "record_consultation_delivery_case": "no_such_consultation",
    "notify_third_party_case": "third_party_did_not_object",
    "record_fee_delivery_case": "fee_delivery_known",
    "close_unpaid_case": "payment_period_running",
    "refund_fee_case": "nothing_paid",
    "decide_rectification_case": "not_for_this_kind",
    "conclude_complaint_case": "not_for_this_kind",
    "record_follow_up_case": "not_for_this_kind",
    "lift_legal_hold": "本案没有暂停删除",
    "answer_opinion_remedy": "须先登记收到意见书之日",
    "change_own_password": "原密码不正确",
    "end_own_sign_ins": "密码不正确",
    "set_up": "初始化令牌无效、已经使用或者已经过期",
    "confirm_second_factor": "动态口令或者备用码不正确",
    "verify_second_factor": "您还没有设置动态口令",
    "exchange_code": "授权码无效、已经使用或者已经过期",
    "link_single_sign_on": "没有配置统一身份认证",
    "get_journal_extract": "尚未编号封存",
    **dict.fromkeys(  # the demo city sends to nobody
        (
            *("get_webhook", "change_webhook", "delete_webhook", "rotate_webhook_secret", "disable_webhook"),
            *("enable_webhook", "try_webhook", "replay_webhook", "list_webhook_deliveries"),
            *("get_webhook_delivery", "replay_webhook_delivery"),
        ),
        "没有找到",
    ),
}

SEALED_SINCE = {"get_journal_extract"}
"""What works as soon as the sealer has come by; the city is shared, and another test may have sealed its journal."""


WITHIN_A_PAGE = {"get_board"}
"""What is shown inside a page of ours; nobody keeps it as a file."""

NAME = re.compile(r"[^/]*[\u4e00-\u9fff][^/]*\.(pdf|docx|xlsx|csv|zip|html|txt|jpg|png|ofd)$")
FILES_AT_LEAST = 12


@pytest.fixture
def pressing(demo: Demo, databases: Databases, tmp_path: Path) -> Iterator[Pressing]:
    if not isinstance(databases, SqliteDatabases):
        pytest.skip("the examples are the same on both")
    with pressed(demo, tmp_path) as opened:
        yield opened


def test_every_example_works_as_it_stands_or_is_refused_with_a_reason(pressing: Pressing) -> None:
    refused = {}
    for path, method, operation in operations(pressing.document):
        if is_endless(operation):
            continue
        answer = pressing.press(path, method, operation)
        if answer.status_code >= REFUSED:
            refused[operation["operationId"]] = f"{answer.status_code} {answer.text[:400]}"
    assert {name: text for name, text in refused.items() if REFUSALS.get(name, "?") not in text} == {}
    assert REFUSALS.keys() - refused.keys() - SEALED_SINCE == set(), "works by now: take it out of the table"


def test_every_file_is_attached_under_a_chinese_name_because_the_page_offers_nothing_else_for_download(
    pressing: Pressing,
) -> None:
    names = {}
    for path, method, operation in operations(pressing.document):
        kinds = operation["responses"].get("200", {}).get("content", {})
        if is_endless(operation) or set(kinds) <= {"application/json"} or operation["operationId"] in WITHIN_A_PAGE:
            continue
        answer = pressing.press(path, method, operation)
        assert answer.status_code == HTTPStatus.OK, answer.text
        assert answer.content, f"{path}: an empty file is not offered either"
        way, _, name = answer.headers["content-disposition"].rpartition("UTF-8''")
        names[operation["operationId"]] = way.partition(";")[0], unquote(name)
    assert len(names) > FILES_AT_LEAST
    assert {
        operation: given for operation, given in names.items() if given[0] != "attachment" or not NAME.match(given[1])
    } == {}


def test_on_real_data_no_field_is_filled_in_beforehand(app_document: dict[str, Any]) -> None:
    given = [
        f"{operation['operationId']} {parameter['name']}"
        for _path, _method, operation in operations(app_document)
        for parameter in operation.get("parameters", ())
        if "example" in parameter
    ]
    assert given == []


@pytest.fixture(scope="module")
def app_document() -> dict[str, Any]:
    return create_app(Settings(), engine=create_engine("sqlite://")).openapi()
