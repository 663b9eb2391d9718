"""THE TABLE: every step a case can take, from registration to the archive.

A row is all that a new step takes: its command (body), where it may start, where it leads, who may take it, what must
hold, what it does to the clock, and the article it rests on. The typed endpoint, the Swagger text, the list of
permitted actions, the diagram and the matrix test all follow from the row.
"""

import datetime as dt

from app.domain import acts, clock, commands, replies
from app.domain.application import CONFIRMED_CHANNELS
from app.domain.facts import Facts
from app.domain.machine import Check, ClockRule, Guard, Step, Workflow
from app.domain.terms import ClockState, DeliveryMethod, ReasonKind, RemedyOrder, ReplyKind, Role, State

SERVED_BY_SIGNATURE = frozenset({DeliveryMethod.PICKUP, DeliveryMethod.INSPECT})
"""Ways of delivery that are judged by the day of signature; the others by the day of sending (国办公开办函〔2016〕235号)."""

POSTAL_WORDS = ("邮政", "EMS", "ems")


# Guards: conditions over the case as it stands.

confirmable = Guard(
    "receipt_needs_no_confirmation",
    "当面提交和需签收的邮寄，收到之日在登记时已经确定，无须再确认",
    lambda f: f.channel in CONFIRMED_CHANNELS,
    "条例第31条",
)
unconfirmed = Guard(
    "receipt_already_confirmed", "收到之日已经确认，不能重复确认", lambda f: f.received_on is None, "条例第31条"
)
received = Guard(
    "receipt_not_confirmed",
    "收到之日尚未确定：平常信函、互联网和传真须先与申请人“确认收到”",
    lambda f: f.received_on is not None,
    "条例第31条",
)
first_correction = Guard(
    "correction_already_requested",
    "补正只能一次性告知；补正后仍不明确的，可作“补正后仍不明确”的答复",
    lambda f: not f.made(acts.CorrectionRequested),
    "条例第30条",
)
notice_undelivered = Guard(
    "correction_delivery_known",
    "补正告知书的送达日已经登记",
    lambda f: (
        not f.made(acts.CorrectionDelivered)
        and not any(isinstance(act, acts.CorrectionRequested) and act.delivered_on for act in f.acts)
    ),
    "条例第30条",
)
correction_lapsed = Guard(
    "correction_period_running",
    "补正期限尚未届满，或者补正告知书的送达日尚未登记",
    lambda f: f.reading is not None and f.reading.clock is ClockState.ABANDONED,
    "条例第30条",
)
before_due = Guard(
    "due_date_passed",
    "答复期限已经届满，不能再延长",
    lambda f: f.due_on is not None and f.today <= f.due_on,
    "条例第33条第2款",
)
own_case = Guard(
    "not_the_handler",
    "只有本案经办人可以送审",
    lambda f: f.handler == f.actor,
    kind=ReasonKind.ROLE,
    basis="条例第45条",
)
not_drafter = Guard(
    "drafter_cannot_review", "拟稿人不能审核或者签发自己的答复稿", lambda f: f.drafter != f.actor, "条例第45条"
)
not_endorser = Guard(
    "reviewer_cannot_sign", "科室审核人不能签发自己审核过的答复稿", lambda f: f.endorser != f.actor, "条例第45条"
)
not_handler = Guard("handler_cannot_clear", "保密审查人不能是本案经办人", lambda f: f.handler != f.actor, "条例第17条")
secrecy_cleared = Guard(
    "secrecy_review_missing",
    "本稿尚无保密审查通过的记录：先审查、后公开，一事一审",
    lambda f: f.secrecy_cleared,
    "条例第17条",
    ReasonKind.DOCUMENT,
)
proven = Guard(
    "proof_of_delivery_missing",
    "没有送达凭证，不能归档",
    lambda f: f.state is not State.DELIVERED or f.proof_of_delivery,
    "条例第45条",
    ReasonKind.DOCUMENT,
)


# Checks: conditions over what has been written.

