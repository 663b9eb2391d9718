"""Calendar days and notices as callers send and see them."""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from app.domain.acts import LegalDay
from app.domain.commands import Strict
from app.domain.shape import Shape
from app.domain.terms import DayKind, RemedyNode
from app.domain.workdays import Day, WorkCalendar
from app.models import CalendarNotice
from app.services import clocks
from app.services.notices import Content, Outcome
from app.services.recompute import SHOWN, Effect

REGION = r"^CN(-[0-9]{2}([0-9]{4})?)?$"


class DayOut(Shape):
    on: dt.date
    workday: bool
    kind: DayKind
    why: str
    source: str
    provisional: bool = Field(description="该日的放假安排尚未由通知确定")


class CalendarOut(Shape):
    region: str
    version: str
    published_through: dt.date = Field(description="已公布通知的最后一天")
    items: list[DayOut]


def calendar_out(region: str, calendar: WorkCalendar, days: Sequence[Day]) -> CalendarOut:
    return CalendarOut(
        region=region,
        version=calendar.version,
        published_through=calendar.published_through,
        items=[
            DayOut(
                on=day.on,
                workday=day.workday,
                kind=day.kind,
                why=day.why,
                source=day.source,
                provisional=day.provisional,
            )
            for day in days
        ],
    )


class NamedDay(Strict):
    date: LegalDay
    name: str = Field("", max_length=40, description="节日名称，如 火把节")


def _named_day(value: Any) -> Any:
    return {"date": value} if isinstance(value, str | dt.date) else value


