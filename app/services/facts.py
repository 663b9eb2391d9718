"""Building `Facts` from open files: what a guard's verdict may depend on, for this caller, now."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import bindparam, select

from app.domain.facts import Facts
from app.domain.fees import Charge, fee_month
from app.domain.terms import CaseKind, ReviewKind, State
from app.models import Agency, Applicant, Attachment, Case, Complaint, Fee
from app.models.direct import OfCases
from app.services.desk import Desk, shanghai_date
from app.services.files import File


def facts_of(desk: Desk, file: File) -> Facts:
    """Say what the law may look at."""
    return facts_of_all(desk, [file])[0]


def facts_of_all(desk: Desk, files: Sequence[File]) -> list[Facts]:
    """Say it of a page of cases, with the same number of queries however many they are."""
    attached, supervising = _attached(desk, files), _supervising(desk, files)
    earlier, places = _answered_before(desk, files), _places_in_month(desk, files)
    return [
        _facts(
            desk,
            file,
            attachments=frozenset(attached[file.case.id]),
            supervises=file.case.id in supervising,
            known_earlier=frozenset(earlier[file.case.id]),
            requests_in_month=places.get(file.case.id),
        )
        for file in files
    ]


def _facts(
    desk: Desk,
    file: File,
    *,
    attachments: frozenset[str],
    supervises: bool,
    known_earlier: frozenset[str],
    requests_in_month: int | None,
) -> Facts:
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
        requests_in_month=requests_in_month,
        known_earlier=known_earlier,
        charge=_charged(file.fee),
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
        supervises=supervises,
        attachments=attachments,
    )


def _charged(fee: Fee | None) -> Charge | None:
    if fee is None:
        return None
    return Charge(fee.method, fee.quantity, fee.amount_yuan, fee.basis, fee.standard, tuple(fee.working))


def _supervising(desk: Desk, files: Sequence[File]) -> set[int]:
    """Return the complaints whose agency stands above the one complained of (条例第47条第2款、第51条)."""
    about = {file.case.id: file.matter.about_agency_id for file in files if isinstance(file.matter, Complaint)}
    if not about:
        return set()
    agencies = desk.session.execute(select(Agency.id, Agency.path).where(Agency.id.in_(set(about.values()))))
    paths = {agency.id: agency.path for agency in agencies}
    return {
        file.case.id
        for file in files
        if (below := about.get(file.case.id)) is not None
        and below != file.agency.id
        and paths[below].startswith(file.agency.path)
    }


def _answered_before(desk: Desk, files: Sequence[File]) -> dict[int, list[str]]:
    """Return which of the earlier cases a draft names its applicant has had answered by its agency (K14)."""
    named = {file.case.id: {c.earlier_case_no for c in file.conclusions if c.earlier_case_no} for file in files}
    found: dict[int, list[str]] = defaultdict(list)
    if not (all_named := set().union(*named.values())):
        return found
    answered = desk.session.execute(
        select(Case.case_no, Case.agency_id, Applicant.id_digest, Applicant.name_digest)
        .join(Applicant, Applicant.case_id == Case.id)
        .where(Case.case_no.in_(all_named), Case.outcome.is_not(None))
    ).all()
    for file in files:
        who = file.applicant
        for case_no, agency_id, id_digest, name_digest in answered:
            same = (
                id_digest == who.id_digest
                if who.id_digest
                else name_digest is not None and name_digest == who.name_digest
            )
            if case_no in named[file.case.id] and agency_id == file.agency.id and same:
                found[file.case.id].append(case_no)
    return found


def _last_passed(file: File, kind: ReviewKind) -> bool:
    verdicts = [review.passed for review in file.reviews if review.kind is kind]
    return bool(verdicts) and verdicts[-1]


_CHARGING = frozenset({State.HANDLING, State.AWAITING_PAYMENT})  # only there does the count matter


_ATTACHED = OfCases(
    select(Attachment.case_id, Attachment.kind).where(Attachment.withdrawn_at.is_(None)).distinct(),
    Attachment.case_id.expression,
)


def _attached(desk: Desk, files: Sequence[File]) -> dict[int, list[str]]:
    """List the kinds of attachment each case has, withdrawn ones aside."""
    found: dict[int, list[str]] = defaultdict(list)
    for case_id, kind in _ATTACHED.rows(desk.session, [file.case.id for file in files]):
        found[case_id].append(kind)
    return found


_IN_MONTH = (
    select(Case.id, Case.agency_id, Applicant.id_digest, Case.received_on)
    .join(Applicant, Applicant.case_id == Case.id)
    .where(
        Applicant.id_digest.in_(bindparam("digests", expanding=True)),
        Case.kind == CaseKind.DISCLOSURE,
        Case.agency_id.in_(bindparam("agencies", expanding=True)),
        Case.received_on >= bindparam("first"),
        Case.received_on <= bindparam("last"),
    )
)


def _places_in_month(desk: Desk, files: Sequence[File]) -> dict[int, int]:
    """Return each request's place among its applicant's to the agency in its month (国办函〔2020〕109号第4条).

    The month is that of receipt; a case is absent where the applicant gave no identity number, so that nothing can be
    counted.
    """
    charged = {
        file.case.id: (file.agency.id, file.applicant.id_digest, file.case.received_on)
        for file in files
        if file.applicant.id_digest and file.case.received_on and file.case.state in _CHARGING
    }
    if not charged:
        return {}
    months = {case_id: fee_month(received_on) for case_id, (_, _, received_on) in charged.items()}
    wanted = {
        "digests": list({digest for _, digest, _ in charged.values()}),
        "agencies": list({agency_id for agency_id, _, _ in charged.values()}),
        "first": min(first for first, _ in months.values()),
        "last": max(received_on for _, _, received_on in charged.values()),
    }
    rows = desk.session.execute(_IN_MONTH, wanted).all()
    return {
        case_id: sum(
            (agency_id, digest) == (theirs, whose)
            and day is not None
            and months[case_id][0] <= day <= received_on
            and (day < received_on or other <= case_id)
            for other, theirs, whose, day in rows
        )
        for case_id, (agency_id, digest, received_on) in charged.items()
    }
