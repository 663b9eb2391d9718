"""办理: the rows of the third stage: who works on it, searching, consulting, assisting, talking, extending."""

from app.domain import acts, commands
from app.domain.facts import Facts
from app.domain.machine import Check, ClockRule, Guard, Step
from app.domain.terms import ConsultationKind, Doc, Position, Role, State
from app.domain.workflow.shared import BEFORE_SENDING, DESK, IN_HAND, day, nobody_who_judged


def _sent(facts: Facts, ref: str) -> bool:
    return any(consulted.ref == ref for consulted in facts.taken(commands.Consult))


def _objected(facts: Facts, ref: str) -> bool:
    return any(
        answer.ref == ref and answer.position is not Position.AGREES
        for answer in facts.taken(commands.RecordConsultationAnswer)
    )


before_due = Guard(
    "due_date_passed",
    "答复期限已经届满，不能再延长",
    lambda f: f.due_on is not None and f.today <= f.due_on,
    "条例第33条第2款",
)
approved_in_time = Check(
    "approved_after_notice",
    "工作机构负责人同意之日不能晚于告知申请人之日",
    lambda f, c: c.approved_on is None or c.approved_on <= c.on,
    "条例第33条第2款",
)
ref_is_new = Check("consultation_ref_taken", "这个征求意见编号已经用过", lambda f, c: not _sent(f, c.ref), "条例第32条")
ref_exists = Check("no_such_consultation", "没有这个编号的征求意见", lambda f, c: _sent(f, c.ref), "条例第32条")
third_party_objected = Check(
    "third_party_did_not_object",
    "只有第三方不同意公开、机关决定公开的，才需要告知第三方",
    lambda f, c: (
        _objected(f, c.ref)
        and any(
            consulted.ref == c.ref and consulted.kind is ConsultationKind.THIRD_PARTY
            for consulted in f.taken(commands.Consult)
        )
    ),
    "条例第32条",
)

ROWS = (
    Step(
        "改派经办人",
        commands.Reassign,
        frozenset({State.HANDLING}),
        None,
        frozenset({Role.INTAKE_CLERK, Role.REVIEWER}),
        "条例第45条",
        "把案件改交另一名经办人，写明原因。",
        checks=(nobody_who_judged,),
    ),
    Step(
        "登记检索",
        commands.RecordSearch,
        frozenset({State.HANDLING}),
        None,
        frozenset({Role.HANDLER}),
        "条例第36条第（四）项",
        "登记一次检索：在哪里、用什么词、查什么时间、谁查的、查到什么。答复“不存在”至少须有业务科室和档案室两处检索。",
    ),
    Step(
        "征求意见",
        commands.Consult,
        frozenset({State.HANDLING}),
        None,
        frozenset({Role.HANDLER}),
        "条例第32条、第33条第3款、第34条",
        "书面征求第三方、共同制作机关或者其他机关的意见，对方自收到之日起15个工作日内答复。可以同时征求几方，重叠的时间只扣一次。",
        checks=(ref_is_new,),
        clock=ClockRule(
            "征求意见所需时间不计入答复期限",
            lambda f, c: (acts.ConsultationSent(on=c.on, ref=c.ref, kind=c.kind, delivered_on=c.delivered_on),),
        ),
        issues=frozenset({Doc.CONSULT_THIRD_PARTY, Doc.CONSULT_CO_PRODUCER, Doc.CONSULT_AGENCY, Doc.CONSULT_APPLICANT}),
    ),
    Step(
        "登记征求意见书送达",
        commands.RecordConsultationDelivery,
        IN_HAND,
        None,
        DESK,
        "条例第32条、第34条",
        "登记对方收到征求意见书之日，15个工作日从次日起算。",
        checks=(ref_exists,),
        clock=ClockRule(
            "对方的15个工作日自收到次日起算", lambda f, c: (acts.ConsultationDelivered(on=c.on, ref=c.ref),)
        ),
    ),
    Step(
        "登记征求意见的回复",
        commands.RecordConsultationAnswer,
        IN_HAND,
        None,
        DESK,
        "条例第32条、第34条",
        "登记对方的意见。第三方逾期不答复的由机关决定是否公开；共同制作机关逾期不答复的视为同意公开。",
        checks=(ref_exists,),
        clock=ClockRule("自次日起恢复计时", lambda f, c: (acts.ConsultationAnswered(on=c.on, ref=c.ref),)),
    ),
    Step(
        "告知第三方决定公开",
        commands.NotifyThirdParty,
        IN_HAND,
        None,
        DESK,
        "条例第32条",
        "第三方不同意公开、但不公开可能对公共利益造成重大影响而决定公开的，把公开的内容和理由书面告知第三方。",
        checks=(ref_exists, third_party_objected),
        issues=frozenset({Doc.NOTICE_THIRD_PARTY}),
    ),
    Step(
        "请求其他机关协助",
        commands.AskAssistance,
        frozenset({State.REVIEWING, State.HANDLING}),
        None,
        DESK,
        "条例第11条",
        "请本市其他机关在系统内协助核实。对方只看到所问的事项；协助不停止计时，需要停止计时的应当用“征求意见”。",
        issues=frozenset({Doc.ASSIST}),
    ),
    Step(
        "登记与申请人的沟通",
        commands.RecordContact,
        BEFORE_SENDING,
        None,
        DESK,
        "条例第30条",
        "记录与申请人沟通的时间、方式和要点，全面准确了解其真实诉求。",
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
        clock=ClockRule(
            "法定答复期限延长所填的工作日数；内控期限不变",
            lambda f, c: (acts.Extended(on=day(c), workdays=c.workdays),),
        ),
        issues=frozenset({Doc.EXTENSION}),
    ),
)
