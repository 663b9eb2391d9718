"""How a case of the demo city goes: what is done to it, by whom, at which moment, up to where it stands today.

A course is planned before anything happens, in working days of the agency's own calendar, and then carried out through the
services. A plan that broke the law would be refused there; nothing here enters a row.
"""

import datetime as dt
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from random import Random

from app.domain import commands as c
from app.domain.application import CONFIRMED_CHANNELS, Application, ItemIn
from app.domain.sending import SERVED_BY_SIGNATURE
from app.domain.terms import (
    ApplicantKind,
    Carrier,
    Channel,
    DeliveryMethod,
    ProofKind,
    ReplyKind,
    Role,
    State,
)
from app.domain.workdays import WorkCalendar
from app.services.demo import applicants, subjects
from app.services.demo.city import Office
from app.services.desk import SHANGHAI

REPLY, NOTICE = 20, 10
"""Working days for a reply (条例第33条第2款), and those the agencies here allow for a correction."""


class Correction(Enum):
    """How far the one permitted correction got (条例第30条)."""

    NONE = 0
    ASKED = 1
    NOTIFIED = 2
    MADE = 3
    LAPSED = 4


@dataclass(frozen=True, slots=True)
class Plan:
    """What a case is to become. Ages and periods are working days of the agency's calendar."""

    until: State
    age: int  # since receipt, or since submission while the receipt is unconfirmed
    taken: int = 0  # from receipt (or correction) to the sending of the reply, for a case that was replied to
    channel: Channel = Channel.IN_PERSON
    applicant: ApplicantKind = ApplicantKind.NATURAL_PERSON
    kind: ReplyKind = ReplyKind.GRANT
    method: DeliveryMethod = DeliveryMethod.POST
    correction: Correction = Correction.NONE
    extended: int = 0
    confirmed: bool = True
    returned: bool = False
    reassigned: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """One act on one case: who does what, and when. An application registers the case."""

    at: dt.datetime
    who: str
    what: Application | c.Command


class Days:
    """The working days of one calendar before today, counted backwards."""

    def __init__(self, calendar: WorkCalendar, today: dt.date) -> None:
        first = dt.date(today.year - 1, 1, 1)
        self._past = [first + dt.timedelta(n) for n in range((today - first).days)]
        self._past = [day for day in self._past if calendar.is_workday(day)]
        self._works_today = calendar.is_workday(today)

    def ago(self, age: int) -> int:
        """The place of the working day after which `age` working days have passed, today included."""
        place = len(self._past) - age - (0 if self._works_today else 1)
        return min(max(place, 0), self.last)

    @property
    def last(self) -> int:
        return len(self._past) - 1

    def __getitem__(self, place: int) -> dt.date:
        return self._past[place]


_Step = tuple[int, Role, c.Command]


