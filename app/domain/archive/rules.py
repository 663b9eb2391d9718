"""What must be true of a volume's papers: that they agree with each other, and that none is missing for this outcome."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from app.domain import commands
from app.domain.archive.manifest import CASE, CLOCK, JOURNAL
from app.domain.archive.record import ClockRecord, DocumentRecord, Entry, Journal, Record, procedure_of, seal_of
from app.domain.replies import REPLIES
from app.domain.terms import (
    CaseKind,
    ConsultationKind,
    Doc,
    DocumentForm,
    Quality,
    ReplyFamily,
    ReplyKind,
    ReviewKind,
    SearchScope,
    State,
)
from app.domain.workflow import WORKFLOW

_WITHHOLDING = frozenset(
    kind for kind, rule in REPLIES.items() if rule.family in {ReplyFamily.DENY, ReplyFamily.PARTIAL}
)
_CONSULTED = {
    ConsultationKind.THIRD_PARTY: Doc.CONSULT_THIRD_PARTY,
    ConsultationKind.CO_PRODUCER: Doc.CONSULT_CO_PRODUCER,
    ConsultationKind.OTHER_AGENCY: Doc.CONSULT_AGENCY,
}


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something wrong with a volume, and the file it was found in."""

    path: str
    quality: Quality
    message: str


def unauthentic(record: Record, journal: Journal, clock: ClockRecord) -> list[Finding]:
    """Hold case, journal and clock against each other and against the seal; empty when all say the same."""
    faults = [*_journal_faults(record, journal), *_reply_faults(record, journal), *_clock_faults(record, clock)]
    return [Finding(path, Quality.AUTHENTICITY, message) for path, message in faults]


def _journal_faults(record: Record, journal: Journal) -> Iterator[tuple[str, str]]:
    entries = journal.entries
    acts = [entry.act for entry in entries]
    if journal.case_no != record.case_no:
        yield JOURNAL, f"案号是{journal.case_no}，案件是{record.case_no}"
    if acts[-2:] != ["archive", "volume_sealed"] or acts.count("archive") != 1:
        yield JOURNAL, "最后两条不是归档和封存"
        return
    if any(before.id >= after.id for before, after in pairwise(entries)):
        yield JOURNAL, "日志的编号没有依次增加"
    sealed = entries[-1]
    if seal_of(record, entries[:-1]) != sealed.data.get("seal"):
        yield JOURNAL, "案件或者日志的内容与归档时的封存值不符，归档后被改动"
    if sealed.data.get("agency") != record.agency.model_dump(mode="json"):
        yield CASE, "机关及其设置与封存时不符"
    if sealed.state != State.ARCHIVED or record.state is not State.ARCHIVED:
        yield CASE, "案件不是已归档的状态"
    if procedure_of(entries) != record.procedure:
        yield CASE, "办理经过（procedure）与日志不一致"
    archived = entries[-2]
    if archived.on != record.archived_on or archived.data.get("command", {}).get("volume_no") != record.volume_no:
        yield CASE, "归档日期或者案卷号与日志不一致"
    if sealed.data.get("retention_years") != record.retention_years:
        yield CASE, "保管期限与封存时不符"


def _reply_faults(record: Record, journal: Journal) -> Iterator[tuple[str, str]]:
    entries, reply = journal.entries, record.reply
    for paper in record.documents:
        if paper.data.get("case_no") != record.case_no:
            yield CASE, f"{paper.doc.label}的案号与案件不一致"
        if paper.data.get("document_no") != paper.document_no:
            yield CASE, f"{paper.doc.label}的发文号与登记不一致"
    if reply is None:
        return
    if record.outcome is not reply.kind:
        yield CASE, "处理决定与答复不一致"
    numbers = [paper.document_no for paper in record.documents if paper.doc is Doc.REPLY]
    if numbers != [reply.document_no]:
        yield CASE, f"答复的发文号是{reply.document_no}，答复书上是{'、'.join(map(str, numbers)) or '（没有答复书）'}"
    signing = _last(entries, "sign")
    if signing is None or (signing.on, signing.actor) != (reply.signed_on, reply.signed_by):
        yield CASE, "签发人、签发日期与日志不一致"
    draft = next((draft for draft in record.drafts if draft.id == reply.draft_id), None)
    submitted = _last(entries, "submit")
    if draft is None or submitted is None or _bare(draft.content) != _bare(submitted.data["command"]):
        yield CASE, "签发的答复稿与日志中送审的不一致"
    taken = [(entry.on, entry.data["command"].get("method")) for entry in entries if entry.act == "deliver"]
    if taken != [(sent.sent_on, sent.method.value) for sent in record.deliveries]:
        yield CASE, "送达记录与日志不一致"


