"""收费: notice, payment, deemed abandonment, refund; either per request or per page, never both."""

from app.domain import acts, commands
from app.domain.charging import amount_due, paid
from app.domain.machine import Check, ClockRule, Guard, Step
from app.domain.terms import Doc, FeeMethod, Role, State
from app.domain.workflow.handle import before_due
from app.domain.workflow.shared import DESK, IN_HAND, day, lapsed

BASIS = "国办函〔2020〕109号"


no_fee_yet = Guard(
    "fee_already_notified",
    "本件已经发出收费通知；按件、按量只能选择一种，不能重复计收",
    lambda f: not f.made(acts.FeeNotified),
    f"{BASIS}第3条",
)
in_period = Guard("fee_notice_too_late", "收费通知须在答复期限内发出", before_due.holds, f"{BASIS}（川财规定）")
fee_undelivered = Guard(
    "fee_delivery_known",
    "收费通知的送达日已经登记",
    lambda f: (
        not any(
            isinstance(act, acts.FeeDelivered) or (isinstance(act, acts.FeeNotified) and act.delivered_on)
            for act in f.acts
        )
    ),
    BASIS,
)
payment_lapsed = Guard(
    "payment_period_running",
    "缴费期限（收到通知次日起20个工作日）尚未届满，或者收费通知的送达日尚未登记",
    lapsed,
    BASIS,
)
something_paid = Guard("nothing_paid", "申请人没有缴费，无款可退", lambda f: paid(f) > 0, BASIS)

one_method = Check(
    "fee_methods_mixed",
    "按量计收须填页数；按件计收不填页数，件数由系统按同一申请人同一自然月累计",
    lambda f, c: (c.method is FeeMethod.PER_PAGE) == (c.pages is not None),
    f"{BASIS}第3条",
)
applicant_known = Check(
    "applicant_unknown",
    "申请人没有证件号码，无法累计件数，不能按件计收",
    lambda f, c: c.method is FeeMethod.PER_PAGE or f.requests_in_month is not None,
    f"{BASIS}第4条",
)
above_allowance = Check(
    "fee_within_allowance",
    "没有超过免费的数量（每月10件、每件30页），不能收费",
    lambda f, c: amount_due(f, c) > 0,
    f"{BASIS}第4条、第5条",
)
sent_as_wanted = Check(
    "fee_notice_way",
    "收费通知须按申请人获取信息的途径送达",
    lambda f, c: f.wanted is None or c.sent_by is f.wanted,
    f"{BASIS}（川财规定）",
)
exact_amount = Check(
    "amount_differs",
    "实收金额与收费通知的金额不一致",
    lambda f, c: (notice := f.last(commands.NotifyFee)) is not None and c.amount_yuan == amount_due(f, notice),
    BASIS,
)
within_paid = Check("refund_exceeds_payment", "退付金额超过实收金额", lambda f, c: c.amount_yuan <= paid(f), BASIS)

ROWS = (
    Step(
        "发出收费通知",
        commands.NotifyFee,
        frozenset({State.HANDLING}),
        State.AWAITING_PAYMENT,
        DESK,
        f"条例第42条、{BASIS}",
        "数量、频次明显超过合理范围的，可以收取信息处理费。金额由系统按标准计算；按件计收的件数按同一申请人同一自然月向本机关累计。",
        guards=(no_fee_yet, in_period),
        checks=(one_method, applicant_known, above_allowance, sent_as_wanted),
        clock=ClockRule(
            "申请人收到通知后等待缴费；缴费次日起重新计算答复期限",
            lambda f, c: (acts.FeeNotified(on=c.on, delivered_on=c.delivered_on),),
        ),
        issues=frozenset({Doc.FEE}),
    ),
    Step(
        "登记收费通知送达",
        commands.RecordFeeDelivery,
        frozenset({State.AWAITING_PAYMENT}),
        None,
        DESK | {Role.PORTAL},
        BASIS,
        "登记申请人收到收费通知之日，20个工作日的缴费期限从次日起算。",
        guards=(fee_undelivered,),
        clock=ClockRule("自申请人收到通知起，等待缴费，停止计时", lambda f, c: (acts.FeeDelivered(on=day(c)),)),
    ),
    Step(
        "登记缴费",
        commands.RecordPayment,
        frozenset({State.AWAITING_PAYMENT}),
        State.HANDLING,
        DESK | {Role.PORTAL},
        BASIS,
        "登记申请人缴费和财政票据号，回到办理。答复期限自缴费次日起重新计算。",
        checks=(exact_amount,),
        clock=ClockRule("答复期限自缴费次日起重新计算", lambda f, c: (acts.FeePaid(on=day(c)),)),
    ),
    Step(
        "结案（逾期未缴费）",
        commands.CloseUnpaid,
        frozenset({State.AWAITING_PAYMENT}),
        State.CLOSED,
        DESK,
        BASIS,
        "申请人逾期未缴费的，视为放弃申请，不再处理，案件转入归档。",
        guards=(payment_lapsed,),
        clock=ClockRule("停止计时", lambda f, c: (acts.Closed(on=day(c)),)),
        issues=frozenset({Doc.CLOSING}),
    ),
    Step(
        "登记退费",
        commands.RefundFee,
        IN_HAND | {State.DELIVERING, State.DELIVERED},
        None,
        DESK,
        f"{BASIS}（川财规定）",
        "登记退付的金额、理由和凭证，不超过实收金额。",
        guards=(something_paid,),
        checks=(within_paid,),
    ),
)
