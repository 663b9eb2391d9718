"""送达: the rows of the fifth stage: sending, arriving, coming back, and a second document where one is owed."""

from datetime import timedelta

from app.domain import acts, checks, commands, replies
from app.domain.facts import Facts
from app.domain.machine import Check, ClockRule, Guard, Step
from app.domain.sending import ELECTRONIC, ONLINE, SERVED_BY_SIGNATURE, postal_faults
from app.domain.terms import CheckGate, Doc, ReasonKind, RemedyOrder, Role, SendMethod, State
from app.domain.workflow.shared import DESK, JUDGED_AT_ONCE, day, late_and_not_let_pass, not_drafter, not_endorser

NOT_LAW = "条例没有规定，由机关设置"


def _in_time_or_explained(facts: Facts, command: commands.Deliver | commands.ConfirmDelivery) -> bool:
    on_time = facts.due_on is not None and day(command) <= facts.due_on
    return on_time or facts.made(acts.Replied) or command.late_reason is not None


def _replied(facts: Facts, command: commands.Deliver | commands.ConfirmDelivery) -> acts.Replied:
    """Enter the reply, saying whether reconsideration must come before a lawsuit (行政复议法第23条第1款第4项)."""
    orders = replies.remedy_orders(facts.kinds)
    return acts.Replied(on=day(command), reconsideration_first=orders == {RemedyOrder.REVIEW_FIRST})


def _notice_has_run(facts: Facts, command: commands.ConfirmDelivery) -> bool:
    put_up = max((past.on for past in facts.past if isinstance(past.command, commands.Deliver)), default=None)
    return put_up is not None and day(command) >= put_up + timedelta(days=facts.settings.public_notice_days)


nothing_blocks_sending = Guard(
    "check_blocked",
    "发出前检查有未解决的问题（见 checks）",
    lambda f: checks.blockers(f, CheckGate.DELIVER, JUDGED_AT_ONCE),
    "条例第33条、第36条",
    ReasonKind.DOCUMENT,
)
posted_by_post_office = Check(
    "carrier_not_postal",
    "国家机关公文只能由邮政企业寄递，须填写邮件单号，邮费不得到付",
    lambda f, c: postal_faults(c),
    "邮政法第55条、国办公开办函〔2016〕235号",
)
electronic_by_consent = Check(
    "electronic_without_consent",
    "电子送达须填写收件的邮箱、号码或者网址，以及申请人同意电子送达的凭据",
    lambda f, c: c.method not in ELECTRONIC or (c.address is not None and c.consent is not None),
    "民事诉讼法第90条（参照）",
)
online_remedy_named = Check(
    "no_online_reconsideration",
    "通过互联网送达的，应当同时提供提交行政复议申请书的互联网渠道：请先在机关设置中填写该网址",
    lambda f, c: c.method not in ONLINE or f.settings.reconsideration_url is not None,
    "行政复议法第22条第2款",
)
not_before_signing = Check(
    "sent_before_signing",
    "发出之日不能早于签发之日",
    lambda f, c: f.signed_on is None or c.on >= f.signed_on,
    "条例第45条",
)
notice_as_last_resort = Check(
    "public_notice_too_early",
    "公告送达是最后的方式：须先以其他方式发出，并登记退件",
    lambda f, c: (
        c.method is not SendMethod.PUBLIC_NOTICE
        or not f.settings.public_notice_last
        or f.last(commands.RecordReturn) is not None
    ),
    NOT_LAW,
)
notice_has_run = Check(
    "public_notice_running",
    "公告期限未满，还不能登记送达",
    lambda f, c: f.sending is not SendMethod.PUBLIC_NOTICE or _notice_has_run(f, c),
    NOT_LAW,
)
sent_in_time = Check(
    "reply_is_late",
    "发出之日已超过法定答复期限，须由负责人放行",
    lambda f, c: late_and_not_let_pass(f, c, CheckGate.DELIVER),
    "条例第33条",
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
    lambda f, c: f.sending not in SERVED_BY_SIGNATURE or _in_time_or_explained(f, c),
    "条例第33条",
)

ROWS = (
    Step(
        "发出答复",
        commands.Deliver,
        frozenset({State.SIGNED}),
        State.DELIVERING,
        DESK,
        "条例第33条、第36条、第40条",
        "按申请人要求的方式发出答复。邮寄须通过邮政企业，以交邮之日为准；电子送达须经申请人同意。",
        guards=(nothing_blocks_sending,),
        checks=(
            posted_by_post_office,
            electronic_by_consent,
            online_remedy_named,
            not_before_signing,
            notice_as_last_resort,
            sent_in_time,
            sent_late_explained,
        ),
        clock=ClockRule(
            "邮寄以交邮之日、电子方式以发送之日为答复日，停止计时；当面领取和查阅以签收之日为准",
            lambda f, c: () if c.method in SERVED_BY_SIGNATURE or f.made(acts.Replied) else (_replied(f, c),),
        ),
    ),
    Step(
        "登记退件",
        commands.RecordReturn,
        frozenset({State.DELIVERING}),
        State.SIGNED,
        DESK,
        "国办公开办函〔2016〕235号",
        "答复被退回的，登记原因，核对地址后重新发出。是否按期仍以第一次交邮之日为准。",
    ),
    Step(
        "登记送达",
        commands.ConfirmDelivery,
        frozenset({State.DELIVERING}),
        State.DELIVERED,
        DESK | {Role.PORTAL},
        "条例第45条、国办公开办函〔2016〕235号",
        "登记申请人收到答复之日和送达凭证。申请行政复议、提起诉讼的期限从这一天起算。",
        checks=(signed_late_explained, notice_has_run),
        clock=ClockRule(
            "申请行政复议、提起诉讼的期限自送达之日起算；当面领取和查阅的，同时以签收之日为答复日，停止计时",
            lambda f, c: (
                (acts.Served(on=day(c)),) if f.made(acts.Replied) else (_replied(f, c), acts.Served(on=day(c)))
            ),
        ),
    ),
    Step(
        "补充、更正答复",
        commands.Supplement,
        frozenset({State.DELIVERING, State.DELIVERED}),
        None,
        frozenset({Role.APPROVER}),
        "条例第36条",
        "已经发出的答复有遗漏或者错误的，由负责人另行编号补充或者更正；原答复不变。",
        guards=(not_drafter, not_endorser),
        issues=frozenset({Doc.SUPPLEMENT}),
    ),
)
