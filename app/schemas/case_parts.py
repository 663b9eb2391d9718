"""The parts of a case as JSON: applicant, draft, reply and what else hangs on it."""

from app.domain.masking import MASKS, Veil
from app.domain.terms import PersonalField, Term
from app.models import Applicant, Complaint, Rectification, SupplementaryReply
from app.schemas.cases import (
    ApplicantOut,
    ComplaintOut,
    DecisionOut,
    DeliveryOut,
    DraftOut,
    RectificationOut,
    ReplyOut,
    ReviewOut,
    SupplementOut,
)
from app.services import files
from app.services.desk import Desk
from app.services.files import File


def label_of(code: Term | None) -> str | None:
    return code.label if code else None


_SHOWN = (
    *("name", "id_number", "phone", "email", "address", "postcode", "legal_representative", "contact_person"),
    *("agent_name", "agent_phone"),
)


def _masked(who: Applicant, field: PersonalField) -> str | None:
    text: str | None = getattr(who, field.value)
    return MASKS[field](text) if text else None


def applicant_out(who: Applicant) -> ApplicantOut:
    return ApplicantOut(
        kind=who.kind,
        kind_label=who.kind.label,
        id_type=who.id_type,
        **{name: _masked(who, PersonalField(name)) for name in _SHOWN},
        assistance_needed=who.assistance_needed is not None,
    )


def draft_out(file: File, veil: Veil) -> DraftOut | None:
    draft = file.draft
    if draft is None:
        return None
    reviews = [
        ReviewOut(
            kind=review.kind,
            kind_label=review.kind.label,
            passed=review.passed,
            reviewer=review.reviewer,
            opinion=veil.over_all(review.opinion),
            on=review.on,
        )
        for review in file.reviews
    ]
    return DraftOut(number=draft.number, drafter=draft.drafter, content=veil.over_all(draft.content), reviews=reviews)


def reply_out(file: File) -> ReplyOut | None:
    reply = file.reply
    if reply is None:
        return None
    return ReplyOut(
        kind=reply.kind,
        kind_label=reply.kind.label,
        document_no=reply.document_no,
        signed_on=reply.signed_on,
        signed_by=reply.signed_by,
        attachment_ids=file.submitted.attachment_ids if file.submitted else [],
    )


def supplement_out(found: SupplementaryReply, veil: Veil) -> SupplementOut:
    return SupplementOut(
        kind=found.kind,
        kind_label=found.kind.label,
        document_no=found.document_no,
        reason=veil.over(found.reason),
        content=veil.over(found.content),
        sent_by=veil.over(found.sent_by),
        signed_on=found.signed_on,
        signed_by=found.signed_by,
    )


def rectification_out(file: File, veil: Veil) -> RectificationOut | None:
    matter = file.matter
    if not isinstance(matter, Rectification):
        return None
    return RectificationOut(
        record=veil.over(matter.record),
        concern=veil.over_all(matter.concern),
        correct_content=veil.over_all(matter.correct_content),
        evidence=veil.over_all(matter.evidence),
        outcome=matter.outcome,
        outcome_label=label_of(matter.outcome),
    )


def complaint_out(desk: Desk, file: File, veil: Veil) -> ComplaintOut | None:
    matter = file.matter
    if not isinstance(matter, Complaint):
        return None
    about, case_no = files.complained_of(desk, matter)
    return ComplaintOut(
        about_agency=about.code,
        about_agency_name=about.name,
        about_case_no=case_no,
        grounds=veil.over(matter.grounds),
        outcome=matter.outcome,
        outcome_label=label_of(matter.outcome),
    )


def decision_out(file: File) -> DecisionOut | None:
    signed = file.decision
    if signed is None:
        return None
    return DecisionOut(document_no=signed.document_no, signed_on=signed.signed_on, signed_by=signed.signed_by)


def delivery_out(file: File, veil: Veil) -> DeliveryOut | None:
    sent = file.delivery
    if sent is None:
        return None
    return DeliveryOut(
        method=sent.method,
        method_label=sent.method.label,
        carrier=sent.carrier,
        tracking_no=sent.tracking_no,
        sent_on=sent.sent_on,
        served_on=sent.served_on,
        proof_label=label_of(sent.proof),
        proof_ref=veil.over_all(sent.proof_ref),
        late_reason=veil.over_all(sent.late_reason),
        returned_on=sent.returned_on,
        return_reason=veil.over_all(sent.return_reason),
    )