not_future = Check("date_in_future", "行为日期不能晚于今天", lambda f, c: c.on <= f.today)
not_before_receipt = Check(
    "date_before_receipt",
    "行为日期不能早于申请提交或者收到之日",
    lambda f, c: c.on >= (f.received_on or f.submitted_on),
)
handler_exists = Check(
    "no_such_handler", "本机关没有这个登录名的经办人", lambda f, c: c.handler in f.assignees, "条例第28条"
)
late_correction_explained = Check(
    "late_correction_unexplained",
    "补正期限已过：接受补正须写明申请人逾期的正当理由",
    lambda f, c: c.late_reason is not None or not _lapsed(f, c.on),
    "条例第30条",
)
approved_in_time = Check(
    "approved_after_notice",
    "工作机构负责人同意之日不能晚于告知申请人之日",
    lambda f, c: c.approved_on is None or c.approved_on <= c.on,
    "条例第33条第2款",
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
unclear_only_after_correction = Check(
    "unclear_without_correction",
    "“补正后申请内容仍不明确”只能在告知补正并收到补正之后使用",
    lambda f, c: f.made(acts.CorrectionReceived) or all(i.kind is not ReplyKind.UNABLE_UNCLEAR for i in c.conclusions),
    "条例第30条",
)
posted_by_post_office = Check(
    "carrier_not_postal",
    "国家机关公文只能由邮政企业寄递，并须填写邮件单号",
    lambda f, c: (
        c.method is not DeliveryMethod.POST
        or (c.tracking_no is not None and any(word in (c.carrier or "") for word in POSTAL_WORDS))
    ),
    "邮政法第55条",
)
sent_late_explained = Check(
    "late_reply_unexplained",
    "已超过法定答复期限：须写明超期原因后才能发出",
    lambda f, c: c.method in SERVED_BY_SIGNATURE or _in_time_or_explained(f, c),
    "条例第33条",
)
signed_late_explained = Check(
    "late_reply_unexplained",
    "签收之日已超过法定答复期限：须写明超期原因",
    lambda f, c: f.delivery not in SERVED_BY_SIGNATURE or _in_time_or_explained(f, c),
    "条例第33条",
)


def _in_time_or_explained(facts: Facts, command: commands.Deliver | commands.ConfirmDelivery) -> bool:
    on_time = facts.due_on is not None and command.on is not None and command.on <= facts.due_on
    return on_time or command.late_reason is not None


def _lapsed(facts: Facts, on: dt.date) -> bool:
    """Tell whether the applicant's correction period had run out on the day of the correction."""
    if facts.received_on is None:
        return False
    then = clock.read(facts.received_on, facts.acts, facts.rules, facts.calendar, on)
    return then.clock is ClockState.ABANDONED


def _replied(facts: Facts, command: commands.Deliver | commands.ConfirmDelivery) -> acts.Replied:
    """Enter the reply, saying whether reconsideration must come before a lawsuit (复议法第23条第1款第4项)."""
    orders = replies.remedy_orders(facts.proposed)
    return acts.Replied(on=_day(command), reconsideration_first=orders == {RemedyOrder.REVIEW_FIRST})


def _day(command: commands.Command) -> dt.date:
    assert command.on is not None, "the machine fills in today's date before it asks"
    return command.on


# Clock rules: what a step enters into the clock's history.

restart_wait = ClockRule(
    "等待申请人补正；收到补正之日起重新计算答复期限",
    lambda f, c: (
        acts.CorrectionRequested(on=c.on, delivered_on=c.delivered_on, reply_within_workdays=c.reply_within_workdays),
    ),
)
restart = ClockRule("答复期限自收到补正之日起重新计算", lambda f, c: (acts.CorrectionReceived(on=c.on),))
lengthen = ClockRule(
    "法定答复期限延长所填的工作日数；内控期限不变", lambda f, c: (acts.Extended(on=c.on, workdays=c.workdays),)
)
close = ClockRule("停止计时", lambda f, c: (acts.Closed(on=c.on),))
reply_by_sending = ClockRule(
    "邮寄以交邮之日、电子方式以发送之日为答复日，停止计时；当面领取和查阅以签收之日为准",
    lambda f, c: () if c.method in SERVED_BY_SIGNATURE else (_replied(f, c),),
)
serve = ClockRule(
    "申请行政复议、提起诉讼的期限自送达之日起算；当面领取和查阅的，同时以签收之日为答复日，停止计时",
    lambda f, c: (
        (_replied(f, c), acts.Served(on=c.on)) if f.delivery in SERVED_BY_SIGNATURE else (acts.Served(on=c.on),)
    ),
)

DESK = frozenset({Role.INTAKE_CLERK, Role.HANDLER})

WORKFLOW = Workflow(
    start=State.REGISTERED,
    ends=frozenset({State.ARCHIVED}),
    common=(not_future, not_before_receipt),
    rows=(
        Step(
            "确认收到",
            commands.ConfirmReceipt,
            frozenset({State.REGISTERED}),
            None,
            frozenset({Role.INTAKE_CLERK}),
            "条例第31条",
            "登记员与申请人确认收到申请。平常信函、互联网和传真以双方确认之日为收到之日，答复期限从这一天的次日起算。",
            guards=(confirmable, unconfirmed),
        ),
        Step(
            "受理",
            commands.Accept,
            frozenset({State.REGISTERED}),
            State.REVIEWING,
            frozenset({Role.INTAKE_CLERK}),
            "条例第29条、第45条",
            "登记员受理申请，转入审核。申请缺少姓名、联系方式等内容的也应受理，缺项通过补正解决。",
            guards=(received,),
        ),
        Step(
            "告知补正",
            commands.RequestCorrection,
            frozenset({State.REVIEWING, State.HANDLING}),
            State.AWAITING_CORRECTION,
            DESK,
            "条例第30条",
            "申请内容不明确的，自收到申请之日起7个工作日内一次性告知申请人补正，说明需要补正的事项和合理的补正期限。",
            guards=(first_correction,),
            clock=restart_wait,
        ),
        Step(
            "登记补正告知送达",
            commands.RecordCorrectionDelivery,
            frozenset({State.AWAITING_CORRECTION}),
            None,
            DESK,
            "条例第30条",
            "登记申请人收到补正告知书之日，补正期限从次日起算。未登记送达的，不停止计时，也不能按逾期未补正结案。",
            guards=(notice_undelivered,),
            clock=ClockRule(
                "自申请人收到补正告知书起，等待补正，停止计时", lambda f, c: (acts.CorrectionDelivered(on=c.on),)
            ),
        ),
        Step(
            "收到补正",
            commands.ReceiveCorrection,
            frozenset({State.AWAITING_CORRECTION}),
            State.REVIEWING,
            DESK | {Role.PORTAL},
            "条例第30条",
            "登记申请人的补正，回到审核。答复期限自收到补正之日起整段重新计算。",
            checks=(late_correction_explained,),
            clock=restart,
        ),
        Step(
            "逾期未补正结案",
            commands.CloseUncorrected,
            frozenset({State.AWAITING_CORRECTION}),
            State.CLOSED,
            DESK,
            "条例第30条",
            "申请人无正当理由逾期不补正的，视为放弃申请，不再处理，案件转入归档。",
            guards=(correction_lapsed,),
            clock=close,
        ),
        Step(
            "审核通过并交办",
            commands.Assign,
            frozenset({State.REVIEWING}),
            State.HANDLING,
            frozenset({Role.INTAKE_CLERK, Role.REVIEWER}),
            "条例第45条",
            "审核申请内容后交经办人办理，有人办、有回应。",
            checks=(handler_exists,),
        ),
        Step(
            "改派经办人",
            commands.Reassign,
            frozenset({State.HANDLING}),
            None,
            frozenset({Role.INTAKE_CLERK, Role.REVIEWER}),
            "条例第45条",
            "把案件改交另一名经办人，写明原因。",
            checks=(handler_exists,),
        ),
        Step(
            "延长答复期限",
            commands.Extend,
            frozenset({State.REVIEWING, State.HANDLING, State.SECTION_REVIEW, State.LEADER_REVIEW, State.SIGNED}),
            None,
            frozenset({Role.APPROVER}),
            "条例第33条第2款",
            "工作机构负责人同意后延长答复期限并告知申请人，合计不超过20个工作日，须在期限届满前作出。",
            guards=(before_due,),
            checks=(approved_in_time,),
            clock=lengthen,
        ),
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
            "科室审核通过",
            commands.Endorse,
            frozenset({State.SECTION_REVIEW}),
            State.LEADER_REVIEW,
            frozenset({Role.REVIEWER}),
            "条例第45条",
            "科室审核人审核答复稿，通过后送签发。",
            guards=(not_drafter,),
        ),
        Step(
            "保密审查",
            commands.ReviewSecrecy,
            frozenset({State.SECTION_REVIEW, State.LEADER_REVIEW}),
            None,
            frozenset({Role.SECRECY_REVIEWER}),
            "条例第17条",
            "经办人以外的保密审查人对拟公开的内容逐件审查。先审查、后公开；没有通过的记录，答复不能签发。",
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
            "签发",
            commands.Sign,
            frozenset({State.LEADER_REVIEW}),
            State.SIGNED,
            frozenset({Role.APPROVER}),
            "条例第36条、第45条",
            "签发人签发答复，系统编发文号。签发人不能是拟稿人或者科室审核人；签发后内容不再改动。",
            guards=(not_drafter, not_endorser, secrecy_cleared),
        ),
        Step(
            "发出答复",
            commands.Deliver,
            frozenset({State.SIGNED}),
            State.DELIVERING,
            DESK,
            "条例第33条、第36条、第40条",
            "按申请人要求的方式发出答复。邮寄须通过邮政企业，以交邮之日为准。",
            checks=(posted_by_post_office, sent_late_explained),
            clock=reply_by_sending,
        ),
        Step(
            "登记送达",
            commands.ConfirmDelivery,
            frozenset({State.DELIVERING}),
            State.DELIVERED,
            DESK | {Role.PORTAL},
            "条例第45条、国办公开办函〔2016〕235号",
            "登记申请人收到答复之日和送达凭证。申请行政复议、提起诉讼的期限从这一天起算。",
            checks=(signed_late_explained,),
            clock=serve,
        ),
        Step(
            "归档",
            commands.Archive,
            frozenset({State.DELIVERED, State.CLOSED}),
            State.ARCHIVED,
            frozenset({Role.ARCHIVIST}),
            "条例第45条、档案法第14条",
            "归档员整理案卷归档。没有送达凭证不能归档；归档后的案件不再接受任何改动。",
            guards=(proven,),
        ),
    ),
)
