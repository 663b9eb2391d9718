"""审核: the rows of the second stage: corrections, excessive requests, handing on, and ends before the work begins."""

from app.domain import acts, commands
from app.domain.machine import Check, ClockRule, Guard, Step
from app.domain.terms import ClockState, Doc, Role, State
from app.domain.workflow.accept import received
from app.domain.workflow.shared import BEFORE_SENDING, DESK, IN_HAND, day, lapsed, nobody_who_judged

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
        not any(
            isinstance(act, acts.CorrectionDelivered)
            or (isinstance(act, acts.CorrectionRequested) and act.delivered_on)
            for act in f.acts
        )
    ),
    "条例第30条",
)
not_yet_answered = Guard(
    "already_answered",
    "答复已经发出，不能再撤回申请；退回的，重新寄出",
    lambda f: not f.made(acts.Replied),
    "条例第27条",
)
correction_lapsed = Guard(
    "correction_period_running",
    "补正期限尚未届满，或者补正告知书的送达日尚未登记",
    lapsed,
    "条例第30条",
)
reasons_not_asked = Guard(
    "reasons_already_requested",
    "已经要求申请人说明理由",
    lambda f: not f.made(acts.ReasonsRequested),
    "条例第35条",
)
reasons_undelivered = Guard(
    "reasons_delivery_known",
    "没有未登记送达的说明理由告知书：尚未发出，送达日已经登记，或者申请人已经说明",
    lambda f: (
        f.made(acts.ReasonsRequested)
        and not any(
            isinstance(act, acts.ReasonsDelivered | acts.ReasonsReceived)
            or (isinstance(act, acts.ReasonsRequested) and act.delivered_on)
            for act in f.acts
        )
    ),
    "条例第35条",
)
reasons_asked = Guard(
    "reasons_not_requested",
    "须先要求申请人说明理由，才能登记其说明",
    lambda f: f.made(acts.ReasonsRequested) and not f.made(acts.ReasonsReceived),
    "条例第35条",
)
reasons_accepted = Guard(
    "reasons_not_accepted",
    "只有申请人说明了理由、机关认定理由合理的，才能确定延迟答复的期限",
    lambda f: (given := f.last(commands.ReceiveReasons)) is not None and given.reasonable,
    "条例第35条",
)
not_paused = Guard(
    "clock_is_waiting",
    "正在征求意见，答复或者撤回意见之前不能移送",
    lambda f: f.reading is None or f.reading.clock is not ClockState.PAUSED,
    "条例第33条第3款",
)
late_correction_explained = Check(
    "late_correction_unexplained",
    "补正期限已过：接受补正须写明申请人逾期的正当理由",
    lambda f, c: c.late_reason is not None or not lapsed(f, c.on),
    "条例第30条",
)
late_correction_judged = Check(
    "late_correction_needs_the_agency",
    "补正期限已过，是否有正当理由由机关判断：请将申请人的补正作为附件转交机关",
    lambda f, c: f.roles != {Role.PORTAL} or not lapsed(f, c.on),
    "条例第30条",
)
some_but_not_all = Check(
    "items_cannot_be_split",
    "分出的须是本案的申请内容，并且至少留下一项",
    lambda f, c: set(c.item_nos) < f.item_numbers and len(set(c.item_nos)) == len(c.item_nos),
    "国办函〔2020〕109号第4条",
)

