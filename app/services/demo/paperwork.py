"""The commands clerks of 海州市 write: each with believable words, none with a day (the course gives it)."""

import datetime as dt
from collections.abc import Iterator, Sequence

from app.domain import commands as c
from app.domain.replies import REPLIES
from app.domain.sending import ELECTRONIC
from app.domain.terms import (
    CheckCode,
    ConsultationKind,
    ContactWay,
    DeliveryMethod,
    FeeMethod,
    LegalQualification,
    Position,
    ProofKind,
    ReplyFamily,
    ReplyKind,
    Role,
    SearchScope,
    SendMethod,
)

Work = tuple[Role, c.Command]

FEE_PAGES, FEE_YUAN = 45, 150

_PROOFS = {
    DeliveryMethod.POST: (ProofKind.POSTAL_RECEIPT, "妥投回执"),
    DeliveryMethod.EMAIL: (ProofKind.SENDING_LOG, "发送与收悉记录"),
    DeliveryMethod.WEB: (ProofKind.SENDING_LOG, "发送与收悉记录"),
    DeliveryMethod.FAX: (ProofKind.SENDING_LOG, "发送与收悉记录"),
    DeliveryMethod.PICKUP: (ProofKind.SIGNED_RECEIPT, "送达回证"),
    DeliveryMethod.INSPECT: (ProofKind.SIGNED_RECEIPT, "送达回证"),
}


def inquiries(kinds: Sequence[ReplyKind], period: str) -> Iterator[Work]:
    """Everything that must be found out before a reply of these kinds may be drafted, in order."""
    if any(REPLIES[kind].family in _HELD for kind in kinds):
        yield Role.HANDLER, _search(SearchScope.SYSTEM, "办公自动化系统", period, found=True)
    if ReplyKind.UNABLE_NOT_EXIST in kinds:
        yield Role.HANDLER, _search(SearchScope.BUSINESS_UNIT, "业务科室", period, found=False)
        yield Role.HANDLER, _search(SearchScope.ARCHIVE_ROOM, "机关档案室", period, found=False)
    if ReplyKind.DENY_THIRD_PARTY in kinds:
        yield from consultation(Position.OBJECTS)
    if ReplyKind.REJECT_EXCESSIVE in kinds:
        yield (
            Role.HANDLER,
            c.RequestReasons(
                circumstances="申请人两个月内向本机关提出内容相近的申请六十三件", reply_within_workdays=10
            ),
        )
        yield (
            Role.HANDLER,
            c.ReceiveReasons(
                content="想了解情况", reasonable=False, opinion="所列六十三件内容大量重叠，所说明的理由不合理"
            ),
        )


_HELD = frozenset({ReplyFamily.GRANT, ReplyFamily.PARTIAL, ReplyFamily.DENY})


def consultation(position: Position | None) -> Iterator[Work]:
    """Ask a third party; with its answer, unless it has not answered yet."""
    yield (
        Role.HANDLER,
        c.Consult(
            ref="A",
            kind=ConsultationKind.THIRD_PARTY,
            party="海州市云帆机械有限公司（演示）",
            contact="13800000000",
            disclosing="技术方案中的工艺参数和采购清单",
        ),
    )
    yield Role.HANDLER, c.RecordConsultationDelivery(ref="A", proof_ref="XA00000000CN 妥投回执")
    if position is not None:
        opinion = "工艺参数和采购成本是我公司采取保密措施的商业秘密，不同意公开"
        yield Role.HANDLER, c.RecordConsultationAnswer(ref="A", position=position, opinion=opinion)


def _search(scope: SearchScope, place: str, period: str, *, found: bool) -> c.RecordSearch:
    return c.RecordSearch(
        scope=scope,
        place=place,
        keywords=["项目名称", "文号"],
        period=period,
        searcher="档案管理员（演示）",
        found=found,
        result="检索到文件1份" if found else "以项目名称和文号逐年检索，没有检索到",
    )


def request_for_help(agency_code: str, answer_by: dt.date) -> c.AskAssistance:
    return c.AskAssistance(
        agency_code=agency_code, question="请核实该文件是否由贵机关制作，并说明能否公开", answer_by=answer_by
    )


def contact() -> c.RecordContact:
    return c.RecordContact(way=ContactWay.PHONE, gist="申请人说明实际需要的是正文，不需要附图")


def legal_review() -> c.ReviewLegality:
    return c.ReviewLegality(
        passed=True,
        reviewer="公职律师（演示）",
        qualification=LegalQualification.PUBLIC_LAWYER,
        opinion="事实清楚，依据正确，程序合法",
    )


def let_late_pass() -> c.Override:
    """Let a late reply go out: it is owed all the same, and stays on record as late."""
    return c.Override(check=CheckCode.K01, reason="已超过法定期限，答复义务仍在，查明原因后尽快发出")


def let_paper_precedent_pass() -> c.Override:
    """Accept an earlier reply that was made before this service was there."""
    return c.Override(check=CheckCode.K14, reason="前一件为系统启用前的纸质案件，答复书已经核对")


def fee_notice(way: DeliveryMethod) -> c.NotifyFee:
    return c.NotifyFee(
        method=FeeMethod.PER_PAGE,
        pages=FEE_PAGES,
        payment="凭通知书到市行政服务中心缴费窗口缴纳",
        sent_by=way,
    )


def payment(number: int) -> c.RecordPayment:
    return c.RecordPayment(amount_yuan=FEE_YUAN, receipt_no=f"3799{number:010d}")


def sending(way: DeliveryMethod, tracking_no: str, late_reason: str | None) -> c.Deliver:
    method = SendMethod(way.value)
    electronic = method in ELECTRONIC
    posted = method is SendMethod.POST
    return c.Deliver(
        method=method,
        carrier="中国邮政" if posted else None,
        tracking_no=tracking_no if posted else None,
        address="申请表所填的收件地址" if electronic else None,
        consent="申请表中勾选同意电子送达" if electronic else None,
        late_reason=late_reason,
    )


def arrival(way: DeliveryMethod, number: int, late_reason: str | None) -> c.ConfirmDelivery:
    proof, source = _PROOFS[way]
    return c.ConfirmDelivery(proof=proof, proof_ref=f"{source}第{number}号", receiver="本人", late_reason=late_reason)
