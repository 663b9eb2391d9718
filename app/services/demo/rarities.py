"""What happens once in a hundred cases, each shown once: moved on, parted, joined, answered over an objection, put right."""

import datetime as dt
from collections.abc import Iterator, Sequence
from random import Random

from app.domain import commands as c
from app.domain.application import ApplicantIn, Application
from app.domain.terms import ApplicantKind, Carrier, Channel, DeliveryMethod, Position, ReplyKind, Role, SupplementKind
from app.services.demo import applicants, paperwork, subjects
from app.services.demo.city import HELPERS, Office
from app.services.demo.courses import Days, Move
from app.services.desk import SHANGHAI

CASES = 8
"""How many cases they are, the one that splitting makes among them."""

_Step = tuple[int, Role, c.Command]


class Rarities:
    """The eight cases in the making, numbered from `first`; `other` is the agency one of them is moved to."""

    def __init__(self, office: Office, other: Office, days: Days, first: int, rng: Random) -> None:
        self._office, self._other, self._days, self._next, self._rng = office, other, days, first, rng

    def moves(self) -> Iterator[tuple[Move, int]]:
        """Everything done to them, each case's acts in order."""
        yield from self._transferred()
        yield from self._split()
        yield from self._merged()
        yield from self._supplemented()
        yield from self._over_objection()
        yield from self._excessive()

    def _transferred(self) -> Iterator[tuple[Move, int]]:
        away = c.Transfer(agency_code=self._other.code, reason="所需信息由该机关制作，属其负责公开的范围")
        yield from self._case(6, [(1, Role.REVIEWER, away)])
        taken = [
            (2, Role.INTAKE_CLERK, c.Accept(note="移送的申请，收到之日不变")),
            (3, Role.INTAKE_CLERK, self._assign(self._other)),
        ]
        yield from self._acts(6, taken, self._other, self._next - 1)

    def _split(self) -> Iterator[tuple[Move, int]]:
        parted = c.Split(item_nos=[2], reason="两项内容分属不同事项，按一事一申请分别办理")
        steps = [(0, Role.INTAKE_CLERK, c.Accept()), (1, Role.REVIEWER, parted), (2, Role.INTAKE_CLERK, self._assign())]
        yield from self._case(8, steps, items=2)

    def _merged(self) -> Iterator[tuple[Move, int]]:
        who = applicants.applicant(self._rng, ApplicantKind.NATURAL_PERSON, reachable_by_mail=False)
        kept = self._next
        yield from self._case(7, [(0, Role.INTAKE_CLERK, c.Accept()), (1, Role.INTAKE_CLERK, self._assign())], who=who)
        yield from self._case(5, [(0, Role.INTAKE_CLERK, c.Accept())], who=who)
        joined = c.Merge(case_no="-", reason="同一申请人就同一信息分两次提交，经其同意合并办理")
        at = dt.datetime.combine(self._days[self._days.ago(3)], dt.time(15), SHANGHAI)
        yield Move(at, self._who(Role.REVIEWER), joined, into=kept), self._next - 1

    def _supplemented(self) -> Iterator[tuple[Move, int]]:
        more = c.Supplement(
            kind=SupplementKind.SUPPLEMENT,
            reason="原答复遗漏附图一张",
            content="现补充提供该文件的附图1张",
            sent_by="邮政特快专递 XA99000003CN",
        )
        yield from self._case(40, [*self._answered(40), (16, Role.APPROVER, more)])

    def _over_objection(self) -> Iterator[tuple[Move, int]]:
        told = c.NotifyThirdParty(
            ref="A",
            content="采购清单（工艺参数不公开）",
            public_interest="涉及财政资金的使用和公共安全，不公开将对公共利益造成重大影响",
            proof_ref="XA99000004CN 妥投回执",
        )
        yield from self._case(45, self._answered(45, told))

    def _excessive(self) -> Iterator[tuple[Move, int]]:
        until = self._days[self._days.last] + dt.timedelta(days=75)
        steps: list[_Step] = [
            (0, Role.INTAKE_CLERK, c.Accept()),
            (1, Role.INTAKE_CLERK, self._assign()),
            (2, Role.HANDLER, c.RequestReasons(circumstances="所涉档案约六百卷", reply_within_workdays=10)),
            (4, Role.HANDLER, c.RecordReasonsDelivery(proof_ref="XA99000005CN 妥投回执")),
            (
                *(9, Role.HANDLER),
                c.ReceiveReasons(
                    content="为编修地方志需要查阅历年批复", reasonable=True, opinion="提供了修志任务书，理由合理"
                ),
            ),
            (11, Role.APPROVER, c.SetExcessivePeriod(due_on=until, basis="所涉档案约六百卷，按每周四十卷清理")),
        ]
        yield from self._case(14, steps)

    def _answered(self, age: int, told: c.NotifyThirdParty | None = None) -> list[_Step]:
        """From the acceptance to the proof of delivery, `told` where a third party had objected."""
        begun = self._days[self._days.ago(age)]
        kinds = [ReplyKind.GRANT]
        looked = list(paperwork.inquiries(kinds, f"{begun.year - 5}年1月至{begun.year}年{begun.month}月"))
        asked = list(paperwork.consultation(Position.OBJECTS)) if told else []
        draft = c.Submit(
            conclusions=[subjects.conclusion(1, ReplyKind.GRANT, begun)], third_party_concerned=told is not None
        )
        works: list[paperwork.Work] = [
            (Role.INTAKE_CLERK, c.Accept()),
            (Role.INTAKE_CLERK, self._assign()),
            *looked,
            *asked,
            (Role.HANDLER, draft),
            (Role.REVIEWER, c.Endorse(opinion="同意")),
            (Role.SECRECY_REVIEWER, c.ReviewSecrecy(cleared=True, opinion="经审查，不涉及国家秘密、工作秘密")),
            (Role.APPROVER, c.Sign(opinion="同意发出")),
            *([(Role.HANDLER, told)] if told else []),
            (Role.HANDLER, paperwork.sending(DeliveryMethod.POST, f"XA9900{age:04d}CN", None)),
            (Role.HANDLER, paperwork.arrival(DeliveryMethod.POST, age, None)),
        ]
        return [(place, duty, command) for place, (duty, command) in enumerate(works)]

    def _case(
        self, age: int, steps: Sequence[_Step], *, items: int = 1, who: ApplicantIn | None = None
    ) -> Iterator[tuple[Move, int]]:
        number, self._next = self._next, self._next + 1
        day = self._days[self._days.ago(age)]
        at = dt.datetime.combine(day, dt.time(8, 40), SHANGHAI)
        application = Application(
            agency_code=self._office.code,
            channel=Channel.IN_PERSON,
            submitted_at=at,
            applicant=who or applicants.applicant(self._rng, ApplicantKind.NATURAL_PERSON, reachable_by_mail=False),
            items=[subjects.item(self._office.topics, day.year, self._rng) for _ in range(items)],
            carrier=Carrier.PAPER,
            delivery_method=DeliveryMethod.POST,
        )
        yield Move(at, self._who(Role.INTAKE_CLERK), application), number
        yield from self._acts(age, steps, self._office, number)

    def _acts(self, age: int, steps: Sequence[_Step], office: Office, number: int) -> Iterator[tuple[Move, int]]:
        received = self._days.ago(age)
        for place, (offset, duty, command) in enumerate(steps):
            day = self._days[min(received + offset, self._days.last)]
            at = dt.datetime.combine(day, dt.time(9, 10), SHANGHAI) + dt.timedelta(minutes=20 * place)
            yield Move(at, office.with_duty(duty)[0].username, command), number

    def _who(self, duty: Role) -> str:
        return self._office.with_duty(duty)[0].username

    def _assign(self, office: Office | None = None) -> c.Assign:
        handler = (office or self._office).with_duty(Role.HANDLER)[0].username
        return c.Assign(handler=handler, opinion="属本机关职责范围，交业务科室办理")


def neighbour(offices: Sequence[Office]) -> Office:
    """Find the agency that a case is moved to."""
    return next(office for office in offices if office.code == HELPERS[0])
