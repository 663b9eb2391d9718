"""The groups of the document: in the order of a clerk's work, whatever the code calls its nouns.

A router names its noun as its tag; a clerk looks for a piece of work. The table here says which noun belongs to which
work, and names the operations that belong elsewhere than the rest of their noun.
"""

from collections.abc import Iterable, Mapping
from typing import Any

GROUPS = (  # in the order of the work: name, heading, what is in it
    ("worklist", "我的待办", "轮到我办的案件、提醒、查询案件、现在能做什么"),
    ("accept", "登记受理", "登记申请、确认收到、受理"),
    ("review", "审核", "补正、说明理由、移送、分立和并案、交办"),
    ("handle", "办理", "检索、沟通、机关交流、延期、附件、送审"),
    ("consult", "征求意见", "征求第三方和其他机关的意见、请求协助"),
    ("reply", "答复", "科室审核、保密审查、合法性审查、签发、发出、文书下载"),
    ("deliver", "送达", "登记送达和退件、补充更正"),
    ("archive", "归档", "整理归档、案卷包"),
    ("fees", "收费", "信息处理费的试算、告知、缴纳和退还"),
    ("remedies", "救济", "行政复议、行政诉讼：期限、结果、败因和整改"),
    ("statistics", "统计", "年度报告、指标、通报、督办、台账，由依申请公开转为主动公开"),
    ("calendar", "日历", "工作日历、期限试算、期限记录的更正"),
    ("admin", "管理", "我的账号，机关、用户、接口密钥、文书模板和初始化"),
    ("integration", "对接", "脚本轮询、数据推送、公众查询、流程说明、令牌和运行状况"),
)

OF_NOUN: Mapping[str, str] = {
    "cases": "worklist",
    "personal": "worklist",
    "documents": "reply",
    "messages": "handle",
    "clock": "calendar",
    "ledger": "statistics",
    "report": "statistics",
    "reports": "statistics",
    **dict.fromkeys(
        ("polling", "workflow", "public", "sign_in", "health", "feed", "webhooks", "journal"), "integration"
    ),
    **dict.fromkeys(("supervision", "publications"), "statistics"),
}
"""Where the operations of a router go whose tag is no group itself."""

OF_OPERATION: Mapping[str, str] = {
    **dict.fromkeys(("list_checks",), "reply"),
    "list_review_points": "review",
    **dict.fromkeys(("list_clock_entries", "correct_clock", "print_clock"), "calendar"),
    **dict.fromkeys(("list_attachments", "add_attachment", "get_attachment", "withdraw_attachment"), "handle"),
    **dict.fromkeys(("extend_case",), "handle"),
    **dict.fromkeys(("print_receipt",), "accept"),
    **dict.fromkeys(("register_cases",), "integration"),
    **dict.fromkeys(
        (
            *("list_document_templates", "get_document_template", "set_document_template"),
            "restore_document_template",
        ),
        "admin",
    ),
    **dict.fromkeys(
        (
            *("consult_case", "record_consultation_delivery_case", "record_consultation_answer_case"),
            *("notify_third_party_case", "ask_assistance_case"),
            *("list_case_assistance", "list_assistance", "answer_assistance"),
        ),
        "consult",
    ),
    **dict.fromkeys(
        (
            *("notify_fee_case", "record_fee_delivery_case", "record_payment_case"),
            *("close_unpaid_case", "refund_fee_case"),
        ),
        "fees",
    ),
    "supplement_case": "deliver",
}
"""Operations that a clerk looks for in another group than the rest of their noun."""


def group_of(operation: Mapping[str, Any]) -> str:
    """Name the group of an operation."""
    noun: str = operation["tags"][0]
    return OF_OPERATION.get(operation["operationId"], OF_NOUN.get(noun, noun))


def described(names: Iterable[str]) -> list[dict[str, Any]]:
    """Describe the groups that have operations, in the order of the work; the bold start is the heading on the page."""
    used = set(names)
    return [
        {"name": name, "x-displayName": heading, "description": f"**{heading}** {content}"}
        for name, heading, content in GROUPS
        if name in used
    ]
