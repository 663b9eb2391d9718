"""pydantic's validation errors as Chinese reasons, without the input."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.terms import Term

_LABELS = {frozenset(term.value for term in terms): terms for terms in Term.__subclasses__()}
_ROOM = 2000  # bytes of all reasons together: a refusal stays small whatever was sent
_MOST = 20
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,39}")

_MESSAGES = {
    "missing": "必填",
    "extra_forbidden": "没有这个字段",
    "string_type": "须为文字",
    "string_too_short": "不能为空，或者少于 {min_length} 个字",
    "string_too_long": "最多 {max_length} 个字",
    "string_pattern_mismatch": "格式不正确",
    "int_type": "须为整数",
    "int_parsing": "须为整数",
    "int_from_float": "须为整数",
    "bool_type": "须为 true 或者 false",
    "bool_parsing": "须为 true 或者 false",
    "float_type": "须为数字",
    "enum": "只能是以下之一：{expected}",
    "literal_error": "只能是以下之一：{expected}",
    "union_tag_invalid": "只能是以下之一：{expected_tags}",
    "union_tag_not_found": "缺少 {discriminator}",
    "greater_than_equal": "不能小于 {ge}",
    "greater_than": "须大于 {gt}",
    "less_than_equal": "不能大于 {le}",
    "less_than": "须小于 {lt}",
    "list_type": "须为列表",
    "too_short": "至少 {min_length} 项",
    "too_long": "最多 {max_length} 项",
    "dict_type": "须为对象",
    "model_type": "须为对象",
    "model_attributes_type": "须为对象",
    "json_invalid": "不是有效的 JSON",
    "date_type": "须为日期，如 2026-03-02",
    "date_parsing": "须为日期，如 2026-03-02",
    "date_from_datetime_parsing": "须为日期，如 2026-03-02",
    "date_from_datetime_inexact": "须为日期，如 2026-03-02",
    "datetime_type": "须为带时区的时间，如 2026-11-20T16:30:00+08:00",
    "datetime_parsing": "须为带时区的时间，如 2026-11-20T16:30:00+08:00",
    "datetime_from_date_parsing": "须为带时区的时间，如 2026-11-20T16:30:00+08:00",
    "timezone_aware": "须带时区，如 2026-11-20T16:30:00+08:00",
}


def in_chinese(errors: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Say each error in Chinese: the field's path, a stable code, a sentence. Says at most what a screen holds."""
    reasons: list[dict[str, str]] = []
    room = _ROOM
    for error in errors[:_MOST]:
        reason = _reason(error)
        room -= sum(len(text.encode()) for text in reason.values())
        if reasons and room < 0:
            break
        reasons.append(reason)
    if left := len(errors) - len(reasons):
        reasons.append({"kind": "field", "code": "more", "field": "", "message": f"另有 {left} 处有误"})
    return reasons


def _reason(error: Mapping[str, Any]) -> dict[str, str]:
    place = [_named(part) for part in error["loc"]]
    field = ".".join(place[1:] if place and place[0] in {"body", "query", "path", "header"} else place)
    kind = str(error["type"])
    context = {name: str(value) for name, value in (error.get("ctx") or {}).items()}
    if kind == "value_error":  # raised by our own validators, whose sentences are Chinese
        message = context.get("error", "有误")
    else:
        if kind == "enum":
            context["expected"] = _with_labels(context["expected"])
        message = _MESSAGES.get(kind, "填写有误").format_map(_Lenient(context)).replace(" or ", " 或 ")
    return {"kind": "field", "code": kind, "field": field, "message": f"{field or '请求正文'}：{message}"}


def _with_labels(expected: str) -> str:
    """Put its label beside each code of a list: in_person 当面提交、oral 口头……"""
    codes = re.findall(r"'([^']*)'", expected)
    terms = _LABELS.get(frozenset(codes))
    return "、".join(f"{term.value} {term.label}" for term in terms if term.value in codes) if terms else expected


def _named(part: object) -> str:
    """Name a part of a field's path; a name that the caller made up is repeated only if it looks like one of a field."""
    text = str(part)
    return text if isinstance(part, int) or _NAME.fullmatch(text) else "（未知字段）"


class _Lenient(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""
