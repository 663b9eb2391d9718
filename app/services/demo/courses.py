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
from app.domain.terms import (
    ApplicantKind,
    Carrier,
    Channel,
    DeliveryMethod,
    ReplyKind,
    Role,
    State,
)
from app.domain.workdays import WorkCalendar
from app.services.demo import applicants, paperwork, subjects
from app.services.demo.city import HELPERS, Office
from app.services.desk import SHANGHAI

REPLY, CONSULTATION, PAYMENT, NOTICE = 20, 15, 20, 10
"""Working days for a reply (条例第33条第2款), a third party's opinion (第32条) and the fee; and for a correction here."""


class Correction(Enum):
    """How far the one permitted correction got (条例第30条)."""

    NONE = 0
    ASKED = 1
    NOTIFIED = 2
    MADE = 3
    LAPSED = 4


class Fee(Enum):
    """How far the charging of the information-processing fee got (条例第42条)."""

    NONE = 0
    NOTIFIED = 1
    PAID = 2
    LAPSED = 3


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
    items: int = 1  # the further ones are found not to exist
    correction: Correction = Correction.NONE
    extended: int = 0
    confirmed: bool = True
    returned: bool = False
    reassigned: bool = False
    consulting: bool = False  # a third party has been asked and has not answered
    assisted: bool = False  # another agency has been asked to help
    fee: Fee = Fee.NONE
    withdrawn: bool = False
    sent_back: bool = False  # the post returned the first sending


