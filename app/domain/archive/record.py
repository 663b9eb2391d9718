"""What the papers of a volume hold: the case as it was archived, its journal and its clock, in format 1.

The procedure (what was asked, searched, consulted, charged, reviewed, sent) is not kept a second time: it is drawn from
the journal by `procedure_of`, so that the two can be held against each other.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict

from app.domain.settings import AgencySettings
from app.domain.shape import Shape
from app.domain.terms import (
    ApplicantKind,
    AttachmentKind,
    Carrier,
    CaseKind,
    Channel,
    ComplaintOutcome,
    DeliveryMethod,
    Doc,
    FileType,
    IdType,
    ProofKind,
    RectificationOutcome,
    ReplyKind,
    ReviewKind,
    SendMethod,
    State,
    SupplementKind,
)

_SHANGHAI = dt.timezone(dt.timedelta(hours=8))

Moment = Annotated[AwareDatetime, AfterValidator(lambda value: value.astimezone(_SHANGHAI))]
"""An instant, written with +08:00 whatever zone it was stored in."""


class Part(Shape):
    """A piece of the volume; what it does not know it refuses."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)


class Entry(Part):
    """One row of the journal."""

    id: int
    act: str
    label: str
    actor: str
    actor_label: str
    on: dt.date
    at: Moment
    state: str | None
    data: dict[str, Any]


class Journal(Part):
    """The rows of the case, from registration to the sealing of the volume."""

    format: Literal[1] = 1
    case_no: str
    entries: tuple[Entry, ...]


class AgencyRecord(Part):
    """The agency as it was when the volume was sealed; its settings decide what the volume must hold."""

    code: str
    name: str
    region: str
    settings: AgencySettings


class ApplicantRecord(Part):
    kind: ApplicantKind
    name: str | None
    id_type: IdType | None
    id_number: str | None
    phone: str | None
    email: str | None
    address: str | None
    postcode: str | None
    legal_representative: str | None
    contact_person: str | None
    agent_name: str | None
    agent_phone: str | None
    assistance_needed: str | None


class ItemRecord(Part):
    no: int
    title: str | None
    document_no: str | None
    description: str | None


class ApplicationRecord(Part):
    """The application as it came (条例第29条)."""

    channel: Channel
    portal: str | None
    external_no: str | None
    submitted_at: Moment
    received_on: dt.date | None
    carrier: Carrier | None
    delivery_method: DeliveryMethod | None
    purpose: str | None
    applicant: ApplicantRecord
    items: tuple[ItemRecord, ...]


class DraftRecord(Part):
    id: int
    number: int
    drafter: str
    content: dict[str, Any]
    submitted_at: Moment


class ReviewRecord(Part):
    draft_id: int
    kind: ReviewKind
    passed: bool
    reviewer: str
    opinion: str | None
    on: dt.date
    at: Moment


class ReplyRecord(Part):
    draft_id: int
    kind: ReplyKind
    document_no: str
    signed_on: dt.date
    signed_by: str


class RectificationRecord(Part):
    record: str
    concern: str | None
    correct_content: str | None
    evidence: str | None
    outcome: RectificationOutcome | None


class ComplaintRecord(Part):
    about_agency: str
    about_case_no: str | None
    grounds: str
    outcome: ComplaintOutcome | None


class DecisionRecord(Part):
    draft_id: int
    document_no: str
    signed_on: dt.date
    signed_by: str


class SupplementRecord(Part):
    kind: SupplementKind
    document_no: str
    reason: str
    content: str
    sent_by: str
    signed_on: dt.date
    signed_by: str


class DeliveryRecord(Part):
    method: SendMethod
    carrier: str | None
    tracking_no: str | None
    sent_on: dt.date
    served_on: dt.date | None
    proof: ProofKind | None
    proof_ref: str | None
    receiver: str | None
    late_reason: str | None
    returned_on: dt.date | None
    return_reason: str | None


class AssistanceRecord(Part):
    """A question to another agency of the city, and its answer."""

    question: str
    asked_at: Moment
    answer_by: dt.date
    answer: str | None
    answered_at: Moment | None
    answered_by: str | None


class DocumentRecord(Part):
    """A document as it was issued: what it says, and the digest of the template that said it."""

    id: int
    doc: Doc
    number: int
    document_no: str | None
    data: dict[str, Any]
    template_sha256: str
    made_on: dt.date
    made_at: Moment
    made_by: str


