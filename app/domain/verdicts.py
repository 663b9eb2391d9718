"""The sentences that say what was decided; reasons and articles stand beside them in the document."""

from collections.abc import Mapping
from types import MappingProxyType

from app.domain.terms import ComplaintOutcome, RectificationOutcome, ReplyKind, SupplementKind

DECISIONS: Mapping[ReplyKind, str] = MappingProxyType(
    {
        ReplyKind.GRANT_PUBLISHED: "该信息已主动公开，现告知获取的方式、途径。",
        ReplyKind.GRANT: "予以公开。",
        ReplyKind.PARTIAL: "部分公开：提供可以公开的内容，其余内容不予公开。",
        ReplyKind.DENY_STATE_SECRET: "不予公开。",
        ReplyKind.DENY_LAW: "不予公开。",
        ReplyKind.DENY_SECURITY: "不予公开。",
        ReplyKind.DENY_THIRD_PARTY: "不予公开。",
        ReplyKind.DENY_INTERNAL: "不予公开。",
        ReplyKind.DENY_PROCESS: "不予公开。",
        ReplyKind.DENY_ENFORCEMENT: "不予公开。",
        ReplyKind.DENY_QUERY: "请依照有关法律、行政法规的规定查询办理。",
        ReplyKind.UNABLE_NOT_EXIST: "经检索，该信息不存在，本机关无法提供。",
        ReplyKind.UNABLE_NOT_OURS: "该信息不属于本机关负责公开，本机关无法提供。",
        ReplyKind.UNABLE_CREATE: "该信息需要对现有政府信息进行加工、分析，本机关不予提供。",
        ReplyKind.UNABLE_UNCLEAR: "经补正，申请内容仍不明确，本机关无法提供。",
        ReplyKind.REJECT_PETITION: "该事项不作为政府信息公开申请处理。",
        ReplyKind.REJECT_REPEAT: "属于重复申请，不予重复处理。",
        ReplyKind.REJECT_PUBLICATION: "该信息为公开出版物，现告知获取的途径。",
        ReplyKind.REJECT_EXCESSIVE: "申请理由不合理，不予处理。",
        ReplyKind.REJECT_REISSUE: "不予处理。",
        ReplyKind.CLOSED_NO_CORRECTION: "视为放弃申请，本机关不再处理该申请。",
        ReplyKind.CLOSED_NO_PAYMENT: "视为放弃申请，本机关不再处理该申请。",
        ReplyKind.CLOSED_OTHER: "本机关不再处理该申请。",
    }
)
"""The sentence that says what was decided; reasons and articles stand beside it."""


WAYS: Mapping[SupplementKind, str] = MappingProxyType(
    {SupplementKind.SUPPLEMENT: "补充", SupplementKind.CORRECTION: "更正"}
)
RECTIFIED: Mapping[RectificationOutcome, str] = MappingProxyType(
    {
        RectificationOutcome.CORRECTED: "予以更正。",
        RectificationOutcome.FORWARDED: "不属本机关职能范围，已转送有权更正的机关处理。",
        RectificationOutcome.TOLD_WHOM: "不属本机关职能范围，请向有权更正的机关提出。",
        RectificationOutcome.REFUSED: "不予更正。",
    }
)
CONCLUDED: Mapping[ComplaintOutcome, str] = MappingProxyType(
    {
        ComplaintOutcome.UPHELD: "投诉举报成立，本机关已督促被投诉的机关整改。",
        ComplaintOutcome.CRITICISED: "投诉举报成立，本机关已督促被投诉的机关整改，并予以通报批评。",
        ComplaintOutcome.UNFOUNDED: "投诉举报不成立。",
        ComplaintOutcome.TRANSFERRED: "不属本机关职责，已转有权机关处理。",
    }
)
"""The sentences that say what was decided on a rectification and on a complaint."""