@dataclass(frozen=True, slots=True)
class Move:
    """One act on one case: who does what, and when. An application registers the case."""

    at: dt.datetime
    who: str
    what: Application | c.Command
    into: int | None = None  # which of the planned cases it is merged into; its number is given on the way


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
    def before_new_year(self) -> int:
        """The age of the last working day of last year."""
        this_year = [day for day in self._past if day.year == self._past[-1].year]
        return len(this_year) + (1 if self._works_today else 0)

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
        return [subjects.item(self._office.topics, year, self._rng) for _ in range(self._plan.items)]

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
            yield from self._put_away(closed)
            return closed
        made = delivered + rng.randint(1, NOTICE - 1)
        title = subjects.item(self._office.topics, self._days[self._received].year, rng).title or ""
        yield made, Role.INTAKE_CLERK, c.ReceiveCorrection(content=f"需要：{title}")
        return made

    def _handled(self, base: int, begun: int) -> Iterator[_Step]:
        """From the assignment to wherever the plan ends; the steps lie at random between then and the reply."""
        plan, rng = self._plan, self._rng
        yield begun, Role.INTAKE_CLERK, c.Assign(handler=self._handlers[0], opinion="属本机关职责范围，交业务科室办理")
        if plan.fee is not Fee.NONE:
            base = begun = yield from self._charged(begun)
        if plan.withdrawn:
            yield from self._withdrawn(begun)
        if plan.fee in {Fee.NOTIFIED, Fee.LAPSED} or plan.withdrawn or begun > self._days.last:
            return
        sent = max(base + plan.taken if plan.taken else self._days.last, begun)
        steps = list(self._until_sent(self._days[begun]))
        places = sorted(rng.randint(begun, sent) for _ in steps)
        if plan.taken:
            places[-1] = sent
        dated = [(place, duty, command) for place, (duty, command) in zip(places, steps, strict=True)]
        if plan.extended:
            last_chance = max(begun, min(base + REPLY, sent))
            on = rng.randint(max(begun, last_chance - 4), last_chance)
            notice = c.Extend(workdays=plan.extended, reason="需调阅历年档案并会同有关单位核实，二十个工作日内难以完成")
            # A stable sort: the extension comes first on its day, all else stays in order.
            dated = sorted([(on, Role.APPROVER, notice), *dated], key=lambda step: step[0])
        due = base + REPLY + plan.extended
        due += _paused(dated, due)
        yield from self._excused(dated, due)
        if plan.until in _SENT:
            yield from self._sent(sent, due, signed=dated[-1][0])

    def _charged(self, begun: int) -> Generator[_Step, None, int]:
        """Ask for the fee; returns the place of the day on which it was paid, or of the last thing that happened."""
        plan, rng = self._plan, self._rng
        notified = begun + rng.randint(1, 2)
        yield notified, Role.HANDLER, paperwork.fee_notice(plan.method)
        delivered = notified + rng.randint(1, 2)
        yield delivered, Role.HANDLER, c.RecordFeeDelivery(proof_ref=self._postal_no())
        if plan.fee is Fee.PAID:
            paid = delivered + rng.randint(1, 10)
            yield paid, Role.INTAKE_CLERK, paperwork.payment(self._number)
            return paid
        if plan.fee is Fee.LAPSED:
            closed = delivered + PAYMENT + rng.randint(1, 3)
            yield closed, Role.INTAKE_CLERK, c.CloseUnpaid(note="缴费期限届满，申请人未缴费")
            yield from self._put_away(closed)
        return delivered

    def _withdrawn(self, begun: int) -> Iterator[_Step]:
        on = begun + self._rng.randint(1, 5)
        yield on, Role.INTAKE_CLERK, c.Withdraw(form="申请人来信撤回，附签名", reason="已经从其他途径取得")
        yield from self._put_away(on)

    def _put_away(self, closed: int) -> Iterator[_Step]:
        if self._plan.until is State.ARCHIVED:
            yield closed + self._rng.randint(1, 8), Role.ARCHIVIST, self._archive(closed)

    def _excused(self, dated: list[_Step], due: int) -> Iterator[_Step]:
        """Before the signature, let pass what a leader may: a deadline that is over, an earlier reply on paper."""
        for place, duty, command in dated:
            if isinstance(command, c.Sign):
                if place > due:
                    yield place, Role.APPROVER, paperwork.let_late_pass()
                if self._plan.kind is ReplyKind.REJECT_REPEAT:
                    yield place, Role.APPROVER, paperwork.let_paper_precedent_pass()
            yield place, duty, command

    def _sent(self, sent: int, due: int, *, signed: int) -> Iterator[_Step]:
        """From the sending to the archive."""
        plan, rng = self._plan, self._rng
        if sent > due >= signed:
            yield sent, Role.APPROVER, paperwork.let_late_pass()
        by_signature = plan.method in _BY_SIGNATURE
        reason = "所涉档案年代久远，查找、核对用时超过预期" if sent > due and not by_signature else None
        yield sent, Role.HANDLER, paperwork.sending(plan.method, self._postal_no(), reason)
        if plan.until is State.DELIVERING:
            return
        if plan.sent_back:
            back = sent + rng.randint(2, 4)
            yield back, Role.HANDLER, c.RecordReturn(reason="地址不详，退回")
            sent = back + 1
            again = "以第一次交邮之日为准，退回后重新寄出" if sent > due else None
            yield sent, Role.HANDLER, paperwork.sending(plan.method, self._postal_no(), again)
        served = sent + (rng.randint(0, 2) if by_signature else rng.randint(1, 4))
        late = by_signature and served > due
        explained = "多次通知后申请人才前来领取" if late else None
        yield served, Role.HANDLER, paperwork.arrival(plan.method, self._number, explained)
        yield from self._put_away(served)

    def _until_sent(self, begun_on: dt.date) -> Iterator[paperwork.Work]:
        """The steps from the assignment to the signature, as far as the plan goes."""
        plan, rng = self._plan, self._rng
        reached = _ORDER.index(plan.until)
        if plan.reassigned:
            change = c.Reassign(handler=self._handlers[-1], reason="原经办人参加集中学习，改由他人办理")
            yield Role.INTAKE_CLERK, change
        if rng.random() < 0.15:
            yield Role.HANDLER, paperwork.contact()
        if plan.assisted:
            other = next(code for code in HELPERS if code != self._office.code)
            yield Role.HANDLER, paperwork.request_for_help(other, begun_on + dt.timedelta(days=14))
        if plan.consulting:
            yield from paperwork.consultation(None)
        kinds = [plan.kind, *(ReplyKind.UNABLE_NOT_EXIST for _ in self._items[1:])]
        if plan.returned or reached >= _ORDER.index(State.SECTION_REVIEW):
            yield from paperwork.inquiries(kinds, f"{begun_on.year - 5}年1月至{begun_on.year}年{begun_on.month}月")
        draft = c.Submit(
            conclusions=[subjects.conclusion(no, kind, begun_on) for no, kind in enumerate(kinds, 1)],
            third_party_concerned=plan.kind is ReplyKind.DENY_THIRD_PARTY,
        )
        if plan.returned:
            yield Role.HANDLER, draft
            yield Role.REVIEWER, c.ReturnDraft(reason="说理不够具体，请写明检索的经过和所依据的条款")
        if reached >= _ORDER.index(State.SECTION_REVIEW):
            yield Role.HANDLER, draft
        if reached >= _ORDER.index(State.LEADER_REVIEW):
            yield Role.REVIEWER, c.Endorse(opinion="同意")
            if rng.random() < 0.2:
                yield Role.LEGAL_REVIEWER, paperwork.legal_review()
            if rng.random() < 0.9 or reached > _ORDER.index(State.LEADER_REVIEW):
                yield Role.SECRECY_REVIEWER, c.ReviewSecrecy(cleared=True, opinion="经审查，不涉及国家秘密、工作秘密")
        if reached >= _ORDER.index(State.SIGNED):
            yield Role.APPROVER, c.Sign(opinion="同意发出")

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
_BY_SIGNATURE = frozenset({DeliveryMethod.PICKUP, DeliveryMethod.INSPECT})


def _paused(steps: list[_Step], due: int) -> int:
    """Count the working days a consultation takes from the period (条例第33条第3款), as the agencies here read it."""
    place = {type(command): on for on, _, command in steps}
    asked = place.get(c.Consult)
    if asked is None or asked >= due:
        return 0
    limit = place[c.RecordConsultationDelivery] + CONSULTATION
    return min(place.get(c.RecordConsultationAnswer, limit), limit) - asked
