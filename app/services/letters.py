"""What each step of the workflow writes, and to whom: from the case to the data of its documents.

`DOCUMENTS` is held to the table by a test: a step issues what its row says, no more and no less.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.domain import acts, commands, documents, replies, verdicts
from app.domain.citation import formal
from app.domain.documents import Document, MissingFields, paragraphs, plain_date, write
from app.domain.remedy import Route, remedy_clause
from app.domain.terms import ApplicantKind, CaseKind, ConsultationKind, Doc, NodeKind, ReplyKind
from app.models import Agency, CaseItem, Complaint, Rectification
from app.services import quoted
from app.services.desk import Desk
from app.services.files import File, complained_of
from app.services.volume_index import UNSIGNED, index_of


@dataclass(frozen=True, slots=True)
class Done:
    """A step that was just taken: the case before and after it, and the command."""

    desk: Desk
    before: File
    after: File
    command: Any

    @property
    def on(self) -> dt.date:
        on: dt.date = self.command.on
        return on


Maker = Callable[[Done], Iterable[Document]]


def receipt(file: File, on: dt.date) -> documents.Receipt:
    """Write the receipt. It waits for nothing an agency may have left unsaid: a receipt is owed at once (条例第31条)."""
    values = _to_applicant(file, on)
    values["contact"] = values["contact"] or _office(file)
    return write(
        documents.Receipt,
        values
        | {
            "channel": file.case.channel.label,
            "asked": _asked(file.items),
            "due_on": file.reading.due_on if file.reading else None,
        },
    )


def _receipt(done: Done) -> Iterable[Document]:
    yield receipt(done.after, done.on)


def _correction(done: Done) -> Iterable[Document]:
    asked: commands.RequestCorrection = done.command
    yield write(
        documents.Correction,
        _to_applicant(done.after, done.on)
        | {
            "asked": _asked(done.after.items),
            "unclear": asked.unclear,
            "required": asked.required,
            "reply_within_workdays": asked.reply_within_workdays,
        },
    )


def _reasons(done: Done) -> Iterable[Document]:
    asked: commands.RequestReasons = done.command
    yield write(
        documents.Reasons,
        _to_applicant(done.after, done.on)
        | {"circumstances": asked.circumstances, "reply_within_workdays": asked.reply_within_workdays},
    )


def _extension(done: Done) -> Iterable[Document]:
    before, after = done.before.reading, done.after.reading
    yield write(
        documents.Extension,
        _to_applicant(done.after, done.on)
        | {
            "due_before": before.due_on if before else None,
            "workdays": done.command.workdays,
            "due_on": after.due_on if after else None,
            "reason": done.command.reason,
        },
    )


_CONSULTATIONS: Mapping[ConsultationKind, type[Document]] = {
    ConsultationKind.THIRD_PARTY: documents.ConsultThirdParty,
    ConsultationKind.CO_PRODUCER: documents.ConsultCoProducer,
    ConsultationKind.OTHER_AGENCY: documents.ConsultAgency,
}


def _consultation(done: Done) -> Iterable[Document]:
    asked: commands.Consult = done.command
    own = _letter(done.after, done.on) | {"party": asked.party, "disclosing": asked.disclosing}
    yield write(_CONSULTATIONS[asked.kind], own)
    told = _to_applicant(done.after, done.on) | {"consulted": documents.CONSULTED[asked.kind]}
    yield write(documents.ConsultApplicant, told)


def _third_party_notice(done: Done) -> Iterable[Document]:
    told: commands.NotifyThirdParty = done.command
    sent = (past.command for past in done.after.past if isinstance(past.command, commands.Consult))
    clause = _remedy(done.after, Doc.NOTICE_THIRD_PARTY, [ReplyKind.GRANT]).replace("本答复", "本决定")
    yield write(
        documents.NoticeThirdParty,
        _letter(done.after, done.on)
        | {
            "party": next((consulted.party for consulted in sent if consulted.ref == told.ref), None),
            "content": told.content,
            "public_interest": told.public_interest,
            "remedy": clause,
        },
    )


def _assistance(done: Done) -> Iterable[Document]:
    asked: commands.AskAssistance = done.command
    party = done.desk.session.scalar(select(Agency.name).where(Agency.code == asked.agency_code))
    own = _letter(done.after, done.on)
    yield write(documents.Assist, own | {"party": party, "question": asked.question, "answer_by": asked.answer_by})


def _transfer(done: Done) -> Iterable[Document]:
    """Write from the agency that hands the case on to the one that takes it."""
    yield write(
        documents.Transfer,
        _letter(done.before, done.on)
        | {
            "party": done.after.agency.name,
            "applicant": _name(done.before),
            "received_on": done.before.case.received_on,
            "asked": _asked(done.before.items),
            "reason": done.command.reason,
        },
    )


def _fee(done: Done) -> Iterable[Document]:
    fee = done.after.fee
    assert fee is not None, "notifying keeps what it asks for"
    yield write(
        documents.Fee,
        _to_applicant(done.after, done.on)
        | {
            "basis": fee.basis,
            "method": fee.method.label,
            "standard": fee.standard,
            "working": fee.working,
            "amount_yuan": fee.amount_yuan,
            "payment": fee.payment,
        },
    )


def _reply(done: Done) -> Iterable[Document]:
    file, submitted, reply = done.after, done.after.submitted, done.after.reply
    assert submitted is not None, "a reply is signed from a draft"
    assert reply is not None, "signing makes the reply"
    asked = {item.no: text for item, text in zip(file.items, _asked(file.items), strict=True)}
    yield write(
        documents.Reply,
        _to_applicant(file, done.on)
        | {
            "document_no": reply.document_no,
            "channel": file.case.channel.label,
            "family": replies.REPLIES[reply.kind].family,
            "course": documents.course(file.acts),
            "items": [_answered(done.desk, c, asked.get(c.item_no)) for c in file.conclusions],
            "body": paragraphs(submitted.body, submitted.form_reason),
            "remedy": _remedy(file, Doc.REPLY, [conclusion.kind for conclusion in file.conclusions]),
            "attachments": quoted.provided(done.desk, submitted.attachment_ids),
        },
    )


def _answered(desk: Desk, conclusion: commands.Conclusion, asked: str | None) -> dict[str, Any]:
    """Say what is concluded on one item, with everything the law wants told beside it (条例第36条)."""
    given, agency, earlier = conclusion.published, conclusion.responsible, conclusion.earlier_case_no
    provision = paragraphs(
        conclusion.provision,
        f"获取途径：{given.where}" if given else None,
        f"负责公开该信息的机关：{agency.name}，联系方式：{agency.contact}" if agency else None,
        quoted.earlier_reply(desk, earlier) if earlier else None,
        conclusion.guidance,
    )
    return {
        "no": conclusion.item_no,
        "asked": asked,
        "decision": verdicts.DECISIONS[conclusion.kind],
        "found": paragraphs(conclusion.found, conclusion.existing),
        "reason": paragraphs(conclusion.reason, conclusion.severability),
        "citations": formal(conclusion.citations),
        "provision": provision,
    }


def _supplement(done: Done) -> Iterable[Document]:
    file, reply, made = done.after, done.after.reply, done.after.supplements[-1]
    assert reply is not None, "only a reply can be supplemented"
    yield write(
        documents.Supplement,
        _to_applicant(file, done.on)
        | {
            "document_no": made.document_no,
            "way": verdicts.WAYS[made.kind],
            "replied_on": reply.signed_on,
            "replied_no": reply.document_no,
            "reason": made.reason,
            "content": made.content,
            "remedy": _remedy(file, Doc.SUPPLEMENT, [conclusion.kind for conclusion in file.conclusions]),
        },
    )


def _signed(done: Done) -> Iterable[Document]:
    return (_reply if done.after.case.kind is CaseKind.DISCLOSURE else _decision)(done)


def _decision(done: Done) -> Iterable[Document]:
    file, matter = done.after, done.after.matter
    assert file.decision is not None, "signing makes the decision"
    assert file.draft is not None, "a decision is signed from a draft"
    content = file.draft.content
    said = _to_applicant(file, done.on) | {"document_no": file.decision.document_no}
    said |= {name: content[name] for name in ("found", "reason", "authority")}
    said["citations"] = formal(content["citations"])
    if isinstance(matter, Rectification):
        assert matter.outcome is not None, "signing fixes the outcome"
        reached = (content["authority"], content["authority_contact"])
        yield write(
            documents.Rectification,
            said
            | {
                "record": "；".join(filter(None, (matter.record, matter.concern))),
                "decision": verdicts.RECTIFIED[matter.outcome],
                "corrected": content["corrected"],
                "authority": "，".join(filter(None, reached)) or None,
                "remedy": _remedy(file, Doc.RECTIFICATION, [ReplyKind.GRANT]).replace("本答复", "本决定"),
            },
        )
    elif isinstance(matter, Complaint):
        assert matter.outcome is not None, "signing fixes the outcome"
        about, case_no = complained_of(done.desk, matter)
        grounds = f"{matter.grounds}（所涉申请编号：{case_no}）" if case_no else matter.grounds
        yield write(
            documents.Complaint,
            said
            | {
                "about": about.name,
                "grounds": grounds,
                "decision": verdicts.CONCLUDED[matter.outcome],
                "demand": content["demand"],
            },
        )


def _uncorrected(done: Done) -> Iterable[Document]:
    asked = [act for act in done.after.acts if isinstance(act, acts.CorrectionRequested)]
    told = f"{plain_date(asked[-1].on)}，本机关告知补正。" if asked else ""
    yield _closed(
        done,
        f"{told}补正期限已于{_lapsed(done, NodeKind.CORRECTION_REPLY)}届满，{_you(done.after)}无正当理由逾期未补正。",
        "《中华人民共和国政府信息公开条例》第三十条的规定",
        ReplyKind.CLOSED_NO_CORRECTION,
    )


def _unpaid(done: Done) -> Iterable[Document]:
    yield _closed(
        done,
        f"本机关已发出信息处理费收费通知，缴费期限已于{_lapsed(done, NodeKind.FEE_PAYMENT)}届满，{_you(done.after)}未缴纳。",
        "《政府信息公开信息处理费管理办法》（国办函〔2020〕109号）的规定",
        ReplyKind.CLOSED_NO_PAYMENT,
    )


def _lapsed(done: Done, kind: NodeKind) -> str:
    day = next((node.due_on for node in done.before.nodes if node.node is kind), None)
    return plain_date(day) if day else "所定之日"


def _closed(done: Done, facts: str, basis: str, kind: ReplyKind) -> Document:
    return write(
        documents.Closing,
        _to_applicant(done.after, done.on)
        | {
            "facts": facts,
            "basis": basis,
            "decision": verdicts.DECISIONS[kind],
            "remedy": _remedy(done.after, Doc.CLOSING, [kind]).replace("本答复", "本决定"),
        },
    )


def _withdrawn(done: Done) -> Iterable[Document]:
    yield write(
        documents.Closing,
        _to_applicant(done.after, done.on)
        | {
            "facts": f"{plain_date(done.on)}，{_you(done.after)}撤回该申请（{done.command.form}）。",
            "basis": "上述撤回申请的意思表示",
            "decision": verdicts.DECISIONS[ReplyKind.CLOSED_OTHER],
        },
    )


def _merged(done: Done) -> Iterable[Document]:
    yield write(
        documents.Closing,
        _to_applicant(done.after, done.on)
        | {
            "facts": done.command.reason,
            "basis": "上述情况",
            "decision": f"本申请并入编号{done.command.case_no}的申请一并办理，不再单独答复。",
        },
    )


def _archived(done: Done) -> Iterable[Document]:
    yield index_of(done.desk, done.after, done.command)


DOCUMENTS: Mapping[type[commands.Command], Maker] = {
    commands.ConfirmReceipt: _receipt,
    commands.RequestCorrection: _correction,
    commands.RequestReasons: _reasons,
    commands.Extend: _extension,
    commands.Consult: _consultation,
    commands.NotifyThirdParty: _third_party_notice,
    commands.AskAssistance: _assistance,
    commands.Transfer: _transfer,
    commands.NotifyFee: _fee,
    commands.Sign: _signed,
    commands.Supplement: _supplement,
    commands.CloseUncorrected: _uncorrected,
    commands.CloseUnpaid: _unpaid,
    commands.Withdraw: _withdrawn,
    commands.Merge: _merged,
    commands.Archive: _archived,
}


def _letter(file: File, on: dt.date) -> dict[str, Any]:
    phone, address = file.settings.contact_phone, file.settings.contact_address
    reached = [f"电话{phone}" if phone else None, f"地址：{address}" if address else None]
    contact = "，".join(filter(None, (_office(file), *reached))) if phone else None
    return {"agency": file.agency.name, "case_no": file.case.case_no, "dated": on, "contact": contact}


def _office(file: File) -> str:
    return f"{file.agency.name}政府信息公开工作机构"


def _to_applicant(file: File, on: dt.date) -> dict[str, Any]:
    received_on = file.case.received_on
    return _letter(file, on) | {"applicant": _name(file), "you": _you(file), "received_on": received_on}


def _name(file: File) -> str:
    return file.applicant.name or UNSIGNED


def _you(file: File) -> str:
    return "您" if file.applicant.kind is ApplicantKind.NATURAL_PERSON else "贵单位"


def _asked(items: Iterable[CaseItem]) -> list[str]:
    return [_described(item) for item in items]


def _described(item: CaseItem) -> str:
    parts = (item.title, item.document_no and f"文号：{item.document_no}", item.description)
    return "；".join(part for part in parts if part) or "（申请中未写明）"


def _remedy(file: File, doc: Doc, kinds: list[ReplyKind]) -> str:
    """Write the remedy clause for where this agency's decisions go (行政复议法第24–28条、行政诉讼法第46条)."""
    authority, court = file.settings.reconsideration_authority, file.settings.court
    if not authority or not court:
        named = {"行政复议机关（机关设置）": authority, "有管辖权的人民法院（机关设置）": court}
        raise MissingFields(doc, [label for label, value in named.items() if not value])
    route = Route((authority,), "行政复议法第24条至第28条")
    clause = remedy_clause(kinds, route, court, online_channel=file.settings.reconsideration_url)
    return clause if clause.endswith("。") else f"{clause}。"