ROWS = (
    Step(
        "告知补正",
        commands.RequestCorrection,
        frozenset({State.REVIEWING, State.HANDLING}),
        State.AWAITING_CORRECTION,
        DESK,
        "条例第30条",
        "申请内容不明确的，自收到申请之日起7个工作日内一次性告知申请人补正，说明需要补正的事项和合理的补正期限。",
        guards=(first_correction,),
        clock=ClockRule(
            "申请人收到补正告知书后等待补正；收到补正之日起重新计算答复期限",
            lambda f, c: (
                acts.CorrectionRequested(
                    on=c.on, delivered_on=c.delivered_on, reply_within_workdays=c.reply_within_workdays
                ),
            ),
        ),
        issues=frozenset({Doc.CORRECTION}),
    ),
    Step(
        "登记补正告知送达",
        commands.RecordCorrectionDelivery,
        frozenset({State.AWAITING_CORRECTION}),
        None,
        DESK | {Role.PORTAL},
        "条例第30条",
        "登记申请人收到补正告知书之日，补正期限从次日起算。未登记送达的，不停止计时，也不能按逾期未补正结案。",
        guards=(notice_undelivered,),
        clock=ClockRule(
            "自申请人收到补正告知书起，等待补正，停止计时", lambda f, c: (acts.CorrectionDelivered(on=day(c)),)
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
        checks=(late_correction_explained, late_correction_judged),
        clock=ClockRule("答复期限自收到补正之日起重新计算", lambda f, c: (acts.CorrectionReceived(on=day(c)),)),
    ),
    Step(
        "结案（逾期未补正）",
        commands.CloseUncorrected,
        frozenset({State.AWAITING_CORRECTION}),
        State.CLOSED,
        DESK,
        "条例第30条",
        "申请人无正当理由逾期不补正的，视为放弃申请，不再处理，案件转入归档。",
        guards=(correction_lapsed,),
        clock=ClockRule("停止计时", lambda f, c: (acts.Closed(on=day(c)),)),
        issues=frozenset({Doc.CLOSING}),
    ),
    Step(
        "要求说明理由",
        commands.RequestReasons,
        frozenset({State.REVIEWING, State.HANDLING}),
        None,
        DESK,
        "条例第35条",
        "申请的数量、频次明显超过合理范围的，要求申请人说明理由。理由不合理的可以告知不予处理；未经此步不能以大量反复为由不予处理。",
        guards=(reasons_not_asked,),
        clock=ClockRule(
            "不影响计时（机关可设为与补正同效）",
            lambda f, c: (
                acts.ReasonsRequested(
                    on=c.on, delivered_on=c.delivered_on, reply_within_workdays=c.reply_within_workdays
                ),
            ),
        ),
        issues=frozenset({Doc.REASONS}),
    ),
    Step(
        "登记说明理由告知送达",
        commands.RecordReasonsDelivery,
        IN_HAND | {State.REVIEWING},
        None,
        DESK,
        "条例第35条",
        "登记申请人收到说明理由告知书之日，说明的期限从次日起算。未登记送达的，不能以逾期未说明为由不予处理。",
        guards=(reasons_undelivered,),
        clock=ClockRule(
            "不影响计时（机关设为与补正同效的，停止计时）", lambda f, c: (acts.ReasonsDelivered(on=day(c)),)
        ),
    ),
    Step(
        "登记申请人说明的理由",
        commands.ReceiveReasons,
        frozenset({State.REVIEWING, State.HANDLING}),
        None,
        DESK | {Role.REVIEWER},
        "条例第35条",
        "登记申请人说明的理由，并作出理由是否合理的认定。",
        guards=(reasons_asked,),
        clock=ClockRule(
            "不影响计时（机关设为与补正同效的，重新起算）", lambda f, c: (acts.ReasonsReceived(on=day(c)),)
        ),
    ),
    Step(
        "确定延迟答复的期限",
        commands.SetExcessivePeriod,
        frozenset({State.REVIEWING, State.HANDLING}),
        None,
        frozenset({Role.APPROVER}),
        "条例第35条",
        "申请人说明的理由合理、但在法定期限内不能答复的，由负责人确定延迟答复的合理期限并告知申请人。",
        guards=(reasons_accepted,),
        clock=ClockRule(
            "答复期限改为所确定的日期", lambda f, c: (acts.ExcessivePeriodSet(on=c.on, due_on=c.due_on, basis=c.basis),)
        ),
    ),
    Step(
        "审核通过并交办",
        commands.Assign,
        frozenset({State.REVIEWING}),
        State.HANDLING,
        frozenset({Role.INTAKE_CLERK, Role.REVIEWER}),
        "条例第45条",
        "审核申请内容后交经办人办理，有人办、有回应。",
        checks=(nobody_who_judged,),
    ),
    Step(
        "移送其他机关",
        commands.Transfer,
        frozenset({State.REGISTERED, State.REVIEWING}),
        State.REGISTERED,
        frozenset({Role.INTAKE_CLERK, Role.REVIEWER}),
        "条例第10条、第36条第（五）项",
        "不属本机关负责公开、而由本市其他机关负责的，连同案件移送。收到之日不变，移送后由接收机关受理，本机关不再看到案件内容。",
        guards=(not_paused,),
        issues=frozenset({Doc.TRANSFER}),
    ),
    Step(
        "分立案件",
        commands.Split,
        frozenset({State.REVIEWING, State.HANDLING}),
        None,
        frozenset({Role.INTAKE_CLERK, Role.REVIEWER}),
        "国办函〔2020〕109号第4条",
        "一件申请包含多项内容的，把其中几项另立一件，收到之日和期限不变。",
        checks=(some_but_not_all,),
    ),
    Step(
        "并入另一件",
        commands.Merge,
        frozenset({State.REVIEWING, State.HANDLING}),
        State.CLOSED,
        frozenset({Role.INTAKE_CLERK, Role.REVIEWER}),
        "条例第36条",
        "同一申请人就同一信息分次提交的，并入在办的一件，本件结案。",
        clock=ClockRule("停止计时", lambda f, c: (acts.Closed(on=day(c)),)),
        issues=frozenset({Doc.CLOSING}),
    ),
    Step(
        "登记申请人撤回",
        commands.Withdraw,
        BEFORE_SENDING | {State.REGISTERED},
        State.CLOSED,
        DESK | {Role.PORTAL},
        "条例第27条",
        "申请人在答复发出前撤回申请的，登记撤回的方式和凭证，结案。尚未确认收到的，先确认收到。",
        guards=(received, not_yet_answered),
        clock=ClockRule("停止计时", lambda f, c: (acts.Withdrawn(on=day(c)),)),
        issues=frozenset({Doc.CLOSING}),
    ),
)
