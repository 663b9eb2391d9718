"""Tables as files people open: XLSX and DOCX. Whatever stands in a cell stays text; nothing is ever a formula or a link."""

import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass

import docx
import xlsxwriter
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Pt

Value = str | int | float | dt.date | None


_PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
_NOT_IN_NAMES = str.maketrans("[]:*?/\\", "（）：＊？／＼")
_FONT = "仿宋"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: its title, its header and its rows, each as long as the header."""

    title: str
    header: tuple[str, ...]
    rows: Sequence[Sequence[Value]]


def workbook(sheets: Sequence[Sheet], made_at: dt.datetime) -> bytes:
    """Write one work sheet a table; numbers stay numbers, dates dates."""
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, _PLAIN) as book:
        book.set_properties({"created": made_at.replace(tzinfo=None)})
        bold = book.add_format(
            {"bold": True, "bg_color": "#E8EEF7", "border": 1, "text_wrap": True, "valign": "vcenter"}
        )
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, table in enumerate(sheets, 1):
            sheet = book.add_worksheet(f"{number}.{table.title}".translate(_NOT_IN_NAMES)[:31])
            sheet.freeze_panes(1, 0)
            sheet.write_row(0, 0, table.header, bold)
            sheet.set_column(0, len(table.header) - 1, 16)
            for y, row in enumerate(table.rows, 1):
                for x, value in enumerate(row):
                    if isinstance(value, dt.date):
                        sheet.write_datetime(y, x, value, day)
                    elif isinstance(value, int | float):
                        sheet.write_number(y, x, value)
                    else:
                        sheet.write_string(y, x, value or "")
    return kept.getvalue()


def document(title: str, paragraphs: Sequence[str], sheets: Sequence[Sheet]) -> bytes:
    """Write a bulletin to edit in Word or WPS: the title, the sentences, the tables."""
    found = docx.Document()
    section = found.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width
    normal = found.styles["Normal"]
    normal.font.name, normal.font.size = _FONT, Pt(12)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
    found.add_heading(title, 0)
    for paragraph in paragraphs:
        found.add_paragraph(paragraph)
    for table in sheets:
        found.add_heading(table.title, 1)
        grid = found.add_table(rows=1, cols=len(table.header), style="Table Grid")
        for cell, name in zip(grid.rows[0].cells, table.header, strict=True):
            cell.text = name
        for row in table.rows:
            for cell, value in zip(grid.add_row().cells, row, strict=True):
                cell.text = "" if value is None else str(value)
        if not table.rows:
            found.add_paragraph("无")
    kept = io.BytesIO()
    found.save(kept)
    return kept.getvalue()