def _bare(content: dict[str, Any]) -> dict[str, Any]:
    """Leave out what was not given: the journal does not repeat it."""
    return commands.Submit.model_validate(content).model_dump(mode="json", exclude={"on"}, exclude_none=True)


def _clock_faults(record: Record, clock: ClockRecord) -> Iterator[tuple[str, str]]:
    names = ("case_no", "due_on", "target_on", "stopped_on")
    pairs = [(name, getattr(record, name), getattr(clock, name)) for name in names]
    pairs.append(("received_on", record.application.received_on, clock.received_on))
    for name, of_case, of_clock in pairs:
        if of_case != of_clock:
            yield CLOCK, f"{name} 是{of_clock}，案件是{of_case}"


def incomplete(record: Record, journal: Journal) -> list[Finding]:
    """List what the procedure of this case calls for and its volume does not show."""
    if record.kind is CaseKind.DISCLOSURE:
        faults = [
            *_missing_papers(record, journal.entries),
            *_missing_from_the_application(record),
            *(_missing_for_the_reply(record, journal.entries) if record.reply else _missing_for_closing(record)),
        ]
    else:
        faults = [*_missing_for_the_decision(record)]
    return [Finding(CASE, Quality.COMPLETENESS, message) for message in faults]


def _missing_papers(record: Record, entries: Sequence[Entry]) -> Iterator[str]:
    owed: Counter[Doc] = Counter()
    for entry in entries:
        step = WORKFLOW.steps.get(entry.act)
        if step is None or "command" not in entry.data:
            continue
        if entry.act == "withdraw" and record.application.received_on is None:
            continue  # nobody to write to yet
        docs = set(step.issues)
        if entry.act == "consult":
            docs = {_CONSULTED[ConsultationKind(entry.data["command"]["kind"])], Doc.CONSULT_APPLICANT}
        owed.update(docs)
    held = Counter(paper.doc for paper in record.documents)
    for doc, number in sorted(owed.items()):
        if held[doc] < number:
            yield f"应有{doc.label}{number}份，实有{held[doc]}份"


def _missing_for_the_decision(record: Record) -> Iterator[str]:
    """A rectification or a complaint: what was asked, what was decided, and that it arrived, unless it was withdrawn."""
    asked = record.rectification if record.kind is CaseKind.RECTIFICATION else record.complaint
    if asked is None:
        yield f"没有{record.kind.label}的内容"
    if "withdraw" in _actions(record):
        return
    if record.decision is None:
        yield "没有处理决定"
    owed = Doc.RECTIFICATION if record.kind is CaseKind.RECTIFICATION else Doc.COMPLAINT
    if owed not in {paper.doc for paper in record.documents}:
        yield f"没有{owed.label}"
    if not any(sent.proof and sent.proof_ref and sent.served_on for sent in record.deliveries):
        yield "没有送达凭证"


def _missing_from_the_application(record: Record) -> Iterator[str]:
    if not record.application.items:
        yield "没有申请内容"
    if record.outcome is None:
        yield "没有处理决定"


def _missing_for_closing(record: Record) -> Iterator[str]:
    steps = _actions(record)
    wanted = {
        ReplyKind.CLOSED_NO_CORRECTION: ("request_correction", "close_uncorrected"),
        ReplyKind.CLOSED_NO_PAYMENT: ("notify_fee", "close_unpaid"),
    }
    for action in wanted.get(record.outcome, ()) if record.outcome else ():
        if action not in steps:
            yield f"没有“{WORKFLOW.steps[action].label}”的记录"
    if record.outcome is ReplyKind.CLOSED_OTHER and steps.isdisjoint({"withdraw", "merge"}):
        yield "没有撤回、合并的记录，也没有答复"


