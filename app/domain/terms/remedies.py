"""Remedies against a reply: what is brought where, by whom, how it ends, what follows."""

from app.domain.terms.base import Term


class RemedyKind(Term):
    """What an applicant brings against a reply.

    The first three bear the codes of `RemedyTrack`, the blocks of table four; a complaint is counted in none.
    """

    RECONSIDERATION = "reconsideration", "行政复议"
    LITIGATION_DIRECT = "litigation_direct", "行政诉讼（未经复议直接起诉）"
    LITIGATION_AFTER_RECONSIDERATION = "litigation_after_reconsideration", "行政诉讼（复议后起诉）"
    COMPLAINT = "complaint", "投诉举报"


class RemedyProcedure(Term):
    """By which procedure it is heard; decides how long the agency has to answer (行政复议法第48条、第54条)."""

    ORDINARY = "ordinary", "普通程序"
    SIMPLIFIED = "simplified", "简易程序"


class RemedyDecision(Term):
    """How it was decided, as the decision says it; its place in table four is a default of ours, not law."""

    UPHELD = "upheld", "维持"
    CLAIM_DISMISSED = "claim_dismissed", "驳回请求"
    REVOKED = "revoked", "撤销"
    CHANGED = "changed", "变更"
    DECLARED_UNLAWFUL = "declared_unlawful", "确认违法"
    ORDERED_TO_ACT = "ordered_to_act", "责令履行或者重新作出"
    WITHDRAWN = "withdrawn", "撤回或者终止"
    NOT_ADMITTED = "not_admitted", "不予受理"
    ACTION_DISMISSED = "action_dismissed", "驳回起诉"
    SETTLED = "settled", "调解或者和解"
    OTHER = "other", "其他"


class RemedyNode(Term):
    """The days by which the agency must have acted in a remedy."""

    ANSWER = "answer", "提交行政复议答复"
    DEFENCE = "defence", "提交答辩状"
    COMPLAINT_ANSWER = "complaint_answer", "答复主管部门"
    ORDER = "order", "履行决定或者判决"
    OPINION = "opinion", "反馈复议意见书整改情况"
    RECTIFICATION = "rectification", "完成整改"


class PartyRole(Term):
    """In what capacity somebody takes part in a remedy."""

    CLAIMANT = "claimant", "申请人、原告或者投诉人"
    RESPONDENT = "respondent", "被申请人或者被告"
    THIRD_PARTY = "third_party", "第三人"
    AGENT = "agent", "代理人"


class RemedyPaperKind(Term):
    """What was received or filed in a remedy."""

    APPLICATION = "application", "复议申请书、起诉状或者投诉书副本"
    NOTICE = "notice", "答复通知、应诉通知"
    ANSWER = "answer", "行政复议答复书"
    DEFENCE = "defence", "答辩状"
    EVIDENCE = "evidence", "证据及证据目录"
    AUTHORITY_LETTER = "authority_letter", "授权委托书"
    DECISION = "decision", "决定书、判决书或者裁定书"
    OPINION = "opinion", "行政复议意见书、司法建议书"
    FEEDBACK = "feedback", "整改情况反馈"
    OTHER = "other", "其他材料"


class RectificationStatus(Term):
    """How far the agency has put right what a remedy or a supervision found."""

    NOT_NEEDED = "not_needed", "无需整改"
    OPEN = "open", "待整改"
    IN_PROGRESS = "in_progress", "整改中"
    DONE = "done", "已整改"


class Likeness(Term):
    """In what a case resembles a corrected one."""

    REPLY_KIND = "reply_kind", "答复类型相同"
    BASIS = "basis", "引用的依据相同"
    SUBJECT = "subject", "申请内容相似"
    CAUSE = "cause", "存在同样的问题"
