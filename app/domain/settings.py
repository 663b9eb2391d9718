"""What an agency may set for itself: limits stricter than the law, document numbers, readings the law leaves open."""

from typing import Annotated

from pydantic import Field, field_validator

from app.domain.commands.base import Flag, Line, Strict
from app.domain.limits import ClockRules, Handling
from app.domain.reasons import MINIMUM_REASON
from app.domain.reminders import ReminderRules
from app.domain.terms import CaseKind, PauseReading, ReceiptReading, SearchScope


class Readings(Strict):
    """Points on which the law is silent; the defaults are the stricter readings (`limits.OPEN_QUESTIONS`)."""

    receipt_on_rest_day: ReceiptReading = Field(ReceiptReading.SAME_DAY, description="收到日为休息日时如何起算")
    pause_reading: PauseReading = Field(PauseReading.HALF_OPEN, description="征求意见期间的起止日是否计入")
    extension_survives_new_base: Flag = Field(False, description="重新起算后，此前批准的延长是否保留")
    reasons_as_correction: Flag = Field(False, description="要求说明理由是否与补正同效")
    after_hours_next_workday: Flag = Field(False, description="下班后确认收到是否视为次一工作日收到")
    weekends_roll_over: Flag = Field(True, description="救济期限末日遇双休日是否顺延")


class AgencySettings(Strict):
    """Local variation is data read into the facts, never a second workflow."""

    local_limit_workdays: Annotated[int, Field(ge=1, le=20, strict=True)] | None = Field(
        None, description="内控答复期限，工作日；不填则只按法定的20个工作日"
    )
    document_no: str = Field(
        "依申请复〔{year}〕{seq}号", max_length=60, description="发文号模板，含 {year} 和 {seq}；年内连续，不重复使用"
    )
    decision_no: str = Field(
        "信公字〔{year}〕{seq}号", max_length=60, description="更正、投诉举报处理决定的发文号模板；系统默认，非法定"
    )
    rectification_workdays: Annotated[int, Field(ge=1, le=250, strict=True)] | None = Field(
        None, description="更正申请的办理期限，工作日；法律没有规定，不填则以两个月为底线（行政诉讼法第47条）"
    )
    complaint_workdays: Annotated[int, Field(ge=1, le=250, strict=True)] | None = Field(
        None, description="投诉举报的办理期限，工作日；法律没有规定，不填则以两个月为底线（行政诉讼法第47条）"
    )
    legal_review_required: Flag = Field(False, description="签发前须经合法性审查（公职律师、法律顾问）")
    external_name: Flag = Field(True, description="能以自己的名义对外行文；内设机构填 false，不能签发答复")
    minimum_reason: Annotated[int, Field(ge=0, le=1000, strict=True)] = Field(
        MINIMUM_REASON, description="不予公开的理由至少多少字（条款和套语不计）；经验值，非法定"
    )
    search_scopes: Annotated[tuple[SearchScope, ...], Field(min_length=1, max_length=10)] = Field(
        (SearchScope.BUSINESS_UNIT, SearchScope.ARCHIVE_ROOM),
        description="答复“不存在”前至少须检索过的范围；实务做法，非法定",
    )
    reconsideration_authority: Line | None = Field(None, description="行政复议机关全称", examples=["海州市人民政府"])
    court: Line | None = Field(None, description="有管辖权的人民法院全称", examples=["海州市海东区人民法院"])
    reconsideration_url: Line | None = Field(
        None, description="提交行政复议申请的互联网渠道（行政复议法第22条第2款）", examples=[None]
    )
    contact_phone: Line | None = Field(
        None, description="政府信息公开工作机构的电话，写入每份文书", examples=["0535-0000000"]
    )
    contact_address: Line | None = Field(None, description="政府信息公开工作机构的地址", examples=["海州市规划路1号"])
    retention_years: Annotated[int, Field(ge=10, le=30, strict=True)] | None = Field(
        10, description="案卷保管期限，年；不填为永久（由本单位定，经同级档案主管部门审核）"
    )
    public_notice_last: bool = Field(
        True, strict=True, description="公告送达须先以其他方式发出并登记退件；条例没有规定，系统默认，非法定"
    )
    public_notice_days: Annotated[int, Field(ge=1, le=365, strict=True)] = Field(
        30, description="公告送达满多少日视为送达；条例没有规定，系统默认，非法定"
    )
    refusal_review_months: Annotated[int, Field(ge=1, le=60, strict=True)] = Field(
        12, description="对不予公开的信息每隔多少个月评估审查一次；条例第18条只说定期，系统默认，非法定"
    )
    personal_data_years: Annotated[int, Field(ge=1, le=100, strict=True)] | None = Field(
        None, description="结案后个人信息保存多少年，届满可以删除；不填即与案卷的保管期限相同。已归档的不得早于保管期限"
    )
    reveals_per_day: Annotated[int, Field(ge=0, le=10_000, strict=True)] = Field(
        50, description="每人每天最多显示多少项个人信息的原值"
    )
    readings: Readings = Field(default_factory=Readings, description="法律没有明文的计算口径")
    reminders: ReminderRules = Field(
        default_factory=ReminderRules, description="关键节点提醒：哪一天提醒谁、几点、怎么发；本机关自定，非法定"
    )

    @field_validator("document_no", "decision_no")
    @classmethod
    def _numbered(cls, value: str) -> str:
        try:
            value.format(year=2026, seq=1)
        except (KeyError, IndexError, ValueError) as error:
            raise ValueError("发文号模板只能使用 {year} 和 {seq}") from error
        if "{year}" not in value or "{seq}" not in value:
            raise ValueError("发文号模板须含 {year} 和 {seq}")
        return value

    def clock_rules(self, kind: CaseKind = CaseKind.DISCLOSURE) -> ClockRules:
        """Return what a case of this kind is counted by."""
        handling = None
        if kind is CaseKind.RECTIFICATION:
            handling = Handling(self.rectification_workdays, remedies=True)
        elif kind is CaseKind.COMPLAINT:
            handling = Handling(self.complaint_workdays)
        return ClockRules(local_limit=self.local_limit_workdays, handling=handling, **self.readings.model_dump())
