"""Building `Facts` from an open file: what a guard's verdict may depend on, for this caller, now."""

from sqlalchemy import func, select

from app.domain.facts import Facts
from app.domain.fees import fee_month
from app.domain.terms import ReviewKind, State
from app.models import Applicant, Case
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
        acts=file.acts,
        past=file.past,
        carrier=case.carrier,
        wanted=case.delivery_method,
        reachable=bool(who.phone or who.email or who.address),
        requests_in_month=_requests_in_month(desk, file),
        handler=case.handler,
        drafter=file.draft.drafter if file.draft else None,
        endorser=endorsers[-1] if endorsers else None,
        secrecy_cleared=_last_passed(file, ReviewKind.SECRECY),
        legality_passed=_last_passed(file, ReviewKind.LEGAL),
        conclusions=file.conclusions,
        outcome=case.outcome,
        signed_on=file.reply.signed_on if file.reply else None,
        sending=file.delivery.method if file.delivery else None,
        proof_of_delivery=file.delivery is not None and file.delivery.proof is not None,
    )


def _last_passed(file: File, kind: ReviewKind) -> bool:
    verdicts = [review.passed for review in file.reviews if review.kind is kind]
    return bool(verdicts) and verdicts[-1]


_CHARGING = frozenset({State.HANDLING, State.AWAITING_PAYMENT})  # only there does the count matter


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
            Case.agency_id == case.agency_id,
            Case.received_on >= first,
            (Case.received_on < case.received_on) | ((Case.received_on == case.received_on) & (Case.id <= case.id)),
        )
    )
    return desk.session.scalar(counted)