class AttachmentRecord(Part):
    """A file put into the case. One withdrawn, perhaps because it was somebody else's, is named but not kept."""

    id: int
    kind: AttachmentKind
    name: str
    file_type: FileType
    size: int
    sha256: str
    encrypted: bool
    note: str | None
    original_id: int | None
    redactions: str | None
    added_at: Moment
    added_by: str
    withdrawn_at: Moment | None
    withdrawn_by: str | None
    withdrawn_reason: str | None


class Record(Part):
    """The case as it was archived: `case.json`."""

    format: Literal[1] = 1
    kind: CaseKind
    case_no: str
    agency: AgencyRecord
    state: State
    outcome: ReplyKind | None
    handler: str | None
    volume_no: str
    retention_years: int | None  # None: for ever
    archived_on: dt.date
    due_on: dt.date | None
    target_on: dt.date | None
    stopped_on: dt.date | None
    related_case_no: str | None  # split from it, or merged into it
    application: ApplicationRecord
    drafts: tuple[DraftRecord, ...]
    reviews: tuple[ReviewRecord, ...]
    reply: ReplyRecord | None
    rectification: RectificationRecord | None
    complaint: ComplaintRecord | None
    decision: DecisionRecord | None
    supplements: tuple[SupplementRecord, ...]
    deliveries: tuple[DeliveryRecord, ...]
    assistances: tuple[AssistanceRecord, ...]
    documents: tuple[DocumentRecord, ...]
    attachments: tuple[AttachmentRecord, ...]
    procedure: dict[str, list[dict[str, Any]]]


class ClockDay(Part):
    on: dt.date
    kind: str
    counted: bool
    n: int | None
    why: str


class ClockNode(Part):
    node: str
    label: str
    ref: str | None
    due_on: dt.date | None
    met_on: dt.date | None
    basis: str


class ClockRecord(Part):
    """The clock at the day of archiving, with every day's reason: `clock.json`."""

    format: Literal[1] = 1
    case_no: str
    as_of: dt.date
    received_on: dt.date | None
    due_on: dt.date | None
    target_on: dt.date | None
    stopped_on: dt.date | None
    calendar_version: str
    nodes: tuple[ClockNode, ...]
    days: tuple[ClockDay, ...]


TOPICS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "受理": frozenset({"confirm_receipt", "accept", "assign", "reassign"}),
        "补正": frozenset(
            {"request_correction", "record_correction_delivery", "receive_correction", "close_uncorrected"}
        ),
        "说明理由": frozenset(
            {"request_reasons", "record_reasons_delivery", "receive_reasons", "set_excessive_period"}
        ),
        "移送、分立、合并、撤回": frozenset({"transfer", "split", "merge", "withdraw"}),
        "检索": frozenset({"record_search"}),
        "征求意见": frozenset(
            {"consult", "record_consultation_delivery", "record_consultation_answer", "notify_third_party"}
        ),
        "协办": frozenset({"ask_assistance"}),
        "联系申请人": frozenset({"record_contact"}),
        "延期": frozenset({"extend"}),
        "收费": frozenset({"notify_fee", "record_fee_delivery", "record_payment", "close_unpaid", "refund_fee"}),
        "拟稿、审核、签发": frozenset(
            {"submit", "endorse", "review_secrecy", "review_legality", "return_draft", "override", "sign"}
        ),
        "送达": frozenset({"deliver", "record_return", "confirm_delivery", "supplement"}),
        "归档": frozenset({"archive"}),
    }
)
"""The headings under which a reader of the volume looks for a step; held complete by a test."""


def procedure_of(entries: Iterable[Entry]) -> dict[str, list[dict[str, Any]]]:
    """Draw the procedure from the journal: under each heading the steps taken, with what was written then."""
    steps = [entry for entry in entries if "command" in entry.data]
    found = {
        topic: [
            {
                "action": entry.act,
                "label": entry.label,
                "on": entry.on.isoformat(),
                "by": entry.actor,
                "by_label": entry.actor_label,
                "content": entry.data["command"],
            }
            for entry in steps
            if entry.act in actions
        ]
        for topic, actions in TOPICS.items()
    }
    return {topic: taken for topic, taken in found.items() if taken}


def canonical(value: BaseModel | Mapping[str, Any]) -> bytes:
    """Write as JSON, the same bytes for the same content wherever it was stored."""
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    return (json.dumps(plain, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False) + "\n").encode()


def seal_of(record: Record, entries: Iterable[Entry]) -> str:
    """Return the SHA-256 over the case and its journal up to the act of archiving, which the act itself records."""
    content = {
        "record": record.model_dump(mode="json"),
        "journal": [entry.model_dump(mode="json") for entry in entries],
    }
    return hashlib.sha256(canonical(content)).hexdigest()
