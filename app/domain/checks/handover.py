"""Checks of who answers, who looked at the draft, and how it reaches the applicant (K11, K18–K21, K24, K29, K30)."""

from app.domain import commands
from app.domain.checks.rule import CheckRule, drafted, newest, sent
from app.domain.facts import Facts, Past
from app.domain.sending import ONLINE, postal_faults
from app.domain.terms import Carrier, CheckCode, CheckGate, CheckLevel, SendMethod, State

_SIGN, _DELIVER = (CheckGate.SIGN,), (CheckGate.DELIVER,)

_CANNOT_CARRY = {
    Carrier.PAPER: ONLINE,
    Carrier.ELECTRONIC: frozenset({SendMethod.POST, SendMethod.FAX}),
    Carrier.DISC: ONLINE | {SendMethod.FAX},
}
"""Ways by which the form asked for cannot have arrived."""


def _author(facts: Facts) -> list[str]:
    if facts.settings.external_name:
        return []
    return ["本机关设为不能以自己的名义对外行文（external_name），不得签发答复，应当由有权的机关作出"]


def _way(facts: Facts) -> SendMethod | None:
    """The way the reply takes: as it was sent, before that as the applicant wants it."""
    return facts.sending or (SendMethod(facts.wanted.value) if facts.wanted else None)


def _online_remedy(facts: Facts) -> list[str]:
    if _way(facts) not in ONLINE or facts.settings.reconsideration_url is not None:
        return []
    return ["通过互联网送达，但机关设置中没有填写提交行政复议申请书的互联网渠道（reconsideration_url）"]


def _proof(facts: Facts) -> list[str]:
    return [] if facts.proof_of_delivery else ["没有登记送达凭证（邮件妥投、签收或者电子发送记录）"]


def _post(facts: Facts) -> list[str]:
    delivery = facts.last(commands.Deliver)
    return postal_faults(delivery) if delivery else []


def _review_of_this_draft(facts: Facts, kind: type[commands.Command]) -> Past | None:
    """Return the newest review of this kind if it was made of the newest draft."""
    place = newest(facts, kind)
    return facts.past[place] if place > newest(facts, commands.Submit) else None


def _secrecy(facts: Facts) -> list[str]:
    if not facts.secrecy_cleared:
        return ["没有通过保密审查的记录，须先审查、后公开"]
    drafts = newest(facts, commands.Submit) >= 0
    review = _review_of_this_draft(facts, commands.ReviewSecrecy)
    if review is None:
        return ["保密审查针对的是以前的答复稿，本稿送审后须重新审查"] if drafts else []
    found = []
    if review.actor in {facts.handler, facts.drafter}:
        found.append(f"保密审查人{review.actor}就是本案的经办人或者拟稿人")
    if facts.signed_on is not None and review.on > facts.signed_on:
        found.append(f"保密审查的日期{review.on}晚于签发的日期{facts.signed_on}")
    return found


def _legality(facts: Facts) -> list[str]:
    if not facts.legality_passed:
        return ["本机关设定签发前须经合法性审查（legal_review_required），没有通过的记录"]
    drafts = newest(facts, commands.Submit) >= 0
    if drafts and _review_of_this_draft(facts, commands.ReviewLegality) is None:
        return ["合法性审查针对的是以前的答复稿，本稿送审后须重新审查"]
    return []


def _form(facts: Facts) -> list[str]:
    draft, sending, wanted = facts.last(commands.Submit), facts.sending, facts.wanted
    if sending is None or (draft is not None and draft.form_reason is not None):
        return []
    found = []
    if wanted is not None and wanted.value != sending.value:
        found.append(f"申请人要求{wanted.label}，实际{sending.label}")
    if facts.carrier is not None and sending in _CANNOT_CARRY[facts.carrier]:
        found.append(f"申请人要求{facts.carrier.label}，实际以{sending.label}提供")
    return [f"{fault}，没有说明改变形式的理由（form_reason）" for fault in found]


def _reach(facts: Facts) -> list[str]:
    found = []
    if not facts.reachable:
        found.append("申请中没有地址、电话或者电子邮箱，答复可能无法送达，请先与申请人联系")
    returned = facts.last(commands.RecordReturn)
    if returned is not None and facts.state is State.SIGNED:
        found.append(f"答复于{returned.on}被退回，再次发出前请核对申请人的地址和联系方式")
    return found


HANDOVER = (
    CheckRule(
        code=CheckCode.K11,
        asks="本机关是否能够以自己的名义作出答复？",
        gates=_SIGN,
        basis="条例第10条第2款、第27条",
        applies=drafted,
        finds=_author,
    ),
    CheckRule(
        code=CheckCode.K18,
        asks="通过互联网送达的，是否提供提交行政复议申请书的互联网渠道？",
        gates=_DELIVER,
        basis="行政复议法第22条第2款",
        applies=lambda facts: drafted(facts) and _way(facts) in ONLINE,
        finds=_online_remedy,
    ),
    CheckRule(
        code=CheckCode.K19,
        asks="是否登记了送达凭证？",
        gates=(CheckGate.ARCHIVE,),
        basis="条例第45条、国办公开办函〔2016〕235号",
        applies=lambda facts: facts.state is State.DELIVERED or (facts.state is State.ARCHIVED and sent(facts)),
        finds=_proof,
    ),
    CheckRule(
        code=CheckCode.K20,
        asks="邮寄的答复是否由邮政企业寄递，邮费不由申请人到付？",
        gates=_DELIVER,  # enforced on what the clerk writes when sending (`sending.postal_faults`); here the record
        basis="邮政法第55条、国办公开办函〔2016〕235号",
        applies=lambda facts: sent(facts) and facts.sending is SendMethod.POST,
        finds=_post,
    ),
    CheckRule(
        code=CheckCode.K21,
        asks="本稿是否经经办人以外的人保密审查通过？",
        gates=_SIGN,
        basis="条例第17条、保守国家秘密法实施条例第42条",
        applies=drafted,
        finds=_secrecy,
    ),
    CheckRule(
        code=CheckCode.K24,
        asks="提供的形式、途径是否与申请人的要求一致，不一致的是否说明理由？",
        gates=_DELIVER,
        level=CheckLevel.WARNING,
        basis="条例第40条",
        applies=sent,
        finds=_form,
    ),
    CheckRule(
        code=CheckCode.K29,
        asks="本机关设定须经合法性审查的，本稿是否审查通过？",
        gates=_SIGN,
        basis="本机关设定（legal_review_required）",
        applies=lambda facts: drafted(facts) and facts.settings.legal_review_required,
        finds=_legality,
    ),
    CheckRule(
        code=CheckCode.K30,
        asks="申请人的联系方式是否足以送达？",
        gates=_DELIVER,
        level=CheckLevel.WARNING,
        basis="条例第29条第2款第（一）项",
        applies=lambda facts: True,
        finds=_reach,
    ),
)