class Course:
    """One case's course in the making; `moves` is the result."""

    def __init__(self, plan: Plan, office: Office, days: Days, number: int, rng: Random) -> None:
        self._plan, self._office, self._days, self._number, self._rng = plan, office, days, number, rng
        self._handlers = [person.username for person in office.with_duty(Role.HANDLER)]
        rng.shuffle(self._handlers)
        self._received = days.ago(plan.age)
        self._items = self._wanted()

    def moves(self) -> list[Move]:
        """Everything done to the case, in order; nothing later than yesterday."""
        application = self._application()
        registered = application.submitted_at
        if self._plan.channel is not Channel.INTERNET:  # the portal registers at once, people in their working hours
            opened = dt.datetime.combine(self._days[self._received], dt.time(8, 30), SHANGHAI)
            registered = max(registered, opened) + dt.timedelta(minutes=self._rng.randint(3, 20))
        found = [Move(registered, self._registrar(), application)]
        steps = [step for step in self._steps() if step[0] <= self._days.last]
        for place, group in groupby(steps, key=lambda step: step[0]):
            of_the_day = list(group)
            day = self._days[place]
            earliest = 9 * 60 if day > registered.date() else registered.hour * 60 + registered.minute + 1
            minutes = sorted(self._rng.sample(range(earliest, 17 * 60 + 30), len(of_the_day)))
            for minute, (_, duty, command) in zip(minutes, of_the_day, strict=True):
                at = dt.datetime.combine(day, dt.time(minute // 60, minute % 60), SHANGHAI)
                found.append(Move(at, self._who(duty), command))
        return found

    def _who(self, duty: Role) -> str:
        if duty is Role.HANDLER:
            return self._handlers[-1] if self._plan.reassigned else self._handlers[0]
        return self._office.with_duty(duty)[0].username

    def _registrar(self) -> str:
        return PORTAL if self._plan.channel is Channel.INTERNET else self._who(Role.INTAKE_CLERK)

    def _wanted(self) -> list[ItemIn]:
        year = self._days[self._received].year
        if self._plan.correction is not Correction.NONE:
            return [subjects.vague_item(self._rng)]
        several = self._rng.choice((2, 2, 3)) if self._rng.random() < 0.1 else 1
        return [subjects.item(self._office.topics, year, self._rng) for _ in range(several)]

    def _application(self) -> Application:
        plan, rng = self._plan, self._rng
        day = self._days[self._received]
        at = dt.datetime.combine(day, dt.time(rng.randint(8, 11), rng.randrange(60)), SHANGHAI)
        if plan.channel in {Channel.INTERNET, Channel.FAX} and rng.random() < 0.5:
            at -= dt.timedelta(hours=rng.randint(10, 20))  # sent in the evening, confirmed on the next working day
        carrier = Carrier.PAPER if plan.method is not DeliveryMethod.EMAIL else Carrier.ELECTRONIC
        return Application(
            agency_code=self._office.code,
            channel=plan.channel,
            submitted_at=at,
            external_no=f"DEMO-{self._number:05d}" if plan.channel is Channel.INTERNET else None,
            applicant=applicants.applicant(rng, plan.applicant, reachable_by_mail=plan.method is DeliveryMethod.EMAIL),
            items=self._items,
            carrier=Carrier.DISC if rng.random() < 0.04 else carrier,
            delivery_method=plan.method,
        )

    def _steps(self) -> Iterator[_Step]:
        """Every step up to the plan's end, in order; steps past yesterday are dropped by the caller."""
        plan, rng = self._plan, self._rng
        if plan.channel in CONFIRMED_CHANNELS and plan.confirmed:
            yield self._received, Role.INTAKE_CLERK, c.ConfirmReceipt(note="电话联系申请人，双方确认收到")
        if plan.until is State.REGISTERED:
            return
        accepted = self._received + (0 if plan.age < 3 else rng.randint(0, 1))
        yield accepted, Role.INTAKE_CLERK, c.Accept(note="要件齐全，予以受理")
        base = self._received
        if plan.correction is not Correction.NONE:
            base = yield from self._corrected(accepted)
        if plan.until in _BEFORE_HANDLING or plan.correction is Correction.LAPSED:
            return
        if (begun := max(base, accepted)) <= self._days.last:
            yield from self._handled(base, begun)

    def _corrected(self, accepted: int) -> Generator[_Step, None, int]:
        """Ask for the correction; returns the place of the day on which the corrected application came."""
        plan, rng = self._plan, self._rng
        short = plan.until is State.AWAITING_CORRECTION
        asked = min(accepted + rng.randint(1, 4), self._days.last) if short else accepted + rng.randint(1, 4)
        yield (
            asked,
            Role.INTAKE_CLERK,
            c.RequestCorrection(
                unclear="申请内容没有写明文件名称、文号或者年份，无法确定所指的信息",
                required="请补充所需信息的名称、文号或者便于查询的其他特征",
                reply_within_workdays=NOTICE,
            ),
        )
        if plan.correction is Correction.ASKED:
            return asked
        delivered = min(asked + rng.randint(1, 3), self._days.last) if short else asked + rng.randint(1, 3)
        yield delivered, Role.INTAKE_CLERK, c.RecordCorrectionDelivery(proof_ref=self._postal_no())
        if plan.correction is Correction.NOTIFIED:
            return delivered
        if plan.correction is Correction.LAPSED:
            closed = delivered + NOTICE + rng.randint(1, 3)
            yield closed, Role.INTAKE_CLERK, c.CloseUncorrected(note="补正期限届满，申请人无正当理由未补正")
            if plan.until is State.ARCHIVED:
                yield closed + rng.randint(1, 8), Role.ARCHIVIST, self._archive(closed)
            return closed
        made = delivered + rng.randint(1, NOTICE - 1)
        title = subjects.item(self._office.topics, self._days[self._received].year, rng).title or ""
        yield made, Role.INTAKE_CLERK, c.ReceiveCorrection(content=f"需要：{title}")
        return made

    def _handled(self, base: int, begun: int) -> Iterator[_Step]:
        """From the assignment to wherever the plan ends; the steps lie at random between then and the reply."""
        plan, rng = self._plan, self._rng
        sent = base + plan.taken if plan.taken else self._days.last
        steps = list(self._until_sent())
        sent = max(sent, begun)
        places = sorted(rng.randint(begun, sent) for _ in steps)
        if plan.taken:
            places[-1] = sent
        dated = [(place, duty, command) for place, (duty, command) in zip(places, steps, strict=True)]
        if plan.extended:
            last_chance = min(base + REPLY, sent, self._days.last)
            on = rng.randint(max(begun, last_chance - 4), max(begun, last_chance))
            notice = c.Extend(workdays=plan.extended, reason="需调阅历年档案并会同有关单位核实，二十个工作日内难以完成")
            dated = sorted(
                [(on, Role.APPROVER, notice), *dated], key=lambda step: step[0]
            )  # stable: the rest keeps its order
        late = sent > base + REPLY + plan.extended
        reason = "所涉档案年代久远，查找、核对用时超过预期" if late and plan.taken else None
        yield from dated
        if plan.until not in _SENT:
            return
        yield sent, Role.HANDLER, self._deliver(None if plan.method in SERVED_BY_SIGNATURE else reason)
        if plan.until is State.DELIVERING:
            return
        served = sent + (rng.randint(0, 2) if plan.method in SERVED_BY_SIGNATURE else rng.randint(1, 4))
        if plan.method in SERVED_BY_SIGNATURE and served > base + REPLY + plan.extended:
            reason = "多次通知后申请人才前来领取"
        yield served, Role.HANDLER, self._served(reason if plan.method in SERVED_BY_SIGNATURE else None)
        if plan.until is State.ARCHIVED:
            yield served + rng.randint(1, 8), Role.ARCHIVIST, self._archive(served)

    def _until_sent(self) -> Iterator[tuple[Role, c.Command]]:
        """The steps from the assignment to the signature, as far as the plan goes."""
        plan = self._plan
        yield Role.INTAKE_CLERK, c.Assign(handler=self._handlers[0], opinion="属本机关职责范围，交业务科室办理")
        if plan.reassigned:
            change = c.Reassign(handler=self._handlers[-1], reason="原经办人参加集中学习，改由他人办理")
            yield Role.INTAKE_CLERK, change
        reached = _ORDER.index(plan.until)
        if plan.returned:
            yield Role.HANDLER, self._draft()
            yield Role.REVIEWER, c.ReturnDraft(reason="说理不够具体，请写明检索的经过和所依据的条款")
        if reached >= _ORDER.index(State.SECTION_REVIEW):
            yield Role.HANDLER, self._draft()
        if reached >= _ORDER.index(State.LEADER_REVIEW):
            yield Role.REVIEWER, c.Endorse(opinion="同意")
            if self._rng.random() < 0.9 or reached > _ORDER.index(State.LEADER_REVIEW):
                yield Role.SECRECY_REVIEWER, c.ReviewSecrecy(cleared=True, opinion="经审查，不涉及国家秘密、工作秘密")
        if reached >= _ORDER.index(State.SIGNED):
            yield Role.APPROVER, c.Sign(opinion="同意发出")

    def _draft(self) -> c.Submit:
        kinds = [self._plan.kind, *(ReplyKind.UNABLE_NOT_EXIST for _ in self._items[1:])]
        return c.Submit(conclusions=[subjects.conclusion(no, kind) for no, kind in enumerate(kinds, 1)])

    def _deliver(self, late_reason: str | None) -> c.Deliver:
        posted = self._plan.method is DeliveryMethod.POST
        return c.Deliver(
            method=self._plan.method,
            carrier="中国邮政" if posted else None,
            tracking_no=self._postal_no() if posted else None,
            late_reason=late_reason,
        )

    def _served(self, late_reason: str | None) -> c.ConfirmDelivery:
        proof = _PROOFS[self._plan.method]
        source = {ProofKind.POSTAL_RECEIPT: "妥投回执", ProofKind.SIGNED_RECEIPT: "送达回证"}.get(
            proof, "发送与收悉记录"
        )
        return c.ConfirmDelivery(
            proof=proof, proof_ref=f"{source}第{self._number}号", receiver="本人", late_reason=late_reason
        )

    def _archive(self, place: int) -> c.Archive:
        year = self._days[min(place, self._days.last)].year
        return c.Archive(volume_no=f"{year}-YSQ-{self._number:04d}")

    def _postal_no(self) -> str:
        return f"XA{self._number:08d}9CN"


PORTAL = "portal"
"""Stands in a move for the city's portal, whose interface key is made with the city."""

_BEFORE_HANDLING = frozenset({State.REGISTERED, State.REVIEWING, State.AWAITING_CORRECTION})
_SENT = frozenset({State.DELIVERING, State.DELIVERED, State.ARCHIVED})
_ORDER = tuple(State)
_PROOFS = {
    DeliveryMethod.POST: ProofKind.POSTAL_RECEIPT,
    DeliveryMethod.EMAIL: ProofKind.SENDING_LOG,
    DeliveryMethod.WEB: ProofKind.SENDING_LOG,
    DeliveryMethod.FAX: ProofKind.SENDING_LOG,
    DeliveryMethod.PICKUP: ProofKind.SIGNED_RECEIPT,
    DeliveryMethod.INSPECT: ProofKind.SIGNED_RECEIPT,
}
