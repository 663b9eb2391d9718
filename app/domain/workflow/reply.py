"""答复: the rows of the fourth stage: drafting, reviewing, signing; and what a leader may let pass."""

from app.domain import acts, checks, commands, replies
from app.domain.machine import Check, Guard, Step
from app.domain.terms import CheckGate, Doc, ReasonKind, ReplyKind, Role, State
from app.domain.workflow.shared import (
    JUDGED_AT_ONCE,
    handled_by,
    late_and_not_let_pass,
    not_approver,
    not_drafter,
    not_endorser,
)

own_case = Guard(
    "not_the_handler", "只有本案经办人可以送审", lambda f: f.handler == f.actor, "条例第45条", ReasonKind.ROLE
)
not_handler = Guard(
    "handler_cannot_review",
    "保密审查人、合法性审查人不能经办过本案",
    lambda f: f.actor not in handled_by(f),
    "条例第17条",
)
nothing_blocks_signing = Guard(
    "check_blocked",
    "答复前检查有未解决的问题（见 checks）",
    lambda f: checks.blockers(f, CheckGate.SIGN, JUDGED_AT_ONCE),
    "条例第36条至第40条",
    ReasonKind.DOCUMENT,
)

every_item_concluded = Check(
    "items_without_conclusion",
    "每一项申请内容都要有且只有一个处理结论",
    lambda f, c: sorted(item.item_no for item in c.conclusions) == sorted(f.item_numbers),
    "条例第36条",
)
reply_not_closing = Check(
    "closing_is_not_a_reply",
    "逾期不补正、逾期不缴费不作答复，应当用相应的结案操作",
    lambda f, c: (
        not {item.kind for item in c.conclusions} & {ReplyKind.CLOSED_NO_CORRECTION, ReplyKind.CLOSED_NO_PAYMENT}
    ),
    "条例第30条",
)
unclear_only_after_correction = Check(
    "unclear_without_correction",
    "“补正后申请内容仍不明确”只能在告知补正并收到补正之后使用",
    lambda f, c: f.made(acts.CorrectionReceived) or all(i.kind is not ReplyKind.UNABLE_UNCLEAR for i in c.conclusions),
    "条例第30条",
)
well_cited = Check(
    "citation_wrong",
    "引用的条款须与处理决定相符，不引用已经失效的条款",
    lambda f, c: [
        f"第{item.item_no}项：{fault}"
        for item in c.conclusions
        for fault in replies.check_citations([item.kind], item.citations)
    ],
    "条例第36条至第39条",
)
signed_in_time = Check(
    "reply_is_late",
    "签发之日已超过法定答复期限，须由负责人放行",
    lambda f, c: late_and_not_let_pass(f, c, CheckGate.SIGN),
    "条例第33条",
)
may_be_let_pass = Check(
    "check_cannot_be_overridden",
    "这项检查不能由负责人放行，须改正后再签发",
    lambda f, c: checks.CHECKS[c.check].overridable,
    "条例第36条",
)

ROWS = (
    Step(
        "送审答复稿",
        commands.Submit,
        frozenset({State.HANDLING}),
        State.SECTION_REVIEW,
        frozenset({Role.HANDLER}),
        "条例第36条至第39条",
        "经办人逐项写明处理结论、事实、理由和依据，送科室审核。每次送审生成新的一稿。",
        guards=(own_case,),
        checks=(every_item_concluded, reply_not_closing, unclear_only_after_correction, well_cited),
    ),
    Step(
        "通过科室审核",
        commands.Endorse,
        frozenset({State.SECTION_REVIEW}),
        State.LEADER_REVIEW,
        frozenset({Role.REVIEWER}),
        "条例第45条",
        "科室审核人审核答复稿，通过后送签发。",
        guards=(not_drafter, not_approver),
    ),
    Step(
        "完成保密审查",
        commands.ReviewSecrecy,
        frozenset({State.SECTION_REVIEW, State.LEADER_REVIEW}),
        None,
        frozenset({Role.SECRECY_REVIEWER}),
        "条例第17条",
        "经办人以外的保密审查人对拟公开的内容逐件审查。先审查、后公开；没有通过的记录，答复不能签发。",
        guards=(not_handler,),
    ),
    Step(
        "完成合法性审查",
        commands.ReviewLegality,
        frozenset({State.SECTION_REVIEW, State.LEADER_REVIEW}),
        None,
        frozenset({Role.LEGAL_REVIEWER}),
        "条例第17条、第45条",
        "公职律师、法律顾问或者法制机构审查答复的合法性，写明审查人和身份。机关设为必经的，未通过不能签发。",
        guards=(not_handler,),
    ),
    Step(
        "退回修改",
        commands.ReturnDraft,
        frozenset({State.SECTION_REVIEW, State.LEADER_REVIEW}),
        State.HANDLING,
        frozenset({Role.REVIEWER, Role.APPROVER}),
        "条例第45条",
        "审核人或者签发人写明理由，把答复稿退回经办人修改。",
        guards=(not_drafter,),
    ),
    Step(
        "放行检查项",
        commands.Override,
        frozenset({State.LEADER_REVIEW, State.SIGNED}),
        None,
        frozenset({Role.APPROVER}),
        "条例第45条",
        "允许由负责人放行的检查项，负责人写明理由后放行，记入案卷。",
        guards=(not_drafter, not_endorser),
        checks=(may_be_let_pass,),
    ),
    Step(
        "签发",
        commands.Sign,
        frozenset({State.LEADER_REVIEW}),
        State.SIGNED,
        frozenset({Role.APPROVER}),
        "条例第36条、第45条",
        "签发人签发答复，系统编发文号。签发人不能是经办过本案的人或者科室审核人；签发后内容不再改动。",
        guards=(not_drafter, not_endorser, nothing_blocks_signing),
        checks=(signed_in_time,),
        issues=frozenset({Doc.REPLY}),
    ),
)
