"""Tables as files people open and print: XLSX and DOCX. Whatever stands in a cell stays text; nothing is a formula or a link."""

import datetime as dt
import io
import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import docx
import xlsxwriter
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt


class Rate(float):
    """A share of one, shown as per cent."""

    def __str__(self) -> str:
        return f"{float(self):.1%}"


Value = str | int | float | dt.date | None

PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
"""Nothing a person typed becomes a formula, a link or a number in a work book."""

A4 = 9  # as Excel numbers paper sizes
_NOT_IN_NAMES = str.maketrans("[]:*?/\\", "（）：＊？／＼")
_TITLE_FONT, _HEADING_FONT, _TEXT_FONT = "方正小标宋简体", "黑体", "仿宋_GB2312"
_NARROWEST, _WIDEST = 5, 40  # columns, in Latin letters
_PAGE = 257  # millimetres between the margins of a sheet of A4 laid across


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: its title, its header and its rows, each as long as the header."""

    title: str
    header: tuple[str, ...]
    rows: Sequence[Sequence[Value]]


def workbook(sheets: Sequence[Sheet], made_at: dt.datetime) -> bytes:
    """Write one work sheet a table; numbers stay numbers, dates dates."""
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, PLAIN) as book:
        book.set_properties({"created": made_at.replace(tzinfo=None)})
        grid = {"border": 1, "valign": "vcenter"}
        bold = book.add_format(grid | {"bold": True, "bg_color": "#E8EEF7", "text_wrap": True, "align": "center"})
        day = book.add_format(grid | {"num_format": "yyyy-mm-dd", "align": "center"})
        share = book.add_format(grid | {"num_format": "0.0%"})
        number, text = book.add_format(grid), book.add_format(grid | {"text_wrap": True, "num_format": "@"})
        for place, table in enumerate(sheets, 1):
            sheet = book.add_worksheet(f"{place}.{table.title}".translate(_NOT_IN_NAMES)[:31])
            sheet.write_row(0, 0, table.header, bold)
            widths = _widths(table)
            for x, width in enumerate(widths):
                sheet.set_column(x, x, width + 2)
            lines = (math.ceil(width_of(name) / width) for name, width in zip(table.header, widths, strict=True))
            sheet.set_row(0, 16 * max(lines))
            lay_out(sheet)
            for y, row in enumerate(table.rows, 1):
                for x, value in enumerate(row):
                    if isinstance(value, dt.date):
                        sheet.write_datetime(y, x, value, day)
                    elif isinstance(value, int | float):
                        sheet.write_number(y, x, value, share if isinstance(value, Rate) else number)
                    else:
                        sheet.write_string(y, x, value or "", text)
    return kept.getvalue()


def lay_out(sheet: Any) -> None:
    """Set a work sheet up for A4 laid across, as wide as the paper, its first row kept in view and on each page."""
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer("&C第 &P 页，共 &N 页")


def width_of(text: str) -> int:
    """How wide a text is, in Latin letters: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in text)


def _widths(table: Sheet) -> list[int]:
    """Give each column the width of its longest cell within bounds; a heading may take three lines."""
    found = []
    for x, name in enumerate(table.header):
        longest = max((width_of(_shown(row[x])) for row in table.rows), default=0)
        found.append(min(max(_NARROWEST, longest, math.ceil(width_of(name) / 6) * 2), _WIDEST))
    return found


def _shown(value: Value) -> str:
    return "" if value is None else str(value)


def document(title: str, paragraphs: Sequence[str], sheets: Sequence[Sheet]) -> bytes:
    """Write a bulletin to edit in Word or WPS: the title, the sentences, the tables, on A4 laid across."""
    found: Any = docx.Document()
    section = found.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm((297 - _PAGE) / 2)
    section.top_margin = section.bottom_margin = Mm(22)
    _line(found.add_paragraph(), title, _TITLE_FONT, 22, align=WD_ALIGN_PARAGRAPH.CENTER, after=14)
    for paragraph in paragraphs:
        _line(found.add_paragraph(), paragraph, _TEXT_FONT, 16, first=32)
    for number, table in enumerate(sheets, 1):
        heading = f"附表{number}　{table.title}"
        _line(found.add_paragraph(), heading, _HEADING_FONT, 16, before=14, after=6, keep=True)
        if table.rows:
            _grid(found, table)
        else:
            _line(found.add_paragraph(), "无。", _TEXT_FONT, 16, first=32)
    kept = io.BytesIO()
    found.save(kept)
    return kept.getvalue()


def _line(
    paragraph: Any,
    text: str,
    font: str,
    size: float,
    *,
    align: Any = None,
    first: float = 0,
    before: float = 0,
    after: float = 0,
    keep: bool = False,
) -> None:
    """Write a paragraph; measures in points."""
    shape = paragraph.paragraph_format
    paragraph.alignment = align
    shape.space_before, shape.space_after, shape.keep_with_next = Pt(before), Pt(after), keep
    if first:
        shape.first_line_indent = Pt(first)
    run = paragraph.add_run(text)
    run.font.size, run.font.name = Pt(size), font
    run._element.rPr.rFonts.set(qn("w:eastAsia"), font)  # noqa: SLF001 - python-docx has no name for it


def _grid(paper: Any, table: Sheet) -> None:
    """Set a table as wide as the page: each column in proportion, its heading on every page, no row over two pages."""
    widths = _widths(table)
    grid = paper.add_table(rows=len(table.rows) + 1, cols=len(widths), style="Table Grid")
    size = 9 if sum(widths) <= _PAGE * 0.62 else 7.5
    fit_columns(grid, [_PAGE * width / sum(widths) for width in widths])
    head_rows(grid, 1)
    for row, values in zip(grid.rows, (table.header, *table.rows), strict=True):
        for cell, value in zip(row.cells, values, strict=True):
            _line(cell.paragraphs[0], _shown(value), _TEXT_FONT, size, align=WD_ALIGN_PARAGRAPH.CENTER)


def fit_columns(table: Any, widths: Sequence[float]) -> None:
    """Fix the widths of a Word table's columns, in millimetres, for every program that opens it."""
    table.autofit = False
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "40")  # twentieths of a point
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    table._tbl.tblPr.find(qn("w:tblLook")).addprevious(margins)  # noqa: SLF001 - nor for this
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for row in table.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))  # noqa: SLF001 - python-docx has no name for it
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Mm(width)


def head_rows(table: Any, count: int) -> None:
    """Repeat the first rows of a Word table on every page it goes over."""
    for row in table.rows[:count]:
        row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001 - nor for this