_DATE_SCHEMA = {"type": "string", "format": "date"}
DayOff = Annotated[
    NamedDay,
    BeforeValidator(_named_day),
    WithJsonSchema(
        {
            "anyOf": [
                _DATE_SCHEMA,
                {
                    "type": "object",
                    "properties": {"date": _DATE_SCHEMA, "name": {"type": "string", "maxLength": 40}},
                    "required": ["date"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]


class NoticeIn(Strict):
    """One year's notice for the country or for a region."""

    region: str = Field(pattern=REGION, description="CN 全国；区域通知用 CN-行政区划代码", examples=["CN-532300"])
    year: int = Field(strict=True, ge=2004, le=2050, description="年份", examples=[2025])
    source: str = Field(
        min_length=2, max_length=200, description="通知的文号或者出处", examples=["楚雄彝族自治州2025年火把节放假通知"]
    )
    off: list[DayOff] = Field(
        max_length=400,
        description="放假的每一天（含连休的周末），日期或者 {date, name}",
        examples=[[{"date": f"2025-07-{day}", "name": "火把节"} for day in (16, 17, 18)]],
    )
    work: list[LegalDay] = Field(default_factory=list, max_length=100, description="调休上班的每一天", examples=[[]])

    def content(self) -> Content:
        return Content(
            region=self.region,
            year=self.year,
            source=self.source,
            off=[(day.date, day.name) for day in self.off],
            work=self.work,
        )


class NoticeOut(Shape):
    """A version of a notice."""

    id: int | None = Field(description="版本的编号；试运行为空")
    region: str
    year: int
    source: str
    off: list[NamedDay]
    work: list[dt.date]
    sha256: str = Field(description="地区、年份、放假日和上班日的指纹")
    imported_at: dt.datetime
    imported_by: str
    recomputed_at: dt.datetime | None = Field(description="在办案件全部按它重算完毕的时间")
    in_force: bool = Field(description="是否该地区该年份现行的版本")


class NoticePage(Shape):
    items: list[NoticeOut]
    total: int
    page: int
    size: int


def notice_out(notice: CalendarNotice, *, in_force: bool) -> NoticeOut:
    return NoticeOut(
        id=notice.id,
        region=notice.region,
        year=notice.year,
        source=notice.source,
        off=[NamedDay(date=dt.date.fromisoformat(day), name=name) for day, name in notice.off],
        work=[dt.date.fromisoformat(day) for day in notice.work],
        sha256=notice.sha256,
        imported_at=clocks.in_shanghai(notice.imported_at),
        imported_by=notice.imported_by,
        recomputed_at=clocks.in_shanghai(notice.recomputed_at) if notice.recomputed_at else None,
        in_force=in_force,
    )


class FromTo(Shape):
    """A date before and after."""

    from_: dt.date | None = Field(alias="from", validation_alias="from_")
    to: dt.date | None


class MovedCase(Shape):
    """A case whose limits move; nothing says whose it is or what it asks for."""

    id: int
    case_no: str
    agency_code: str
    due_on: FromTo = Field(description="法定期限")
    target_on: FromTo = Field(description="内控期限")


class MovedRemedy(Shape):
    """A remedy in which the next day to act by moves."""

    id: int
    case_id: int
    case_no: str
    agency_code: str
    node: RemedyNode = Field(description="本机关最近须办的事项")
    node_label: str
    due_on: FromTo


class ChangedDay(Shape):
    on: dt.date
    workday: bool = Field(description="导入之后是否工作日")
    before: str
    after: str


class RegionEffect(Shape):
    region: str
    open_cases: int
    moved: int
    settled: int


class EffectOut(Shape):
    """What a calendar does to the cases that are being handled."""

    open_cases: int = Field(description="在办案件")
    moved: int = Field(description="期限变动的案件")
    settled: int = Field(description="期限未变、由暂定转为确定的案件")
    regions: list[RegionEffect]
    items: list[MovedCase] = Field(description="期限变动的案件，最多列500件")
    remedies_moved: int = Field(description="答复、答辩等期限变动的行政复议、诉讼和投诉")
    remedies: list[MovedRemedy] = Field(description="期限变动的行政复议、诉讼和投诉，最多列500件")


class NoticeEffect(EffectOut):
    dry_run: bool
    imported: bool = Field(description="是否形成新版本；试运行、内容与现行版本相同的为 false")
    notice: NoticeOut
    doubts: list[str] = Field(description="不影响导入、但请核对的地方")
    changed_days: list[ChangedDay] = Field(description="因此由休息变上班、由上班变休息的日期")


def effect_out(effect: Effect) -> EffectOut:
    """Say what a sweep did, or would do."""
    return EffectOut(
        open_cases=effect.open_cases.total(),
        moved=effect.moved.total(),
        settled=effect.settled.total(),
        regions=[
            RegionEffect(region=region, open_cases=n, moved=effect.moved[region], settled=effect.settled[region])
            for region, n in sorted(effect.open_cases.items())
        ],
        items=[
            MovedCase(
                id=case.case_id,
                case_no=case.case_no,
                agency_code=case.agency_code,
                due_on=FromTo(from_=case.before[0], to=case.after[0]),
                target_on=FromTo(from_=case.before[1], to=case.after[1]),
            )
            for case in effect.shown
        ],
        remedies_moved=len(effect.in_remedies),
        remedies=[
            MovedRemedy(
                id=one.remedy_id,
                case_id=one.case_id,
                case_no=one.case_no,
                agency_code=one.agency_code,
                node=one.node,
                node_label=one.node.label,
                due_on=FromTo(from_=one.before, to=one.after),
            )
            for one in effect.in_remedies[:SHOWN]
        ],
    )


def notice_effect(outcome: Outcome, *, dry_run: bool) -> NoticeEffect:
    """Say what importing a notice did, or would do."""
    return NoticeEffect(
        **dict(effect_out(outcome.effect)),
        dry_run=dry_run,
        imported=outcome.imported,
        notice=notice_out(outcome.notice, in_force=not dry_run),
        doubts=list(outcome.doubts),
        changed_days=[
            ChangedDay(on=c.after.on, workday=c.after.workday, before=c.before.why, after=c.after.why)
            for c in outcome.changes
        ],
    )
