"""For every check the cases that pass it, and cases that trip it and nothing else."""

from dataclasses import dataclass, field
from typing import Any

from app.domain import commands
from app.domain.acts import (
    Act,
    ConsultationAnswered,
    ConsultationSent,
    CorrectionRequested,
    Extended,
    FeeDelivered,
    FeeNotified,
    FeePaid,
    ReasonsReceived,
    ReasonsRequested,
    Replied,
)
from app.domain.facts import Facts
from app.domain.terms import (
    Carrier,
    CheckCode,
    ConsultationKind,
    DeliveryMethod,
    FeeMethod,
    LegalQualification,
    Position,
    ReplyKind,
    SearchScope,
    State,
)
from tests.domain.check_cases import DUE, REASON, TODAY, day, facts, item, past, settings

K = ReplyKind
C = CheckCode


@dataclass(frozen=True)
class Trial:
    """A case with one thing about it, the check concerned, and a word of what it says (none: it passes)."""

    name: str
    code: CheckCode
    case: dict[str, Any]
    items: tuple[commands.Conclusion, ...] = ()
    says: tuple[str, ...] = field(default=())

    @property
    def facts(self) -> Facts:
        return facts(*self.items, **self.case)


def passes(code: CheckCode, name: str, *items: commands.Conclusion, **case: Any) -> Trial:
    return Trial(name, code, case, items)


def trips(code: CheckCode, name: str, *items: commands.Conclusion, says: str | tuple[str, ...], **case: Any) -> Trial:
    return Trial(name, code, case, items, (says,) if isinstance(says, str) else says)


def search(scope: SearchScope, *, found: bool = False, place: str = "") -> commands.RecordSearch:
    return commands.RecordSearch(
        on=day(3, 4),
        scope=scope,
        place=place or scope.label,
        keywords=["考核结果"],
        period="2024年至2026年",
        searcher="李某",
        found=found,
        result="检索到1份" if found else "未检索到",
    )


def consult(ref: str = "A", kind: ConsultationKind = ConsultationKind.THIRD_PARTY) -> commands.Consult:
    return commands.Consult(on=day(3, 3), ref=ref, kind=kind, party=f"海州{ref}公司", disclosing="许可证及附图")


def asked(ref: str = "A", delivered: int | None = 4) -> ConsultationSent:
    return ConsultationSent(
        on=day(3, 3),
        ref=ref,
        kind=ConsultationKind.THIRD_PARTY,
        delivered_on=day(3, delivered) if delivered else None,
    )


def answer(position: Position, ref: str = "A") -> commands.RecordConsultationAnswer:
    return commands.RecordConsultationAnswer(on=day(3, 5), ref=ref, position=position, opinion="见来函")


ANSWERED: dict[str, list[Act]] = {"acts": [asked(), ConsultationAnswered(on=day(3, 5), ref="A")]}
TOLD = commands.NotifyThirdParty(ref="A", content="许可证", public_interest="涉及公共安全", proof_ref="回执")
BOTH = (search(SearchScope.BUSINESS_UNIT), search(SearchScope.ARCHIVE_ROOM))
LATE = day(3, 31)


def fee(**changes: Any) -> commands.NotifyFee:
    given: dict[str, Any] = {"on": day(3, 3), "method": "per_page", "pages": 45, "payment": "银行", "sent_by": "post"}
    return commands.NotifyFee(**(given | changes))


FEE_PAID = [FeeNotified(on=day(3, 3), delivered_on=day(3, 4)), FeePaid(on=day(3, 5))]
PAYMENT = commands.RecordPayment(on=day(3, 5), amount_yuan=150, receipt_no="370601")
REFUND = commands.RefundFee(on=day(3, 6), amount_yuan=150, reason="误收", receipt_no="370602")


def posted(**changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"on": TODAY, "method": "post", "carrier": "中国邮政速递物流", "tracking_no": "EX1"}
    return away(commands.Deliver(**(given | changes)))


def away(delivery: commands.Deliver) -> dict[str, Any]:
    acts = [Replied(on=delivery.on)] if delivery.on else []
    return {
        "state": State.DELIVERING,
        "signed_on": day(3, 10),
        "sending": delivery.method,
        "after": [delivery],
        "acts": acts,
    }


