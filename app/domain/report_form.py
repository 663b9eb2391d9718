"""The printed form of tables three and four: which labels stand where, and which numbers a page of cells holds.

A page is rows of plain cells as a spreadsheet gives them, merged cells leaving blanks behind. Reading is by labels,
not by places, because published tables shift by a column or a title line; a row nobody knows is named, not skipped.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.report import TOTAL, TOTAL_LABEL, row_labels
from app.domain.terms import ApplicantKind, RemedyOutcome, RemedyTrack, ReplyFamily, ReportForm, ReportRow

_GROUPS = {
    "三": ReplyFamily.DENY.label,
    "四": ReplyFamily.UNABLE.label,
    "五": ReplyFamily.REJECT.label,
    "六": ReplyFamily.OTHER.label,
}
_LABEL = re.compile(r"三\((?P<group>[一二三四五六七])\)(?P<number>\d?)\s*(?P<name>.*)")
RESULTS = "三、本年度办理结果"


@dataclass(frozen=True, slots=True)
class Line:
    """A row of table three as it is printed: the heading it stands under, if any, and its own label."""

    row: ReportRow
    group: str | None  # "(三)不予公开"; None for a line that stands alone
    label: str


def lines(form: ReportForm) -> list[Line]:
    """Return the printed lines of table three, in order."""
    found = []
    for row, label in row_labels(form).items():
        parts = _LABEL.fullmatch(label)
        if parts is None:
            found.append(Line(row, None, label))
        elif parts["number"]:
            group = f"（{parts['group']}）{_GROUPS[parts['group']]}"
            found.append(Line(row, group, f"{parts['number']}.{parts['name']}"))
        else:
            found.append(Line(row, None, f"（{parts['group']}）{parts['name']}"))
    return found


def is_result(row: ReportRow) -> bool:
    """Tell whether a row stands under 三、本年度办理结果."""
    return row not in {ReportRow.NEW_RECEIVED, ReportRow.CARRIED_OVER, ReportRow.CARRIED_FORWARD}


Page = Sequence[Sequence[object]]
Numbers = dict[str, dict[str, object]]


@dataclass(frozen=True, slots=True)
class Published:
    """The tables found on a page, with blank cells as None; `faults` say in Chinese what could not be read."""

    table3: Numbers | None
    table4: Numbers | None
    form: ReportForm
    faults: tuple[str, ...]


def read(page: Page) -> Published:
    """Find tables three and four on a page."""
    rows = [[_word(cell) for cell in row] for row in page]
    faults: list[str] = []
    table3, form = _table_three(rows, page, faults)
    table4 = _table_four(rows, page, faults)
    if table3 is None and table4 is None and not faults:
        faults.append("没有找到表三（“自然人”“商业企业”……“总计”的表头）或者表四（“结果维持”的表头）")
    return Published(table3, table4, form, tuple(faults))


def _word(cell: object) -> str:
    if not isinstance(cell, str):
        return ""
    return re.sub(r"[\s\"“”'‘’、,.;:()（）〔〕\[\]]", "", unicodedata.normalize("NFKC", cell))


def _name(label: str) -> str:
    parts = _LABEL.fullmatch(label)
    return _word(parts["name"] if parts else label[2:])


_NAMES: Mapping[str, ReportRow] = {_name(label): row for row, label in row_labels().items()}
_MERGED = {"其他处理": ReportRow.OTHER_OTHER}
_KNOWN_BY = (  # in the words of the printed form, which the labels shorten
    ("逾期不补正", ReportRow.OTHER_NO_CORRECTION),
    ("逾期未按收费通知", ReportRow.OTHER_NO_PAYMENT),
    ("逾期不缴费", ReportRow.OTHER_NO_PAYMENT),
)


def _table_three(cells: Sequence[Sequence[str]], page: Page, faults: list[str]) -> tuple[Numbers | None, ReportForm]:
    places, start = _header(cells)
    form = ReportForm.FORM_2021
    if not places:
        return None, form
    if len(places) != len(ApplicantKind) + 1:
        faults.append("表三的表头不全：须有自然人、商业企业、科研机构、社会公益组织、法律服务机构、其他、总计")
        return None, form
    found: Numbers = {}
    for number in range(start, len(cells)):
        labels = [word for word in cells[number][: min(places.values())] if word]
        numbers = {column: _cell(page[number], place) for column, place in places.items()}
        row, merged = _row_of(labels[-1]) if labels else (None, False)
        if row is not None:
            form = ReportForm.TRIAL_2019 if merged else form
            found[row.value] = numbers
        elif labels and any(cell is not None for cell in numbers.values()):
            faults.append(f"表三第{number + 1}行不是表中的任何一行")
        if row is ReportRow.CARRIED_FORWARD:
            break
    faults += [f"表三缺少“{label}”一行" for row, label in row_labels(form).items() if row.value not in found]
    return found, form


def _header(cells: Sequence[Sequence[str]]) -> tuple[dict[str, int], int]:
    """Find the column of each kind of applicant and of the total, and the first row below the headings."""
    places: dict[str, int] = {}
    for number, row in enumerate(cells):
        for kind in ApplicantKind:
            if kind.label in row and kind.value not in places and (kind is ApplicantKind.NATURAL_PERSON or places):
                places[kind.value] = len(row) - 1 - row[::-1].index(kind.label)
        if TOTAL_LABEL in row and places and TOTAL not in places:
            places[TOTAL] = len(row) - 1 - row[::-1].index(TOTAL_LABEL)
        if len(places) == len(ApplicantKind) + 1:
            return places, number + 1
    return places, len(cells)


def _row_of(word: str) -> tuple[ReportRow | None, bool]:
    """Find the row a label names, whatever stands before or is explained behind it; and whether it is the merged one."""
    name = re.sub(r"^(三)?[一二三四五六七]?\d?", "", word) if word not in _NAMES else word
    candidates = (word, name)
    for candidate in candidates:
        if candidate in _MERGED:
            return _MERGED[candidate], True
        if candidate in _NAMES:
            return _NAMES[candidate], False
    for words, row in _KNOWN_BY:
        if words in name:
            return row, False
    longer = [row for known, row in _NAMES.items() if len(known) > 3 and name.startswith(known)]
    return (longer[0] if len(longer) == 1 else None), False


def _table_four(rows: Sequence[Sequence[str]], page: Page, faults: list[str]) -> Numbers | None:
    names = {outcome.label: outcome.value for outcome in RemedyOutcome} | {TOTAL_LABEL: TOTAL}
    for number, row in enumerate(rows):
        places = [place for place, word in enumerate(row) if word in names]
        if not any(row[place] == RemedyOutcome.UPHELD.label for place in places):
            continue
        tracks = list(RemedyTrack)
        if len(places) != len(tracks) * len(names) or number + 1 >= len(page):
            faults.append("表四的表头不全：须有三组，每组为结果维持、结果纠正、其他结果、尚未审结、总计")
            return None
        return {
            track.value: {
                names[row[place]]: _cell(page[number + 1], place)
                for place in places[block * len(names) : (block + 1) * len(names)]
            }
            for block, track in enumerate(tracks)
        }
    return None


def _cell(row: Sequence[object], place: int) -> object:
    cell = row[place] if place < len(row) else None
    return None if isinstance(cell, str) and not cell.strip() else cell
