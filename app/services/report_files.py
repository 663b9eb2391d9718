"""The annual report as files: a workbook in the printed layout, a document of the sections that come from cases."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from app.domain.report import TOTAL, TOTAL_LABEL, Check, Table4
from app.domain.report_form import RESULTS, Line, is_result, lines
from app.domain.report_text import Sentences
from app.domain.terms import ApplicantKind, RemedyOutcome, RemedyTrack, ReportForm, ReportRow
from app.services.sheets import A4, PLAIN

TITLE3 = "三、收到和处理政府信息公开申请情况"
TITLE4 = "四、因政府信息公开工作被申请行政复议、提起行政诉讼情况"
_IDENTITY = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
_LEAD = 3  # columns of labels in table three
_COLUMNS = (*ApplicantKind, TOTAL)
_OUTCOMES = (*RemedyOutcome, TOTAL)
_HEADINGS = 3  # rows of headings in both tables
_FONT = "SimSun"


@dataclass(frozen=True, slots=True)
class Printed:
    """What a file says: tables by row and column, either of which may be missing."""

    agency: str
    year: int
    form: ReportForm
    table3: Mapping[str, Mapping[str, int]] | None
    table4: Table4 | None
    sentences: Sentences | None
    checks: Sequence[Check]


@dataclass(frozen=True, slots=True)
class _Box:
    """A cell of a printed table, with the last row and column it covers."""

    row: int
    column: int
    last_row: int
    last_column: int
    text: str | int


def _boxes3(printed: Printed) -> Iterator[_Box]:
    """Lay table three out: three columns of labels, seven of numbers, three rows of headings."""
    end = _LEAD + len(_COLUMNS) - 1
    yield _Box(0, 0, 2, _LEAD - 1, _IDENTITY)
    yield _Box(0, _LEAD, 0, end, "申请人情况")
    yield _Box(1, _LEAD, 2, _LEAD, ApplicantKind.NATURAL_PERSON.label)
    yield _Box(1, _LEAD + 1, 1, end - 1, "法人或其他组织")
    yield _Box(1, end, 2, end, TOTAL_LABEL)
    for place, kind in enumerate(_COLUMNS[1:-1], _LEAD + 1):
        yield _Box(2, place, 2, place, ApplicantKind(kind).label)
    printed_lines = lines(printed.form)
    first = 3
    results = [line for line in printed_lines if is_result(line.row)]
    top = first + printed_lines.index(results[0])
    yield _Box(top, 0, top + len(results) - 1, 0, RESULTS)
    row = first
    for group, members in groupby(printed_lines, key=lambda line: line.group or line.row):
        block = list(members)
        if block[0].group is not None:
            yield _Box(row, 1, row + len(block) - 1, 1, str(group))
        for line in block:
            yield _label_box(row, line)
            for place, column in enumerate(_COLUMNS, _LEAD):
                yield _Box(row, place, row, place, (printed.table3 or {})[line.row][column])
            row += 1


def _label_box(row: int, line: Line) -> _Box:
    left = 2 if line.group else 1 if is_result(line.row) else 0
    text = line.label
    if line.row is ReportRow.PARTIALLY_GRANTED:
        text += "（区分处理的，只计这一情形，不计其他情形）"
    return _Box(row, left, row, _LEAD - 1, text)


def _boxes4(table4: Table4) -> Iterator[_Box]:
    """Lay table four out: fifteen columns under three rows of headings."""
    width = len(_OUTCOMES)
    yield _Box(0, 0, 1, width - 1, RemedyTrack.RECONSIDERATION.label)
    yield _Box(0, width, 0, 3 * width - 1, "行政诉讼")
    yield _Box(1, width, 1, 2 * width - 1, "未经复议直接起诉")
    yield _Box(1, 2 * width, 1, 3 * width - 1, "复议后起诉")
    for block, track in enumerate(RemedyTrack):
        for place, outcome in enumerate(_OUTCOMES, block * width):
            label = TOTAL_LABEL if outcome == TOTAL else RemedyOutcome(outcome).label
            yield _Box(2, place, 2, place, label)
            yield _Box(3, place, 3, place, table4[track, outcome])


def workbook(printed: Printed) -> bytes:
    """Write the report as XLSX: a sheet for each table, one for the texts, one for the checks."""
    import xlsxwriter

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, PLAIN) as book:
        cell = book.add_format({"border": 1, "align": "center", "valign": "vcenter", "text_wrap": True})
        title = book.add_format({"bold": True, "font_size": 14, "align": "center", "valign": "vcenter"})
        heading = f"{printed.agency}{printed.year}年"
        if printed.table3 is not None:
            sheet = book.add_worksheet("表三")
            sheet.set_column(0, 1, 11)
            sheet.set_column(2, 2, 40)
            sheet.set_column(3, _LEAD + len(_COLUMNS) - 1, 11)
            _draw(sheet, _boxes3(printed), f"{heading} {TITLE3}", _LEAD + len(_COLUMNS), title, cell)
            _fit(sheet)
        if printed.table4 is not None:
            sheet = book.add_worksheet("表四")
            sheet.set_column(0, 14, 9)
            _draw(sheet, _boxes4(printed.table4), f"{heading} {TITLE4}", 3 * len(_OUTCOMES), title, cell)
            _fit(sheet)
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        if printed.sentences is not None:
            sheet = book.add_worksheet("正文")
            sheet.set_column(0, 0, 100)
            for row, text in enumerate(printed.sentences):
                sheet.write_string(row, 0, text, wrapped)
            _fit(sheet)
        sheet = book.add_worksheet("校验")
        sheet.set_column(1, 1, 8)
        sheet.set_column(2, 2, 100)
        for row, check in enumerate(printed.checks):
            for column, text in enumerate((check.id, "相符" if check.ok else "不符", check.message)):
                sheet.write_string(row, column, text, wrapped)
        _fit(sheet)
    return file.getvalue()


def _fit(sheet: Any) -> None:
    """Print a sheet on one page of A4 laid across."""
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.fit_to_pages(1, 1)


def _draw(sheet: Any, boxes: Iterator[_Box], title: str, width: int, of_title: Any, of_cell: Any) -> None:
    """Draw a table below its title."""
    sheet.merge_range(0, 0, 0, width - 1, title, of_title)
    sheet.set_row(0, 28)
    for box in boxes:
        top, bottom = box.row + 1, box.last_row + 1
        if (box.row, box.column) != (box.last_row, box.last_column):
            sheet.merge_range(top, box.column, bottom, box.last_column, box.text, of_cell)
        elif isinstance(box.text, int):
            sheet.write_number(top, box.column, box.text, of_cell)
        else:
            sheet.write_string(top, box.column, box.text, of_cell)


def document(printed: Printed) -> bytes:
    """Write the sections of the report that come from cases as DOCX, to be put into the whole report."""
    import docx
    from docx.enum.section import WD_ORIENT
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt

    paper: Any = docx.Document()
    section = paper.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(1.5)
    style = paper.styles["Normal"]
    style.font.name, style.font.size = _FONT, Pt(10)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
    _paragraph(paper, f"{printed.agency}{printed.year}年政府信息公开工作年度报告", 16, centred=True)
    if printed.sentences is not None:
        _paragraph(paper, "一、总体情况（依申请公开）", 12)
        _paragraph(paper, printed.sentences.requests, 10)
    if printed.table3 is not None:
        _paragraph(paper, TITLE3, 12)
        _table(paper, list(_boxes3(printed)), [22, 26, 80, *[19] * len(_COLUMNS)])
    if printed.table4 is not None:
        paper.add_page_break()
        _paragraph(paper, TITLE4, 12)
        _table(paper, list(_boxes4(printed.table4)), [17] * (3 * len(_OUTCOMES)))
    if printed.sentences is not None:
        _paragraph(paper, "六、其他需要报告的事项（信息处理费）", 12)
        _paragraph(paper, printed.sentences.fees, 10)
    file = io.BytesIO()
    paper.save(file)
    return file.getvalue()


def _paragraph(paper: Any, text: str, size: int, *, centred: bool = False) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paragraph = paper.add_paragraph()
    run = paragraph.add_run(text)
    run.font.size, run.bold = Pt(size), size > 10
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _table(paper: Any, boxes: Sequence[_Box], widths: Sequence[float]) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    from app.services.papers import fit_columns, head_rows

    table = paper.add_table(rows=max(box.last_row for box in boxes) + 1, cols=len(widths))
    table.style = "Table Grid"
    fit_columns(table, widths)
    head_rows(table, _HEADINGS)
    grid = [row.cells for row in table.rows]  # asking a table for one cell after another takes quadratic time
    for box in boxes:
        cell = grid[box.row][box.column]
        if (box.row, box.column) != (box.last_row, box.last_column):
            cell = cell.merge(grid[box.last_row][box.last_column])
        paragraph = cell.paragraphs[0]
        paragraph.text = str(box.text)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        for run in paragraph.runs:
            run.font.size = Pt(8)
