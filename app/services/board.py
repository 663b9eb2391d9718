"""The board's charts: figures of the API laid out as shapes, so that a page can draw them without a program of its own."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.period import Period
from app.domain.terms import Mark
from app.services.desk import Desk
from app.services.figures import due_days, overview, scope
from app.services.figures.bulletin import percent
from app.services.figures.due_days import DueDay
from app.services.figures.overview import Compared, Overview
from app.services.figures.scope import Scope

WIDTH = 640
AGENCIES = 12
_LABEL = 26  # characters of a label beside a bar


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, in units of the drawing."""

    x: float
    y: float
    width: float
    height: float
    label: str
    value: str
    note: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing and the table that says the same."""

    id: str
    title: str
    description: str
    width: int
    height: int
    bars: Sequence[Bar]
    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    line: str = ""  # the points of a polyline
    dots: Sequence[Bar] = ()


@dataclass(frozen=True, slots=True)
class Tile:
    """One number large enough to be read from across the room."""

    label: str
    value: str
    note: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    """The page."""

    title: str
    period: Period
    as_of: dt.date
    tiles: Sequence[Tile]
    charts: Sequence[Chart]


def make(desk: Desk, wanted: Scope, period: Period) -> Board:
    """Lay out the figures of a scope."""
    found = overview.overview(desk, wanted, period)
    return Board(
        title=f"{wanted.agency.name}依申请公开办理情况",
        period=period,
        as_of=desk.today,
        tiles=_tiles(found),
        charts=[
            _stages(found),
            _calendar(due_days.coming(desk, wanted), desk.today),
            _trend(found),
            _agencies(overview.compare(desk, scope.city(desk), period), period),
            _hot(found),
        ],
    )


def _tiles(found: Overview) -> list[Tile]:
    now, before = found.flow, found.previous
    return [
        Tile("新收", str(now.received), f"上期 {before.received} 件"),
        Tile("办结", str(now.closed), f"上期 {before.closed} 件"),
        Tile("期末在办", str(now.open), f"上期结转 {now.carried_over} 件"),
        Tile("法定按期率", percent(now.on_time_rate), f"上期 {percent(before.on_time_rate)}"),
        Tile("内控按期率", percent(now.local_on_time_rate), f"上期 {percent(before.local_on_time_rate)}"),
        *(Tile(mark.label, str(found.marks[mark]), "件", mark.value) for mark in Mark),
        Tile("复议纠错率", percent(found.losses.correction_rate), f"审结 {found.losses.reconsiderations_decided} 件"),
        Tile("诉讼败诉率", percent(found.losses.defeat_rate), f"审结 {found.losses.lawsuits_decided} 件"),
    ]


def _stages(found: Overview) -> Chart:
    counts = {stage: sum(states.values()) for stage, states in found.stages.items()}
    times = {time.stage: time for time in found.stage_times}
    most, step = max(counts.values(), default=0) or 1, WIDTH / len(counts)
    bars = [
        Bar(
            x=round(n * step + 8, 1),
            y=round(150 - 120 * count / most, 1),
            width=round(step - 16, 1),
            height=round(120 * count / most, 1),
            label=stage.label,
            value=f"{count}件",
            note=f"均{times[stage].average}日" if stage in times else "",
        )
        for n, (stage, count) in enumerate(counts.items())
    ]
    rows = [
        (
            stage.label,
            str(count),
            str(times[stage].average) if stage in times else "—",
            str(times[stage].average_waiting) if stage in times else "—",
        )
        for stage, count in counts.items()
    ]
    whole = found.whole_time
    said = f"尚未归档的{sum(counts.values())}件在六个阶段的分布"
    if whole.average is not None:
        said += f"；本期答复平均历时{whole.average}个工作日，其中依法不计入{whole.average_excluded}个工作日"
    header = ("阶段", "现有件数", "平均历时（工作日）", "其中等待申请人（工作日）")
    return Chart("stages", "阶段流转", said, WIDTH, 200, bars, header, rows)


def _calendar(days: Sequence[DueDay], today: dt.date) -> Chart:
    side, high = WIDTH / 7, 46
    bars = [
        Bar(
            x=round(n % 7 * side + 2, 1),
            y=float(n // 7 * high + 22),
            width=round(side - 4, 1),
            height=high - 4.0,
            label=f"{day.on.month}/{day.on.day}",
            value=f"{day.requests + day.remedies}件" if day.requests + day.remedies else "",
            kind=_kind(day, today),
        )
        for n, day in enumerate(days)
    ]
    rows = [
        (day.on.isoformat(), "工作日" if day.workday else "休息", str(day.requests), str(day.remedies))
        for day in days
        if day.requests or day.remedies
    ]
    total = sum(day.requests for day in days)
    said = f"{days[0].on}至{days[-1].on}，法定期限到期{total}件，复议诉讼期限{sum(day.remedies for day in days)}项"
    header = ("日期", "是否工作日", "答复到期（件）", "复议诉讼期限（项）")
    height = 22 + high * (len(days) // 7)
    return Chart("calendar", "到期日历", said, WIDTH, height, bars, header, rows)


def _kind(day: DueDay, today: dt.date) -> str:
    kinds = [] if day.workday else ["rest"]
    if day.requests or day.remedies:
        kinds.append("late" if day.on < today else "due")
    if day.on == today:
        kinds.append("today")
    return " ".join(kinds)


def _trend(found: Overview) -> Chart:
    months = found.months
    most, step = max((month.received for month in months), default=0) or 1, WIDTH / len(months)
    bars = [
        Bar(
            x=round(n * step + 6, 1),
            y=round(170 - 110 * month.received / most, 1),
            width=round(step - 12, 1),
            height=round(110 * month.received / most, 1),
            label=f"{month.month.first_month}月",
            value=str(month.received),
        )
        for n, month in enumerate(months)
    ]
    dots = [
        Bar(
            x=round((n + 0.5) * step, 1),
            y=round(120 - 100 * month.on_time_rate, 1),
            width=0,
            height=0,
            label=str(month.month),
            value=f"{month.on_time_rate:.0%}",
        )
        for n, month in enumerate(months)
        if month.on_time_rate is not None
    ]
    rows = [
        (str(month.month), str(month.received), str(month.answered), percent(month.on_time_rate)) for month in months
    ]
    said = "最近十二个月：柱为新收件数，线为法定期限内答复率"
    line = " ".join(f"{dot.x},{dot.y}" for dot in dots)
    header = ("月份", "新收", "答复", "法定按期率")
    return Chart("trend", "按期率走势", said, WIDTH, 200, bars, header, rows, line, dots)


def _agencies(rows: Sequence[Compared], period: Period) -> Chart:
    busiest = sorted(rows, key=lambda row: (-row.flow.received, row.agency.code))[:AGENCIES]
    busiest = [row for row in busiest if row.flow.received]
    most = max((row.flow.received for row in busiest), default=0) or 1
    bars = [
        Bar(
            x=230,
            y=n * 24.0 + 4,
            width=round(250 * row.flow.received / most, 1),
            height=16,
            label=row.agency.name[:_LABEL],
            value=f"{row.flow.received}件 按期{percent(row.flow.on_time_rate)}",
            kind="late" if row.flow.overdue_open else "",
        )
        for n, row in enumerate(busiest)
    ]
    table = [
        (
            row.agency.name,
            str(row.flow.received),
            str(row.flow.closed),
            str(row.flow.open),
            str(row.flow.overdue_open),
            percent(row.flow.on_time_rate),
            percent(row.losses.correction_rate),
            percent(row.losses.defeat_rate),
        )
        for row in rows
    ]
    said = f"{period.label}全市各机关新收件数和法定按期率（前{len(busiest)}名；红色为有超期未办结的）"
    header = ("机关", "新收", "办结", "在办", "超期在办", "法定按期率", "复议纠错率", "诉讼败诉率")
    return Chart("agencies", "各机关比较", said, WIDTH, max(len(bars), 1) * 24 + 8, bars, header, table)


def _hot(found: Overview) -> Chart:
    most = max((one.requests for one in found.hot), default=0) or 1
    bars = [
        Bar(
            x=330,
            y=n * 24.0 + 4,
            width=round(200 * one.requests / most, 1),
            height=16,
            label=one.title[:_LABEL],
            value=f"{one.requests}次 {one.applicants}人",
        )
        for n, one in enumerate(found.hot)
    ]
    rows = [
        (one.title, one.agency_name, one.document_no or "", str(one.requests), str(one.applicants), str(one.opened))
        for one in found.hot
    ]
    said = f"{found.period.label}被申请两次以上的信息{len(found.hot)}项，可以评估能否主动公开（条例第44条）"
    header = ("信息", "机关", "文号", "申请次数", "申请人数", "予以公开")
    return Chart("hot", "热点信息", said, WIDTH, max(len(bars), 1) * 24 + 8, bars, header, rows)
