"""Tables as workbooks people open and print. Whatever stands in a cell stays text; nothing is a formula or a link."""

import datetime as dt
import io
import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


class Rate(float):
    """A share of one, shown as per cent."""

    def __str__(self) -> str:
        return f"{float(self):.1%}"


Value = str | int | float | dt.date | None

PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
"""Nothing a person typed becomes a formula, a link or a number in a work book."""

A4 = 9  # as Excel numbers paper sizes
_NOT_IN_NAMES = str.maketrans("[]:*?/\\", "（）：＊？／＼")
_NARROWEST, _WIDEST = 5, 40  # columns, in Latin letters


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: its title, its header and its rows, each as long as the header."""

    title: str
    header: tuple[str, ...]
    rows: Sequence[Sequence[Value]]


def workbook(sheets: Sequence[Sheet], made_at: dt.datetime) -> bytes:
    """Write one work sheet a table; numbers stay numbers, dates dates."""
    import xlsxwriter

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
            widths = widths_of(table)
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


def widths_of(table: Sheet) -> list[int]:
    """Give each column the width of its longest cell within bounds; a heading may take three lines."""
    found = []
    for x, name in enumerate(table.header):
        longest = max((width_of(shown(row[x])) for row in table.rows), default=0)
        found.append(min(max(_NARROWEST, longest, math.ceil(width_of(name) / 6) * 2), _WIDEST))
    return found


def shown(value: Value) -> str:
    return "" if value is None else str(value)
