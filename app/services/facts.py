"""Building `Facts` from an open file: what a guard's verdict may depend on, for this caller, now."""

from sqlalchemy import select

from app.domain.facts import Facts
from app.domain.terms import ReplyKind, ReviewKind, Role
from app.models import User, UserRole
from app.services.desk import Desk, shanghai_date
from app.services.files import File


def facts_of(desk: Desk, file: File) -> Facts:
    """Say what the law may look at."""
    case = file.case
    cleared = [review.passed for review in file.reviews if review.kind is ReviewKind.SECRECY]
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
        assignees=_handlers(desk, case.agency_id),
        handler=case.handler,
        drafter=file.draft.drafter if file.draft else None,
        endorser=endorsers[-1] if endorsers else None,
        secrecy_cleared=bool(cleared) and cleared[-1],
        proposed=frozenset(ReplyKind(c["kind"]) for c in file.draft.conclusions) if file.draft else frozenset(),
        outcome=case.outcome,
        delivery=file.delivery.method if file.delivery else None,
        proof_of_delivery=file.delivery is not None and file.delivery.proof is not None,
        acts=file.acts,
        rules=file.rules,
        calendar=file.calendar,
    )


def _handlers(desk: Desk, agency_id: int) -> frozenset[str]:
    """List the user names a case of this agency may be given to."""
    able = select(User.username).join(UserRole).where(UserRole.role == Role.HANDLER)
    return frozenset(desk.session.scalars(able.where(User.agency_id == agency_id, User.disabled_at.is_(None))))
