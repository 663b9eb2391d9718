"""Every limit the clock counts, with its article; and the questions the law leaves open, as settings.

A setting's default is the stricter reading (the earlier date for the agency), unless the note says why not.
`verified` is False where the number or its article is practice or a default of ours: such a limit must not be shown
to anyone as law.
"""

from dataclasses import dataclass
from datetime import date

from app.domain.terms import PauseReading, ReceiptReading, Unit

# The first and the last were read (国务院令第711号; 国办函〔2020〕109号), the two between are from memory: `Limit.dated`.
_DISCLOSURE = date(2019, 5, 15)
_RECONSIDERATION = date(2024, 1, 1)
_LITIGATION = date(2017, 7, 1)
_FEES = date(2021, 1, 1)
_DECREE_ARTICLE = "《政府信息公开信息处理费管理办法》"


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit: its length, the article it comes from, the day from which that article applies."""

    code: str
    label: str
    length: int
    unit: Unit
    article: str
    effective_from: date
    verified: bool = True
    note: str = ""

    @property
    def dated(self) -> bool:
        """Whether the day from which the article applies was read in a source."""
        return self.effective_from not in {_RECONSIDERATION, _LITIGATION}


LIMITS: dict[str, Limit] = {
    limit.code: limit
    for limit in (
        Limit("correction_notice", "补正告知", 7, Unit.WORKDAYS, "条例第30条", _DISCLOSURE),
        Limit("reply", "答复", 20, Unit.WORKDAYS, "条例第33条第2款", _DISCLOSURE),
        Limit("extension", "延长答复（合计）", 20, Unit.WORKDAYS, "条例第33条第2款", _DISCLOSURE),
        Limit(
            "third_party", "第三方回复意见", 15, Unit.WORKDAYS, "条例第32条", _DISCLOSURE, note="逾期未回复，由机关决定"
        ),
        Limit(
            "co_producer", "共同制作机关回复意见", 15, Unit.WORKDAYS, "条例第34条", _DISCLOSURE, note="逾期视为同意公开"
        ),
        Limit(
            "other_agency",
            "其他机关回复意见",
            15,
            Unit.WORKDAYS,
            "条例第33条第3款",
            _DISCLOSURE,
            verified=False,
            note="条例未定其他机关的回复期限，15 个工作日是系统默认，可调",
        ),
        Limit(
            "fee_payment",
            "缴纳信息处理费",
            20,
            Unit.WORKDAYS,
            f"{_DECREE_ARTICLE}第6条",
            _FEES,
            note="自收到收费通知次日起；逾期视为放弃",
        ),
        Limit("publication", "主动公开", 20, Unit.WORKDAYS, "条例第26条", _DISCLOSURE),
        Limit(
            "receipt_confirmation",
            "与申请人确认收到",
            1,
            Unit.WORKDAYS,
            "条例第31条",
            _DISCLOSURE,
            verified=False,
            note="平常信函应于收到当日确认；1 个工作日是系统的预警线",
        ),
        Limit(
            "performance",
            "履行职责",
            2,
            Unit.MONTHS,
            "行政诉讼法第47条",
            _LITIGATION,
            note="接到申请两个月内不履行的，申请人可以起诉；不是更正申请的法定办理期限（条例第41条没有规定期限）",
        ),
        Limit("reconsideration", "申请行政复议", 60, Unit.DAYS, "行政复议法第20条", _RECONSIDERATION),
        Limit("litigation", "直接提起行政诉讼", 6, Unit.MONTHS, "行政诉讼法第46条", _LITIGATION),
        Limit(
            "litigation_after_reconsideration", "不服复议决定提起诉讼", 15, Unit.DAYS, "行政诉讼法第45条", _LITIGATION
        ),
        Limit(
            "reconsideration_answer",
            "提交行政复议答复（普通程序）",
            10,
            Unit.WORKDAYS,
            "行政复议法第48条",
            _RECONSIDERATION,
            note="自收到申请书副本之日起；“日”指工作日（行政复议法第88条第2款）",
        ),
        Limit(
            "reconsideration_answer_simplified",
            "提交行政复议答复（简易程序）",
            5,
            Unit.WORKDAYS,
            "行政复议法第54条",
            _RECONSIDERATION,
            note="自收到申请书副本之日起；“日”指工作日（行政复议法第88条第2款）",
        ),
        Limit("defence", "提交答辩状", 15, Unit.DAYS, "行政诉讼法第67条", _LITIGATION),
        Limit("opinion_feedback", "反馈行政复议意见书的整改情况", 60, Unit.DAYS, "行政复议法第76条", _RECONSIDERATION),
    )
}


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A point on which the law is silent: the setting that decides it, its default, and what the other reading is."""

    setting: str
    label: str
    default: str
    note: str


