"""The sentences of an annual report that come from its cases, and rule C6: what the prose says against the tables.

C6 is for a reader. A report may rightly speak of decided remedies only, where the table's totals hold the pending ones
too (宿迁 2024 does), so either number is accepted; what differs from both is pointed at, never refused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from app.domain.report import TOTAL, Cell, Check, Table3, Table4
from app.domain.terms import RemedyOutcome, RemedyTrack, ReplyFamily, ReportRow


@dataclass(frozen=True, slots=True)
class Fees:
    """The year's information-processing fees (section six): cases and whole yuan."""

    notified: int
    paid: int
    collected_yuan: int
    refunded_yuan: int
    closed_unpaid: int


class Sentences(NamedTuple):
    """The texts of section one (the part on requests) and section six (fees)."""

    requests: str
    fees: str


_FAMILY_ROWS = {
    ReplyFamily.GRANT: "granted",
    ReplyFamily.PARTIAL: "partially_granted",
    ReplyFamily.DENY: "denied_",
    ReplyFamily.UNABLE: "unable_",
    ReplyFamily.REJECT: "rejected_",
    ReplyFamily.OTHER: "other_",
}


def sentences(year: int, table3: Table3, table4: Table4, fees: Fees) -> Sentences:
    """Write what the tables say, in the words published reports use."""
    families = "、".join(
        f"{family.label}{sum(table3[row, TOTAL] for row in ReportRow if row.value.startswith(start))}件"
        for family, start in _FAMILY_ROWS.items()
    )
    litigation = (
        table4[RemedyTrack.LITIGATION_DIRECT, TOTAL] + table4[RemedyTrack.LITIGATION_AFTER_RECONSIDERATION, TOTAL]
    )
    requests = (
        f"{year}年，新收政府信息公开申请{table3[ReportRow.NEW_RECEIVED, TOTAL]}件，"
        f"上年结转{table3[ReportRow.CARRIED_OVER, TOTAL]}件；办结{table3[ReportRow.RESULT_TOTAL, TOTAL]}件，"
        f"其中{families}；结转下年度继续办理{table3[ReportRow.CARRIED_FORWARD, TOTAL]}件。"
        f"因政府信息公开工作被申请行政复议{table4[RemedyTrack.RECONSIDERATION, TOTAL]}件、被提起行政诉讼{litigation}件。"
    )
    if fees.notified or fees.paid:
        charged = (
            f"{year}年，发出收费通知{fees.notified}件，收取信息处理费{fees.paid}件、{fees.collected_yuan}元，"
            f"退付{fees.refunded_yuan}元，逾期不缴费不再处理{fees.closed_unpaid}件。"
        )
    else:
        charged = f"{year}年，未收取信息处理费。"
    return Sentences(requests, charged)


_PHRASES = (
    (re.compile(r"新收[^\d，。；]{0,16}?(\d+)件"), ReportRow.NEW_RECEIVED),
    (re.compile(r"上年(?:度)?结转[^\d，。；]{0,16}?(\d+)件"), ReportRow.CARRIED_OVER),
    (re.compile(r"办结[^\d，。；]{0,16}?(\d+)件"), ReportRow.RESULT_TOTAL),
    (re.compile(r"结转(?:下|至下)年度?[^\d，。；]{0,16}?(\d+)件"), ReportRow.CARRIED_FORWARD),
    (re.compile(r"部分公开[^\d，。；]{0,16}?(\d+)件"), ReportRow.PARTIALLY_GRANTED),
)
_REMEDIES = (
    (re.compile(r"行政复议[^\d，。；、]{0,16}?(\d+)件"), (RemedyTrack.RECONSIDERATION,)),
    (
        re.compile(r"行政诉讼[^\d，。；、]{0,16}?(\d+)件"),
        (RemedyTrack.LITIGATION_DIRECT, RemedyTrack.LITIGATION_AFTER_RECONSIDERATION),
    ),
)


def check_text(text: str, table3: Table3, table4: Table4) -> Check:
    """Apply C6: the numbers a report's prose gives for whole rows are those of its tables."""
    wrong = [*_rows_differ(text, table3), *_remedies_differ(text, table4)]
    rule = "正文数字与表中一致（复议、诉讼以总计或者已审结数为准）"
    if not wrong:
        return Check("C6", ok=True, message=rule)
    told = "；".join(f"正文写{cell.printed}件，表{cell.table}为{cell.expected}件" for cell in wrong)
    return Check("C6", ok=False, message=f"{rule}，请核对口径：{told}", cells=tuple(wrong))


def _rows_differ(text: str, table3: Table3) -> Iterator[Cell]:
    for phrase, row in _PHRASES:
        for found in phrase.finditer(text):
            if int(found[1]) != table3[row, TOTAL]:
                yield Cell(3, row, TOTAL, int(found[1]), table3[row, TOTAL])


def _remedies_differ(text: str, table4: Table4) -> Iterator[Cell]:
    for phrase, tracks in _REMEDIES:
        total = sum(table4[track, TOTAL] for track in tracks)
        decided = total - sum(table4[track, RemedyOutcome.PENDING] for track in tracks)
        for found in phrase.finditer(text):
            if int(found[1]) not in {total, decided}:
                yield Cell(4, tracks[0], TOTAL, int(found[1]), total)
