"""Building `Facts` from an open file: what a guard's verdict may depend on, for this caller, now."""

from sqlalchemy import func, select

from app.domain.facts import Facts
from app.domain.fees import fee_month
from app.domain.terms import CaseKind, ReviewKind, State
from app.models import Agency, Applicant, Attachment, Case, Complaint
from app.services.desk import Desk, shanghai_date
from app.services.files import File


def facts_of(desk: Desk, file: File) -> Facts:
    """Say what the law may look at."""
    case, who = file.case, file.applicant
    endorsers = [r.reviewer for r in file.reviews if r.kind is ReviewKind.SECTION and r.passed]
    return Facts(
        today=desk.today,
        actor=desk.actor.name,
        roles=desk.actor.roles,
        state=case.state,
        channel=case.channel,
        submitted_on=shanghai_date(case.submitted_at),
        received_on=case.received_on,
        item_numbers=frozenset(item.no for item in file.items),
        settings=file.settings,
        calendar=file.calendar,
        kind=case.kind,
        acts=file.acts,
        past=file.past,
        carrier=case.carrier,
        wanted=case.delivery_method,
        reachable=bool(who.phone or who.email or who.address),
        requests_in_month=_requests_in_month(desk, file),
        known_earlier=_answered_before(desk, file),
        handler=case.handler,
        drafter=file.draft.drafter if file.draft else None,
        endorser=endorsers[-1] if endorsers else None,
        secrecy_cleared=_last_passed(file, ReviewKind.SECRECY),
        legality_passed=_last_passed(file, ReviewKind.LEGAL),
        conclusions=file.conclusions,
        outcome=case.outcome,
        signed_on=signed.signed_on if (signed := file.reply or file.decision) else None,
        sending=file.delivery.method if file.delivery else None,
        proof_of_delivery=file.delivery is not None and file.delivery.proof is not None,
        supervises=_supervises(desk, file),
        attachments=_attached(desk, case.id),
    )


def _supervises(desk: Desk, file: File) -> bool:
    """Tell whether the agency of a complaint stands above the one complained of (条例第47条第2款、第51条)."""
    if not isinstance(file.matter, Complaint):
        return False
    about = desk.session.get_one(Agency, file.matter.about_agency_id)
    return about.id != file.agency.id and about.path.startswith(file.agency.path)


def _answered_before(desk: Desk, file: File) -> frozenset[str]:
    """Return which of the earlier cases the draft names this applicant has had answered by this agency (K14)."""
    named = {found.earlier_case_no for found in file.conclusions if found.earlier_case_no}
    who = file.applicant
    if not named:
        return frozenset()
    same = Applicant.id_digest == who.id_digest if who.id_digest else Applicant.name_digest == who.name_digest
    answered = (
        select(Case.case_no)
        .join(Applicant, Applicant.case_id == Case.id)
        .where(Case.case_no.in_(named), Case.agency_id == file.agency.id, Case.outcome.is_not(None), same)
    )
    return frozenset(desk.session.scalars(answered))


def _last_passed(file: File, kind: ReviewKind) -> bool:
    verdicts = [review.passed for review in file.reviews if review.kind is kind]
    return bool(verdicts) and verdicts[-1]


_CHARGING = frozenset({State.HANDLING, State.AWAITING_PAYMENT})  # only there does the count matter


def _attached(desk: Desk, case_id: int) -> frozenset[str]:
    """List the kinds of attachment the case has, withdrawn ones aside."""
    kept = select(Attachment.kind).where(Attachment.case_id == case_id, Attachment.withdrawn_at.is_(None))
    return frozenset(desk.session.scalars(kept.distinct()))


def _requests_in_month(desk: Desk, file: File) -> int | None:
    """Return this request's place among the applicant's requests to this agency in its month (国办函〔2020〕109号第4条).

    The month is that of receipt; None where the applicant gave no identity number, so that nothing can be counted.
    """
    case, digest = file.case, file.applicant.id_digest
    if digest is None or case.received_on is None or case.state not in _CHARGING:
        return None
    first, _ = fee_month(case.received_on)
    counted = (
        select(func.count())
        .select_from(Case)
        .join(Applicant, Applicant.case_id == Case.id)
        .where(
            Applicant.id_digest == digest,
            Case.kind == CaseKind.DISCLOSURE,
            Case.agency_id == case.agency_id,
            Case.received_on >= first,
            (Case.received_on < case.received_on) | ((Case.received_on == case.received_on) & (Case.id <= case.id)),
        )
    )
    return desk.session.scalar(counted)