def _missing_for_the_reply(record: Record, entries: Sequence[Entry]) -> Iterator[str]:
    acts = [entry.act for entry in entries]
    if "sign" not in acts or "submit" not in acts:
        yield "没有送审、签发的记录"
        return
    signing = len(acts) - 1 - acts[::-1].index("sign")
    drafting = len(acts) - 1 - acts[::-1].index("submit")
    between = entries[drafting:signing]
    if not any(entry.act == "review_secrecy" and entry.data["command"].get("cleared") for entry in between):
        yield "签发前没有通过保密审查的记录"
    if not any(entry.act == "endorse" for entry in between):
        yield "签发前没有科室审核的记录"
    if record.agency.settings.legal_review_required and not any(
        entry.act == "review_legality" and entry.data["command"].get("passed") for entry in between
    ):
        yield "本机关设定须经合法性审查，没有通过的记录"
    kept = {(review.kind, review.passed) for review in record.reviews if review.draft_id == _signed_draft(record)}
    for kind in (ReviewKind.SECTION, ReviewKind.SECRECY, ReviewKind.LEADER):
        if (kind, True) not in kept:
            yield f"没有{kind.label}的意见"
    if not any(sent.proof and sent.proof_ref and sent.served_on for sent in record.deliveries):
        yield "没有送达凭证"
    if "confirm_delivery" not in acts:
        yield "没有登记送达的记录"
    yield from _missing_for_the_conclusions(record, entries)


def _missing_for_the_conclusions(record: Record, entries: Sequence[Entry]) -> Iterator[str]:
    draft = next((draft for draft in record.drafts if draft.id == _signed_draft(record)), None)
    if draft is None:
        yield "没有签发的答复稿"
        return
    conclusions = commands.Submit.model_validate(draft.content).conclusions
    asked, answered = {item.no for item in record.application.items}, {found.item_no for found in conclusions}
    if asked != answered:
        yield "不是每一项申请内容都有处理结论"
    kinds = {found.kind for found in conclusions}
    if ReplyKind.UNABLE_NOT_EXIST in kinds:
        searched = {
            SearchScope(entry.data["command"]["scope"])
            for entry in entries
            if entry.act == "record_search" and not entry.data["command"]["found"]
        }
        for scope in record.agency.settings.search_scopes:
            if scope not in searched:
                yield f"答复不存在，没有在{scope.label}检索的记录"
    if ReplyKind.DENY_THIRD_PARTY in kinds and not any(entry.act == "consult" for entry in entries):
        yield "以损害第三方合法权益为由不予公开，没有征求意见的记录"
    if ReplyKind.REJECT_EXCESSIVE in kinds and not any(entry.act == "request_reasons" for entry in entries):
        yield "以大量反复申请为由不予处理，没有要求说明理由的记录"
    for found in conclusions:
        if found.kind in _WITHHOLDING and not found.severability:
            yield f"第{found.item_no}项没有能否区分处理的判断"


def _signed_draft(record: Record) -> int | None:
    return record.reply.draft_id if record.reply else None


def _actions(record: Record) -> set[str]:
    return {str(step["action"]) for steps in record.procedure.values() for step in steps}


def _last(entries: Sequence[Entry], act: str) -> Entry | None:
    return next((entry for entry in reversed(entries) if entry.act == act), None)


_SPACE = re.compile(r"\s+")
_WORDED = (
    *("agency", "case_no", "document_no", "applicant", "party", "volume_no", "channel", "unclear", "required"),
    *("circumstances", "disclosing", "content", "question", "reason", "facts", "payment", "found", "record", "about"),
    *("grounds", "corrected", "demand", "authority", "replied_no"),
)
_ITEM_WORDED = ("asked", "found", "reason", "provision")
_ON_ONE_PAGE = 40  # characters: at most one page ends within them


def worded(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """List what a document's text must show, letter by letter, by the path of its field: `items.0.found`."""
    wanted = [(name, data.get(name)) for name in _WORDED]
    for place, item in enumerate(data.get("items", ())):
        wanted += [(f"items.{place}.{name}", item.get(name)) for name in _ITEM_WORDED]
    return [(path, value) for path, value in wanted if isinstance(value, str)]


def must_read(paper: DocumentRecord, form: DocumentForm, text: str) -> list[str]:
    """Name in Chinese what a document was issued with and its text does not show.

    White space is set aside, and characters that only look different are taken as the same. Where a page ends, its
    number stands within the text: of a set page only short things are asked, and one half of them is enough.
    """
    shown = _plain(text)
    faults = []
    for path, value in worded(paper.data):
        what = f"第{int(path.split('.')[1]) + 1}项的内容" if path.startswith("items.") else "内容"
        sought = _plain(value)
        if form is DocumentForm.PDF:
            middle = (len(sought) + 1) // 2
            missing = len(sought) <= _ON_ONE_PAGE and sought[:middle] not in shown and sought[middle:] not in shown
        else:
            missing = sought not in shown
        if missing:
            faults.append(f"没有“{sought if len(sought) <= 30 else sought[:30] + '……'}”（{what}）")
    return faults


def _plain(text: str) -> str:
    return _SPACE.sub("", unicodedata.normalize("NFKC", text))
