"""Sentences and tables as Word files. Only what makes one imports this: python-docx takes long to load, and much memory."""

import io
from collections.abc import Sequence
from typing import Any

import docx
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from app.services.sheets import Sheet, shown, widths_of

_TITLE_FONT, _HEADING_FONT, _TEXT_FONT = "方正小标宋简体", "黑体", "仿宋_GB2312"
_PAGE = 257  # millimetres between the margins of a sheet of A4 laid across


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
    widths = widths_of(table)
    grid = paper.add_table(rows=len(table.rows) + 1, cols=len(widths), style="Table Grid")
    size = 9 if sum(widths) <= _PAGE * 0.62 else 7.5
    fit_columns(grid, [_PAGE * width / sum(widths) for width in widths])
    head_rows(grid, 1)
    for row, values in zip(grid.rows, (table.header, *table.rows), strict=True):
        for cell, value in zip(row.cells, values, strict=True):
            _line(cell.paragraphs[0], shown(value), _TEXT_FONT, size, align=WD_ALIGN_PARAGRAPH.CENTER)


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