OPEN_QUESTIONS: tuple[OpenQuestion, ...] = (
    OpenQuestion(
        "receipt_on_rest_day",
        "收到日为休息日",
        ReceiptReading.SAME_DAY,
        "从严：收到日不计，其后首个工作日为第 1 日；从宽：视为首个工作日收到，次一工作日为第 1 日（有法院认可从宽）",
    ),
    OpenQuestion(
        "pause_reading",
        "征求意见期间的起止日",
        PauseReading.HALF_OPEN,
        "默认：发出当日仍计，收到意见当日不计；最严：收到意见当日也计；从宽：发出当日也不计。条例只说“所需时间不计算在内”",
    ),
    OpenQuestion(
        "extension_survives_new_base",
        "重新起算后已批准的延长是否保留",
        "False",
        "默认：重新起算的是完整的一段期限，此前的延长不再保留；从宽：保留",
    ),
    OpenQuestion(
        "reasons_as_correction",
        "要求说明理由是否与补正同效",
        "False",
        "默认：要求说明理由不影响计时；从宽：收到说明之日起重新起算（有地方作此规定）",
    ),
    OpenQuestion(
        "after_hours_next_workday",
        "下班后确认收到",
        "False",
        "默认：确认当日为收到之日；从宽：超过业务时间的，视为次一工作日收到（民法典第203条第2款）",
    ),
    OpenQuestion(
        "weekends_roll_over",
        "救济期限末日遇双休日是否顺延",
        "True",
        "默认：双休日与节假日一样顺延，调休上班的周末不顺延；另一读法：只有节假日顺延",
    ),
)


@dataclass(frozen=True, slots=True)
class Handling:
    """By when a case that is no disclosure request should be done: never a statutory limit.

    `workdays` is the agency's own period; without one, the two months after which the applicant may sue stand in
    (行政诉讼法第47条). `remedies`: whether the answer opens the windows of reconsideration and lawsuit.
    """

    workdays: int | None = None
    remedies: bool = False


@dataclass(frozen=True, slots=True)
class ClockRules:
    """The lengths, in working days, and the readings one agency counts by; ValueError for an absurd length.

    `handling` is given for a case that is no disclosure request: it has no reply period (条例第33条), so that
    `clock.read` does not apply to it, and `handling.follow` does.
    """

    reply_workdays: int = 20
    extend_max: int = 20
    correction_notice: int = 7
    third_party: int = 15
    co_producer: int = 15
    other_agency: int = 15
    fee_payment: int = 20
    local_limit: int | None = None
    receipt_on_rest_day: ReceiptReading = ReceiptReading.SAME_DAY
    pause_reading: PauseReading = PauseReading.HALF_OPEN
    extension_survives_new_base: bool = False
    reasons_as_correction: bool = False
    after_hours_next_workday: bool = False
    weekends_roll_over: bool = True
    handling: Handling | None = None

    def __post_init__(self) -> None:
        lengths = (
            self.reply_workdays,
            self.correction_notice,
            self.third_party,
            self.co_producer,
            self.other_agency,
            self.fee_payment,
            1 if self.local_limit is None else self.local_limit,
        )
        if min(lengths) < 1 or self.extend_max < 0:
            raise ValueError("期限应当为正的工作日天数")
        if max(*lengths, self.extend_max) > 250:
            raise ValueError("期限不应超过 250 个工作日")
