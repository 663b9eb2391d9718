"""Which cases the demo city has: first one of everything worth seeing, then as many as are asked for, as life mixes them."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import TypeVar

from app.domain.terms import ApplicantKind, Channel, DeliveryMethod, ReplyKind, State
from app.services.demo.courses import Correction, Fee, Plan
from app.services.demo.subjects import ANSWERED

T = TypeVar("T")

_ANSWERED_STATES = (State.DELIVERING, State.DELIVERED, State.ARCHIVED)

SHOWPIECES: tuple[Plan, ...] = (
    # Where a case can stand, each with time left.
    Plan(State.REGISTERED, 1),
    Plan(State.REGISTERED, 1, channel=Channel.INTERNET, confirmed=False),
    Plan(State.REGISTERED, 3, channel=Channel.ORDINARY_MAIL, confirmed=False),
    Plan(State.REVIEWING, 2, channel=Channel.INTERNET, applicant=ApplicantKind.LEGAL_SERVICE_ORG),
    Plan(State.AWAITING_CORRECTION, 6, correction=Correction.ASKED, channel=Channel.FAX),
    Plan(State.AWAITING_CORRECTION, 9, correction=Correction.NOTIFIED),
    Plan(State.HANDLING, 4, applicant=ApplicantKind.COMMERCIAL_ENTERPRISE),
    Plan(State.HANDLING, 8, reassigned=True, assisted=True),
    Plan(State.HANDLING, 18, correction=Correction.MADE, channel=Channel.INTERNET),
    Plan(State.SECTION_REVIEW, 10, applicant=ApplicantKind.RESEARCH_INSTITUTION),
    Plan(State.LEADER_REVIEW, 12, returned=True, applicant=ApplicantKind.PUBLIC_WELFARE_ORG),
    Plan(State.SIGNED, 14, channel=Channel.ORAL),
    Plan(State.DELIVERING, 15, 14, channel=Channel.REGISTERED_MAIL),
    Plan(State.DELIVERED, 24, 15, method=DeliveryMethod.EMAIL, channel=Channel.INTERNET),
    Plan(State.CLOSED, 30, correction=Correction.LAPSED, applicant=ApplicantKind.OTHER_ORG),
    Plan(State.ARCHIVED, 60, 18, method=DeliveryMethod.PICKUP),
    # Dates that a supervisor looks for.
    Plan(State.HANDLING, 20),  # due today
    Plan(State.SECTION_REVIEW, 19, channel=Channel.INTERNET),
    Plan(State.LEADER_REVIEW, 17, channel=Channel.FAX),
    Plan(State.HANDLING, 23, channel=Channel.INTERNET),  # overdue
    Plan(State.LEADER_REVIEW, 27),
    Plan(State.SIGNED, 34, extended=10),
    Plan(State.HANDLING, 26, extended=20),
    Plan(State.ARCHIVED, 70, 24, channel=Channel.REGISTERED_MAIL),  # answered late
    Plan(State.ARCHIVED, 80, 33, extended=15, method=DeliveryMethod.WEB),
    Plan(State.ARCHIVED, 90, 17, method=DeliveryMethod.FAX, correction=Correction.MADE, kind=ReplyKind.UNABLE_UNCLEAR),
    Plan(State.ARCHIVED, 75, correction=Correction.LAPSED, channel=Channel.INTERNET),
    Plan(State.HANDLING, 12, consulting=True, applicant=ApplicantKind.COMMERCIAL_ENTERPRISE),  # the clock stands still
    Plan(State.AWAITING_PAYMENT, 7, fee=Fee.NOTIFIED),
    Plan(State.ARCHIVED, 60, fee=Fee.LAPSED, channel=Channel.INTERNET),
    Plan(State.ARCHIVED, 65, 15, fee=Fee.PAID, method=DeliveryMethod.EMAIL, channel=Channel.INTERNET),
    Plan(State.CLOSED, 14, withdrawn=True),
    Plan(State.ARCHIVED, 55, 14, sent_back=True, channel=Channel.REGISTERED_MAIL),
    Plan(State.ARCHIVED, 50, 12, method=DeliveryMethod.INSPECT, applicant=ApplicantKind.LEGAL_SERVICE_ORG),
)

_OPEN = {
    State.REGISTERED: 12,
    State.REVIEWING: 14,
    State.AWAITING_CORRECTION: 10,
    State.HANDLING: 40,
    State.AWAITING_PAYMENT: 3,
    State.SECTION_REVIEW: 11,
    State.LEADER_REVIEW: 8,
    State.SIGNED: 5,
}
_KINDS = dict.fromkeys(ANSWERED, 2) | {
    ReplyKind.GRANT: 40,
    ReplyKind.GRANT_PUBLISHED: 18,
    ReplyKind.PARTIAL: 12,
    ReplyKind.UNABLE_NOT_EXIST: 22,
    ReplyKind.UNABLE_NOT_OURS: 10,
    ReplyKind.REJECT_PETITION: 5,
}
_CHANNELS = {
    Channel.INTERNET: 48,
    Channel.REGISTERED_MAIL: 24,
    Channel.IN_PERSON: 15,
    Channel.ORDINARY_MAIL: 6,
    Channel.FAX: 4,
    Channel.ORAL: 3,
}
_APPLICANTS = {
    ApplicantKind.NATURAL_PERSON: 82,
    ApplicantKind.COMMERCIAL_ENTERPRISE: 8,
    ApplicantKind.RESEARCH_INSTITUTION: 2,
    ApplicantKind.PUBLIC_WELFARE_ORG: 2,
    ApplicantKind.LEGAL_SERVICE_ORG: 4,
    ApplicantKind.OTHER_ORG: 2,
}
_METHODS = {
    DeliveryMethod.POST: 45,
    DeliveryMethod.EMAIL: 30,
    DeliveryMethod.WEB: 12,
    DeliveryMethod.PICKUP: 8,
    DeliveryMethod.FAX: 2,
    DeliveryMethod.INSPECT: 3,
}


def plans(rng: Random, oldest: int, before_new_year: int) -> Iterator[Plan]:
    """Plans without end: the show-pieces, one case carried over from last year, one reply of every kind, then the mix.

    None is older than `oldest`; `before_new_year` is the age of the last working day of last year.
    """
    yield from SHOWPIECES
    yield Plan(State.ARCHIVED, before_new_year + 5, 12)
    for kind in ANSWERED:
        correction = Correction.MADE if kind is ReplyKind.UNABLE_UNCLEAR else Correction.NONE
        everyday = _everyday(rng, oldest)
        yield replace(
            everyday,
            until=State.ARCHIVED,
            age=rng.randint(60, 200),
            taken=16,
            kind=kind,
            correction=correction,
            extended=0,
            items=1,
        )
    while True:
        yield _open(rng) if rng.random() < 0.17 else _answered(rng, oldest)


def _everyday(rng: Random, oldest: int) -> Plan:
    return Plan(
        State.ARCHIVED,
        rng.randint(40, oldest),
        channel=_one_of(rng, _CHANNELS),
        applicant=_one_of(rng, _APPLICANTS),
        method=_one_of(rng, _METHODS),
        items=rng.choice((2, 2, 3)) if rng.random() < 0.1 else 1,
    )


def _answered(rng: Random, oldest: int) -> Plan:
    """A case that was replied to or closed, most of them long ago."""
    plan = _everyday(rng, oldest)
    chance = rng.random()
    if chance < 0.04:
        recent = rng.random() < 0.2
        return replace(
            plan,
            correction=Correction.LAPSED,
            until=State.CLOSED if recent else State.ARCHIVED,
            age=rng.randint(22, 30) if recent else plan.age,
        )
    if chance < 0.06:
        return replace(plan, withdrawn=True)
    if chance < 0.065:
        return replace(plan, age=max(plan.age, 45), fee=Fee.LAPSED)
    kind = _one_of(rng, _KINDS)
    corrected = kind is ReplyKind.UNABLE_UNCLEAR or chance < 0.16
    extended = rng.choice((5, 10, 15, 20)) if rng.random() < 0.1 else 0
    taken = REPLY_TIMES[rng.randrange(len(REPLY_TIMES))] + (extended and rng.randint(0, extended))
    until = rng.choices(_ANSWERED_STATES, (3, 5, 92))[0]
    age = (
        plan.age
        if until is State.ARCHIVED
        else taken + (rng.randint(1, 2) if until is State.DELIVERING else rng.randint(6, 12))
    )
    return replace(
        plan,
        until=until,
        age=age + (18 if corrected else 0),
        taken=taken,
        kind=kind,
        correction=Correction.MADE if corrected else Correction.NONE,
        extended=extended,
        returned=rng.random() < 0.08,
        reassigned=rng.random() < 0.05,
        sent_back=until is State.ARCHIVED and plan.method is DeliveryMethod.POST and rng.random() < 0.03,
    )


REPLY_TIMES = (4, 6, 8, 9, 10, 11, 12, 12, 13, 13, 14, 14, 14, 15, 15, 15, 16, 17, 18, 18, 19, 19, 20, 20, 20, 22)
"""Working days from base to reply, as agencies with an internal limit of fifteen take them; one in 26 is late."""


def _open(rng: Random) -> Plan:
    """A case somebody still has to act on."""
    plan = _everyday(rng, 60)
    until = _one_of(rng, _OPEN)
    if until is State.REGISTERED:
        return replace(plan, until=until, age=rng.randint(1, 2), confirmed=rng.random() < 0.4)
    if until is State.AWAITING_CORRECTION:
        correction = rng.choice((Correction.ASKED, Correction.NOTIFIED, Correction.NOTIFIED))
        return replace(plan, until=until, age=rng.randint(5, 14), correction=correction)
    if until is State.AWAITING_PAYMENT:
        return replace(plan, until=until, age=rng.randint(6, 18), fee=Fee.NOTIFIED)
    if until is State.REVIEWING:
        return replace(plan, until=until, age=rng.randint(1, 4))
    overdue = rng.random() < 0.1
    extended = 20 if not overdue and rng.random() < 0.12 else 0
    age = rng.randint(21, 30) if overdue else rng.randint(14, 36) if extended else rng.randint(3, 20)
    kind = _one_of(rng, _KINDS)
    if kind is ReplyKind.UNABLE_UNCLEAR:  # an open case with a correction is among the show-pieces
        kind = ReplyKind.GRANT
    return replace(
        plan,
        until=until,
        age=age,
        kind=kind,
        extended=extended,
        reassigned=rng.random() < 0.05,
        assisted=until is State.HANDLING and rng.random() < 0.15,
        consulting=until is State.HANDLING and 5 <= age <= 14 and rng.random() < 0.25,
    )


def _one_of(rng: Random, weights: dict[T, int]) -> T:
    return rng.choices(tuple(weights), tuple(weights.values()))[0]
