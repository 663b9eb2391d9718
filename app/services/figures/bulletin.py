"""The bulletin of a quarter or a month (季度通报): the city's agencies side by side, what is overdue, what was demanded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.period import Period
from app.domain.terms import ApplicantKind, Mark, RectificationStatus
from app.models import Agency, Supervision
from app.services import problems, supervisions, users
from app.services.desk import Desk
from app.services.figures import flow, losses, marks, overview, scope
from app.services.figures.flow import Flow
from app.services.figures.losses import Losses
from app.services.figures.marks import Marked
from app.services.figures.overview import Compared
from app.services.problems import Listed
from app.services.sheets import Rate, Sheet
from app.services.supervisions import Supervised
from app.services.visibility import everywhere

LISTED = 200
NOT_DISCLOSED = "—"


@dataclass(frozen=True, slots=True)
class Bulletin:
    """What is told of a period; lists of cases only as far as the reader may see the cases."""

    title: str
    period: Period
    whole: Flow
    previous: Flow
    losses: Losses
    agencies: Sequence[Compared]
    overdue: Sequence[Marked]
    late: Sequence[Marked]
    supervisions: Sequence[Supervised]
    problems: Sequence[Listed]
    names: Mapping[str, str]  # by user name, of those who handle what is listed

    @property
    def paragraphs(self) -> list[str]:
        """Say the figures in sentences."""
        now, before = self.whole, self.previous
        rates = (now.on_time_rate, before.on_time_rate, now.local_on_time_rate)
        on_time, on_time_before, local = map(percent, rates)
        corrected, lost = percent(self.losses.correction_rate), percent(self.losses.defeat_rate)
        came = f"新收政府信息公开申请{now.received}件{_compared(now.received, before.received)}"
        said = [
            f"{self.period.label}，全市{came}，上期结转{now.carried_over}件，办结{now.closed}件，期末在办{now.open}件。",
            f"答复{now.answered}件，法定期限内答复率{on_time}（上期{on_time_before}），内控期限内答复率{local}。",
            f"现有超期未办结{now.overdue_open}件。",
            f"提起行政复议、行政诉讼和投诉{self.losses.filed}件；行政复议纠错率{corrected}，行政诉讼败诉率{lost}。",
        ]
        marked = [row for row in self.agencies if row.marks[Mark.RED] or row.marks[Mark.BLACK]]
        if marked:
            named = "、".join(
                f"{row.agency.name}（红牌{row.marks[Mark.RED]}件、黑牌{row.marks[Mark.BLACK]}件）" for row in marked
            )
            said.append(f"存在超期的机关：{named}。")
        return said

    @property
    def sheets(self) -> list[Sheet]:
        """Put the figures into tables."""
        return [
            comparison_sheet(self.agencies),
            marked_sheet("超期未办结", self.overdue, self.names),
            marked_sheet("超期办结", self.late, self.names),
            _supervised(self.supervisions),
            problem_sheet(self.problems),
        ]


def make(desk: Desk, period: Period) -> Bulletin:
    """Make the bulletin of the caller's city."""
    city = scope.city(desk)
    own = scope.Scope(desk.session.get_one(Agency, desk.actor.agency_id), "subtree")
    seen = scope.of(desk, None, "subtree") if scope.sees(desk, own.agency) else None
    with everywhere(desk.session):  # counts of the whole city, which its bulletin is about
        [lost] = losses.of_period(desk, city, period)
        now, before = (flow.total([*flow.by_agency(desk, city, one).values()]) for one in (period, period.previous))
    overdue = marks.listed(desk, seen, period, Mark.RED, 1, LISTED)[0] if seen else []
    late = marks.listed(desk, seen, period, Mark.BLACK, 1, LISTED)[0] if seen else []
    listed, _ = problems.listing(desk, problems.Query(size=LISTED))
    return Bulletin(
        title=f"{city.agency.name}政府信息依申请公开工作{period.label}通报",
        period=period,
        whole=now,
        previous=before,
        losses=lost,
        agencies=overview.compare(desk, city, period),
        overdue=overdue,
        late=late,
        supervisions=supervisions.open_of(desk, Supervision.issued_on <= period.last),
        names=users.names(desk, {row.handler for row in (*overdue, *late) if row.handler}),
        problems=[one for one in listed if one.row.status is not RectificationStatus.DONE],
    )


def _compared(now: int, before: int) -> str:
    if not before:
        return ""
    return f"（环比{'增长' if now >= before else '下降'}{abs(now - before) / before:.1%}）"


def percent(rate: float | None) -> str:
    """Write a rate as a reader expects it; a dash where there is none."""
    return str(_share(rate))


def _share(rate: float | None) -> Rate | str:
    return NOT_DISCLOSED if rate is None else Rate(rate)


def comparison_sheet(rows: Sequence[Compared]) -> Sheet:
    """One line an agency; a dash where a number is withheld."""
    header = (
        *(
            "机关代码",
            "机关",
            "新收",
            "上期新收",
            "办结",
            "期末在办",
            "超期在办",
            "法定按期率",
            "上期法定按期率",
            "内控按期率",
        ),
        *("复议纠错率", "诉讼败诉率", "争议发生率", *(f"{mark.label[:2]}" for mark in Mark)),
        *(kind.label for kind in ApplicantKind),
    )
    return Sheet("各机关比较", header, [
        (
            row.agency.code, row.agency.name, row.flow.received, row.previous.received, row.flow.closed,
            row.flow.open, row.flow.overdue_open, _share(row.flow.on_time_rate), _share(row.previous.on_time_rate),
            _share(row.flow.local_on_time_rate), _share(row.losses.correction_rate), _share(row.losses.defeat_rate),
            _share(row.losses.dispute_rate), *(row.marks[mark] for mark in Mark),
            *(NOT_DISCLOSED if count is None else count for count in row.applicants.values()),
        )
        for row in rows
    ])  # fmt: skip


def marked_sheet(title: str, rows: Sequence[Marked], names: Mapping[str, str]) -> Sheet:
    header = ("案号", "机关", "状态", "经办人", "收到之日", "法定期限", "办结之日", "牌", "工作日", "督办次数")
    return Sheet(title, header, [
        (
            row.case_no, row.agency_name, row.state.label, names.get(row.handler or "", row.handler),
            row.received_on, row.due_on, row.stopped_on,
            row.mark.label, row.workdays, row.supervised,
        )
        for row in rows
    ])  # fmt: skip


def _supervised(rows: Sequence[Supervised]) -> Sheet:
    header = ("机关", "案号", "督办要求", "发出之日", "回复期限", "状态", "逾期")
    return Sheet("未办结的督办", header, [
        (
            row.agency.name, row.case_no, row.veil.over(row.row.demand), row.row.issued_on, row.row.answer_by,
            row.row.status.label, "是" if row.late else "",
        )
        for row in rows
    ])  # fmt: skip


def problem_sheet(rows: Sequence[Listed]) -> Sheet:
    """The list of problems as a table."""
    header = (
        "机关",
        "案号",
        "来源",
        "问题",
        "具体情况",
        "发现之日",
        "整改期限",
        "整改状态",
        "整改措施",
        "完成之日",
        "逾期",
    )
    return Sheet("问题清单", header, [
        (
            row.agency.name, row.case_no, row.row.source.label, row.veil.over(row.row.title),
            row.veil.over_all(row.row.detail), row.row.found_on,
            row.row.rectify_by, row.row.status.label,
            row.veil.over_all(row.row.measures), row.row.rectified_on, "是" if row.late else "",
        )
        for row in rows
    ])  # fmt: skip