REASONS_ASKED = commands.RequestReasons(on=day(3, 3), circumstances="本月46件", reply_within_workdays=3)
UNREASONABLE = commands.ReceiveReasons(on=day(3, 5), content="就是要", reasonable=False, opinion="没有理由")
EXCESSIVE_ACTS = [ReasonsRequested(on=day(3, 3), delivered_on=day(3, 4), reply_within_workdays=3)]
SECRET = commands.Secret(level="秘密", period="10年", ground="定密规定第3项")
LEGAL = commands.ReviewLegality(
    on=day(3, 9), passed=True, reviewer="王某", qualification=LegalQualification.PUBLIC_LAWYER, opinion="合法"
)

TRIALS = (
    passes(C.K01, "on the last day", today=DUE),
    passes(C.K01, "answered in time, long ago", today=day(6, 1), acts=[Replied(on=DUE)], state=State.SIGNED),
    trips(C.K01, "a day late", today=LATE, says=("2026-03-30", "2026-03-31")),
    trips(C.K01, "answered late", today=day(6, 1), acts=[Replied(on=LATE)], state=State.ARCHIVED, says="才答复"),
    passes(C.K02, "told on the seventh working day", acts=[CorrectionRequested(on=day(3, 11))], today=day(3, 12)),
    trips(
        C.K02,
        "told on the eighth",
        acts=[CorrectionRequested(on=day(3, 12))],
        today=day(3, 12),
        says=("第8个工作日", "2026-03-12"),
    ),
    trips(
        C.K02,
        "told twice",
        acts=[CorrectionRequested(on=day(3, 4)), CorrectionRequested(on=day(3, 5))],
        says="告知2次",
    ),
    passes(
        C.K03,
        "extended in time",
        acts=[Extended(on=day(3, 5), workdays=20)],
        before=[commands.Extend(on=day(3, 5), workdays=20, reason="调档", approved_on=day(3, 5))],
    ),
    trips(
        C.K03,
        "approved after the notice",
        acts=[Extended(on=day(3, 5), workdays=20)],
        before=[commands.Extend(on=day(3, 5), workdays=20, reason="调档", approved_on=day(3, 6))],
        says=("2026-03-05", "2026-03-06"),
    ),
    trips(C.K03, "nobody's extension", acts=[Extended(on=day(3, 5), workdays=5)], says="没有工作机构负责人同意"),
    trips(
        C.K03,
        "beyond twenty days",
        acts=[Extended(on=day(3, 4), workdays=15), Extended(on=day(3, 5), workdays=15)],
        before=[commands.Extend(on=day(3, n), workdays=15, reason="调档") for n in (4, 5)],
        says="30 个工作日",
    ),
    passes(C.K04, "both places", item(K.UNABLE_NOT_EXIST), before=BOTH),
    passes(
        C.K04,
        "found at first, not when looked for again",
        item(K.UNABLE_NOT_EXIST),
        before=[search(SearchScope.ARCHIVE_ROOM, found=True), *BOTH],
    ),
    passes(
        C.K04,
        "what was found is the other item",
        item(),
        item(K.UNABLE_NOT_EXIST, 2),
        before=[*BOTH, search(SearchScope.SYSTEM, found=True)],
    ),
    passes(
        C.K04,
        "the agency has no archive room",
        item(K.UNABLE_NOT_EXIST),
        before=[search(SearchScope.SYSTEM)],
        settings=settings(search_scopes=["system"]),
    ),
    trips(C.K04, "nowhere looked", item(K.UNABLE_NOT_EXIST), says=("第1项", "业务科室", "档案室")),
    trips(C.K04, "one place", item(K.UNABLE_NOT_EXIST), before=BOTH[:1], says="没有在档案室检索"),
    trips(
        C.K04,
        "found after all",
        item(K.UNABLE_NOT_EXIST),
        before=[*BOTH, search(SearchScope.SYSTEM, found=True, place="办公系统")],
        says=("办公系统", "2026-03-04", "检索到"),
    ),
    passes(C.K05, "agreed", third_party_concerned=True, before=[consult(), answer(Position.AGREES)], **ANSWERED),
    passes(
        C.K05,
        "silent for fifteen working days",
        third_party_concerned=True,
        before=[consult()],
        acts=[asked()],
        today=day(3, 26),
    ),
    trips(C.K05, "never asked", third_party_concerned=True, says="没有征求"),
    trips(C.K05, "never asked, withheld", item(K.DENY_THIRD_PARTY), says="没有征求"),
    trips(
        C.K05,
        "asked another agency only",
        third_party_concerned=True,
        before=[consult(kind=ConsultationKind.OTHER_AGENCY)],
        says="没有征求",
    ),
    trips(
        C.K05, "on the fifteenth day", before=[consult()], acts=[asked()], today=day(3, 25), says=("A", "2026-03-25")
    ),
    trips(C.K05, "no proof it arrived", before=[consult()], acts=[asked(delivered=None)], says="没有登记送达之日"),
    trips(
        C.K05,
        "one of two silent",
        before=[consult(), consult("B"), answer(Position.AGREES)],
        acts=[*ANSWERED["acts"], asked("B")],
        says="海州B公司",
    ),
    trips(
        C.K05,
        "withheld for one who agrees",
        item(K.DENY_THIRD_PARTY),
        before=[consult(), answer(Position.AGREES)],
        says="已经同意公开",
        **ANSWERED,
    ),
    passes(C.K06, "overruled and told", before=[consult(), answer(Position.OBJECTS)], after=[TOLD], **ANSWERED),
    passes(
        C.K06,
        "overruled on what is marked as theirs, and told",
        item(K.PARTIAL),
        third_party_concerned=True,
        before=[consult(), answer(Position.OBJECTS)],
        after=[TOLD],
        **ANSWERED,
    ),
    trips(
        C.K06,
        "overruled and not told",
        before=[consult(), answer(Position.OBJECTS)],
        says=("海州A公司", "书面告知"),
        **ANSWERED,
    ),
    trips(
        C.K06,
        "agreed to a part, all disclosed",
        before=[consult(), answer(Position.AGREES_IN_PART)],
        says="海州A公司",
        **ANSWERED,
    ),
    trips(
        C.K06,
        "told another",
        before=[consult(), consult("B"), answer(Position.OBJECTS), answer(Position.OBJECTS, "B")],
        acts=[*ANSWERED["acts"], asked("B"), ConsultationAnswered(on=day(3, 5), ref="B")],
        after=[TOLD],
        says="海州B公司",
    ),
    passes(C.K07, "its own facts", item(K.DENY_INTERNAL)),
    passes(
        C.K07,
        "short, and short is enough here",
        item(K.DENY_INTERNAL, reason="属于人事管理信息"),
        settings=settings(minimum_reason=8),
    ),
    trips(
        C.K07,
        "only the law",
        item(),
        item(K.DENY_INTERNAL, 2, reason="根据条例第16条第1款的规定，不予公开"),
        says=("第2项", "说理不足"),
    ),
    passes(C.K08, "the article that fits"),
    trips(C.K08, "another article", item(citations=["条例第14条"]), says=("第1项", "第14条")),
    trips(
        C.K08,
        "the old Regulation in the reason",
        item(reason="依据2007年《政府信息公开条例（2007）》第十三条公开"),
        says=("理由", "失效"),
    ),
    trips(
        C.K08,
        "no such article in the body",
        body="依据《政府信息公开条例》第九十条作出。",
        says=("答复正文", "没有第90条"),
    ),
    passes(C.K09, "severability considered, and the part described", item(K.PARTIAL)),
    passes(C.K09, "the part as a file", item(K.PARTIAL, provision=None), attachments=frozenset({"redacted"})),
    trips(
        C.K09,
        "a part without the part",
        item(),
        item(K.PARTIAL, 2, provision=None),
        attachments=frozenset({"evidence"}),
        says=("第2项部分公开", "redacted", "provision"),
    ),
    trips(C.K09, "not considered", item(K.DENY_INTERNAL, severability=None), says=("第1项", "severability")),
    trips(C.K09, "not considered in part", item(), item(K.PARTIAL, 2, severability=None), says="第2项"),
    passes(C.K10, "two items, two answers", item(), item(no=2)),
    trips(C.K10, "an item forgotten", item_numbers=frozenset({1, 3}), says="第3项没有处理结论"),
    trips(C.K10, "an item nobody asked for", item(), item(no=2), item_numbers=frozenset({1}), says="第2项不在"),
    trips(C.K10, "an item answered twice", item(), item(), says="第1项有不止一个"),
    passes(C.K11, "its own name"),
    trips(C.K11, "an internal office", settings=settings(external_name=False), says="不得签发"),
    passes(
        C.K12,
        "named",
        item(K.UNABLE_NOT_OURS, responsible=commands.ResponsibleAgency(name="市自然资源局", contact="0535-0000000")),
    ),
    passes(C.K12, "unknown, and said so", item(K.UNABLE_NOT_OURS, responsible_unknown=True)),
    trips(C.K12, "left unsaid", item(K.UNABLE_NOT_OURS), says=("第1项", "responsible")),
    trips(
        C.K12,
        "known and unknown",
        item(
            K.UNABLE_NOT_OURS,
            responsible=commands.ResponsibleAgency(name="市自然资源局", contact="0535-0000000"),
            responsible_unknown=True,
        ),
        says="又注明无法确定",
    ),
    passes(
        C.K13, "in the gazette", item(K.GRANT_PUBLISHED, published=commands.Published(where="公报", checked_on=TODAY))
    ),
    trips(C.K13, "somewhere", item(K.GRANT_PUBLISHED), says=("第1项", "published")),
    trips(
        C.K13,
        "looked up tomorrow",
        item(K.GRANT_PUBLISHED, published=commands.Published(where="公报", checked_on=day(3, 11))),
        says=("2026-03-11", "2026-03-10"),
    ),
    passes(C.K14, "answered before", item(K.REJECT_REPEAT, earlier_case_no="X-1"), known_earlier=frozenset({"X-1"})),
    trips(C.K14, "before, but when", item(K.REJECT_REPEAT), says="earlier_case_no"),
    trips(
        C.K14,
        "an unknown number",
        item(K.REJECT_REPEAT, earlier_case_no="X-2"),
        known_earlier=frozenset({"X-1"}),
        says="X-2",
    ),
    passes(C.K15, "shown the way", item(K.REJECT_PETITION, guidance="可以向市信访局提出")),
    trips(C.K15, "turned away", item(K.REJECT_PETITION), says="guidance"),
    trips(
        C.K15, "called a petition", item(K.REJECT_PETITION, guidance="市信访局", reason="属于信访"), says="没有充分说明"
    ),
    passes(
        C.K16,
        "no good reason",
        item(K.REJECT_EXCESSIVE),
        before=[REASONS_ASKED, UNREASONABLE],
        acts=[*EXCESSIVE_ACTS, ReasonsReceived(on=day(3, 5))],
    ),
    passes(
        C.K16,
        "no answer in time",
        item(K.REJECT_EXCESSIVE),
        before=[REASONS_ASKED],
        acts=EXCESSIVE_ACTS,
    ),
    trips(C.K16, "never asked why", item(K.REJECT_EXCESSIVE), says="没有先要求"),
    trips(
        C.K16,
        "on the last day",
        item(K.REJECT_EXCESSIVE),
        before=[REASONS_ASKED],
        acts=EXCESSIVE_ACTS,
        today=day(3, 9),
        says="2026-03-09",
    ),
    trips(
        C.K16,
        "no proof it arrived",
        item(K.REJECT_EXCESSIVE),
        before=[REASONS_ASKED],
        acts=[EXCESSIVE_ACTS[0].model_copy(update={"delivered_on": None})],
        says="没有登记申请人收到之日",
    ),
    trips(
        C.K16,
        "a good reason",
        item(K.REJECT_EXCESSIVE),
        before=[REASONS_ASKED, UNREASONABLE.model_copy(update={"reasonable": True})],
        acts=[*EXCESSIVE_ACTS, ReasonsReceived(on=day(3, 5))],
        says="理由合理",
    ),
    passes(C.K17, "the periods told rightly", body="可以自收到本答复之日起60日内向海州市人民政府申请行政复议。"),
    trips(
        C.K17,
        "nobody to turn to",
        settings=settings(reconsideration_authority=None, court=None),
        says=("reconsideration_authority", "court"),
    ),
    trips(C.K17, "three months", body="可以在3个月内向人民法院提起行政诉讼。", says=("3个月", "6个月")),
    trips(C.K17, "thirty days", item(reason="不服的，可以在三十日内申请行政复议"), says=("理由", "60日")),
    trips(C.K17, "straight to court", item(K.DENY_INTERNAL), body="可以在六个月内向法院起诉。", says="先申请行政复议"),
    trips(C.K17, "the old choice", body="可以向上一级主管部门申请行政复议。", says="全称"),
    passes(
        C.K18,
        "named",
        wanted=DeliveryMethod.EMAIL,
        settings=settings(reconsideration_url="复议网上渠道"),
    ),
    trips(C.K18, "not named", wanted=DeliveryMethod.WEB, says="reconsideration_url"),
    passes(C.K19, "with proof", **(posted() | {"state": State.DELIVERED, "proof_of_delivery": True})),
    trips(C.K19, "without", **(posted() | {"state": State.DELIVERED}), says="凭证"),
    passes(C.K20, "by the post office", **posted()),
    passes(C.K20, "by its express service", **posted(carrier="ems")),
    trips(C.K20, "by a courier", **posted(carrier="某某速运"), says="某某速运"),
    trips(C.K20, "at the applicant's cost", **posted(freight_collect=True), says="到付"),
    trips(C.K20, "without a number", **posted(tracking_no=None), says="单号"),
    passes(C.K21, "cleared"),
    trips(C.K21, "never reviewed", secrecy_cleared=False, says="保密审查"),
    trips(
        C.K21,
        "an earlier draft reviewed",
        after=[("jingban", commands.Submit(conclusions=[item()]))],
        says="以前的答复稿",
    ),
    trips(C.K21, "no review of the only draft", past=past(commands.Submit(conclusions=[item()])), says="重新审查"),
    passes(C.K21, "cleared on an imported record without steps", past=()),
    trips(
        C.K21,
        "by the drafter",
        after=[("jingban", commands.ReviewSecrecy(cleared=True, opinion="可以"))],
        says="jingban",
    ),
    trips(C.K21, "after signing", signed_on=day(3, 6), state=State.SIGNED, says=("2026-03-09", "2026-03-06")),
    passes(C.K22, "a file number is nobody's", body="见海政字〔2025〕12号，共20250301件。"),
    trips(C.K22, "a telephone number", body="请联系13800000000。", says=("答复正文", "138****0000")),
    trips(
        C.K22, "an identity number", item(found="持证人11010519491231002X"), says=("第1项的事实", "110***********002X")
    ),
    passes(C.K23, "land has its use", item(K.DENY_INTERNAL, reason="该地块规划用途为居住用地。" + REASON)),
    trips(
        C.K23, "three needs", item(K.DENY_INTERNAL, reason="不符合三需要。" + REASON), says=("第1项的理由", "三需要")
    ),
    trips(
        C.K23, "no purpose given", item(K.UNABLE_CREATE, existing="散见各卷"), body="你没有说明用途。", says="答复正文"
    ),
    passes(C.K24, "as wished", **posted()),
    passes(C.K24, "otherwise, and why", form_reason="载体易损", **(posted() | {"wanted": DeliveryMethod.PICKUP})),
    trips(C.K24, "otherwise", **(posted() | {"wanted": DeliveryMethod.PICKUP}), says=("当面领取", "邮寄")),
    trips(C.K24, "on paper for a file", **(posted() | {"carrier": Carrier.ELECTRONIC}), says="电子文本"),
    passes(C.K25, "what there is", item(K.UNABLE_CREATE, existing="只有逐月台账")),
    trips(C.K25, "nothing said", item(K.UNABLE_CREATE), says="existing"),
    passes(C.K26, "per page, paid", before=[fee(), PAYMENT], acts=FEE_PAID),
    passes(
        C.K26,
        "per request, paid",
        before=[
            fee(method=FeeMethod.PER_REQUEST, pages=None),
            PAYMENT.model_copy(update={"amount_yuan": 100}),
        ],
        acts=FEE_PAID,
    ),
    passes(
        C.K26,
        "wrongly charged and given back",
        before=[fee(pages=30), PAYMENT, REFUND],
        acts=FEE_PAID,
    ),
    passes(C.K26, "not yet paid", before=[fee()], acts=FEE_PAID[:1], state=State.AWAITING_PAYMENT),
    trips(C.K26, "within the allowance", before=[fee(pages=30)], acts=FEE_PAID, says="免费额度"),
    trips(C.K26, "another way", before=[fee(sent_by="email")], acts=FEE_PAID, says="邮寄"),
    trips(
        C.K26,
        "uncountable",
        before=[fee(method="per_request", pages=None)],
        acts=FEE_PAID,
        requests_in_month=None,
        says="证件号码",
    ),
    trips(
        C.K26,
        "for what is published",
        item(K.GRANT_PUBLISHED, published=commands.Published(where="公报", checked_on=TODAY)),
        before=[fee()],
        acts=FEE_PAID,
        says="不按量计收",
    ),
    trips(
        C.K26,
        "too much",
        before=[fee(), PAYMENT.model_copy(update={"amount_yuan": 200})],
        acts=FEE_PAID,
        says=("200元", "150元"),
    ),
    trips(C.K26, "twice", before=[fee(), fee()], acts=FEE_PAID, says="不止一份"),
    trips(C.K26, "paid without a new base", before=[fee(), PAYMENT], acts=FEE_PAID[:1], says="重新计算"),
    trips(
        C.K26,
        "after the deadline",
        before=[fee(on=LATE), PAYMENT.model_copy(update={"on": day(4, 1)})],
        acts=[FeeNotified(on=LATE), FeeDelivered(on=LATE), FeePaid(on=day(4, 1))],
        today=day(4, 2),
        says="2026-03-30",
    ),
    passes(C.K27, "marked", item(K.DENY_STATE_SECRET, secret=SECRET)),
    trips(C.K27, "unmarked", item(K.DENY_STATE_SECRET), says=("第1项", "secret")),
    passes(
        C.K28,
        "signed on the day of receipt",
        state=State.SIGNED,
        signed_on=day(3, 2),
        after=[("baomi", commands.ReviewSecrecy(on=day(3, 2), cleared=True, opinion="可以"))],
    ),
    passes(C.K28, "in order", state=State.SIGNED, signed_on=TODAY),
    trips(
        C.K28,
        "signed before it was asked",
        **(
            posted()
            | {
                "signed_on": day(3, 1),
                "after": [
                    ("baomi", commands.ReviewSecrecy(on=day(3, 1), cleared=True, opinion="可以")),
                    *posted()["after"],
                ],
            }
        ),
        says=("2026-03-01", "2026-03-02"),
    ),
    trips(C.K28, "signed tomorrow", state=State.SIGNED, signed_on=day(3, 11), says="晚于今天"),
    trips(C.K28, "sent before it was signed", **posted(on=day(3, 9)), says=("2026-03-09", "2026-03-10")),
    passes(C.K29, "passed", after=[("falv", LEGAL)], settings=settings(legal_review_required=True)),
    trips(C.K29, "not passed", legality_passed=False, settings=settings(legal_review_required=True), says="合法性审查"),
    passes(C.K29, "passed on an imported record without steps", past=(), settings=settings(legal_review_required=True)),
    trips(
        C.K29,
        "an earlier draft passed",
        before=[("falv", LEGAL)],
        settings=settings(legal_review_required=True),
        says="以前的答复稿",
    ),
    passes(C.K30, "an address"),
    passes(
        C.K30, "came back once, and went out again", before=[commands.RecordReturn(on=day(3, 9), reason="地址不详")]
    ),
    trips(C.K30, "nowhere to send it", reachable=False, says="无法送达"),
    trips(
        C.K30,
        "came back",
        after=[commands.RecordReturn(on=day(3, 9), reason="地址不详")],
        state=State.SIGNED,
        says="2026-03-09",
    ),
)
