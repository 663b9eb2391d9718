"""Ledger files: CSV and XLSX into rows of cells, and back. Nothing is guessed silently, nothing is carried out.

A CSV is UTF-8 (with or without BOM) or GB18030 and separated by commas. An XLSX is looked at before it is opened
(`file_types`: no macros, no archive that swells, no document type in its XML) and then read row by row; formulas are
refused, because what they show is not what the file says.
"""

import csv
import datetime as dt
import io
import warnings
import zipfile
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any
from xml.etree.ElementTree import ParseError

from app.domain.ledger import COLUMNS, MAX_ROWS, Cell, Fault, Unusable
from app.domain.terms import FileType
from app.services import file_types, sheets


class _TooLongError(Exception):
    """There are more rows than come in at once."""


Rows = list[tuple[int, Sequence[Cell]]]
Row = Sequence[str | dt.date | None]

_MAX_COLUMNS = 64
_LAST_ROW = 2 * MAX_ROWS  # blank ones counted; a row may claim any number
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_WIDTHS = {"编号": 24, "证件号码": 22, "联系电话": 15, "申请内容": 48, "处理结果": 22}
_HEAD = 4096  # bytes of a part of a workbook in which a document type would stand
_BROKEN = (
    *(zipfile.BadZipFile, ParseError, KeyError, ValueError, TypeError, AttributeError),
    *(IndexError, OSError, EOFError, NotImplementedError),
)


def read(name: str, content: bytes) -> tuple[Rows, list[Fault]]:
    """Read a file as numbered rows of cells; with faults, as far as it could be read."""
    if not content:
        return [], [_of_file("empty", "文件是空的")]
    spreadsheet = content.startswith((b"PK", b"\xd0\xcf\x11\xe0"))
    if spreadsheet or not name.lower().endswith(".csv"):
        examined = file_types.examine(name, content)
        if examined.faults:
            return [], [_of_file("unacceptable_file", fault) for fault in examined.faults]
        if examined.file_type is not FileType.XLSX:
            return [], [_of_file("unacceptable_file", "台账须为 csv 或者 xlsx 文件")]
        return _read_xlsx(content)
    return _read_csv(content)


def write_csv(rows: Iterable[Row]) -> bytes:
    """Write a ledger as CSV: UTF-8 with BOM, as spreadsheets expect; text that looks like a formula stays text."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return file.getvalue().encode("utf-8-sig")


def write_xlsx(rows: Iterable[Row]) -> bytes:
    """Write a ledger as a workbook: dates as dates, everything else as text."""
    import xlsxwriter

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, sheets.PLAIN) as book:
        sheet = book.add_worksheet("台账")
        text, day = (
            book.add_format({"num_format": "@", "text_wrap": True}),
            book.add_format({"num_format": "yyyy-mm-dd"}),
        )
        for place, name in enumerate(COLUMNS):
            sheet.set_column(place, place, _WIDTHS.get(name, 12), text)
        sheets.lay_out(sheet)
        sheet.write_row(0, 0, COLUMNS, book.add_format({"bold": True, "num_format": "@"}))
        for number, row in enumerate(rows, 1):
            for place, cell in enumerate(row):
                if isinstance(cell, dt.date):
                    sheet.write_datetime(number, place, dt.datetime(cell.year, cell.month, cell.day), day)  # noqa: DTZ001 — a cell has no zone
                elif cell is not None:
                    sheet.write_string(number, place, cell, text)
    return file.getvalue()


def _of_file(code: str, message: str) -> Fault:
    return Fault(0, "", code, message)


def _harmless(cell: str | dt.date | None) -> str:
    """Put an apostrophe before what a spreadsheet would carry out, and before an apostrophe that stands there."""
    text = cell.isoformat() if isinstance(cell, dt.date) else cell or ""
    return f"'{text}" if text.lstrip("'").startswith(_STARTS_FORMULA) else text


def _as_meant(text: str) -> str:
    """Take that apostrophe off again."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(_STARTS_FORMULA) else text


def _read_csv(content: bytes) -> tuple[Rows, list[Fault]]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return [], [_of_file("encoding", "文件是 UTF-16 编码，请另存为“CSV UTF-8（逗号分隔）”")]
    text = _decoded(content)
    if text is None:
        return [], [_of_file("encoding", "文件既不是 UTF-8 也不是 GB18030 编码，请另存为“CSV UTF-8（逗号分隔）”")]
    if "\x00" in text:
        return [], [_of_file("control_characters", "文件中有空字符，不是文本文件")]
    rows: Rows = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for number, row in enumerate(reader, 1):
            if number > MAX_ROWS + 1:
                return rows, [_too_long()]
            rows.append((number, [_as_meant(cell) for cell in row]))
    except csv.Error:
        message = "引号不成对或者一格过长，不能按 CSV 读出"
        return rows, [Fault(len(rows) + 1, "", "broken_csv", message)]
    return rows, []


def _decoded(content: bytes) -> str | None:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _too_long() -> Fault:
    return _of_file("too_many_rows", f"一次最多导入{MAX_ROWS}件，请按年度分成几个文件")


def _read_xlsx(content: bytes) -> tuple[Rows, list[Fault]]:
    if has_document_type(content):
        return [], [_of_file("unacceptable_file", "文件的内部结构异常，不能接收")]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and validations of the workbook, which nobody needs here
            book = _opened(content)
            try:
                filled = [
                    rows for sheet in book.worksheets if sheet.sheet_state == "visible" and (rows := _sheet(sheet))
                ]
            finally:
                book.close()
    except _TooLongError:
        return [], [_too_long()]
    except _BROKEN:
        return [], [_of_file("broken_workbook", "文件已损坏，不能按 xlsx 读出")]
    if not filled:
        return [], [_of_file("empty", "文件中没有内容")]
    if len(filled) > 1:
        return [], [_of_file("several_sheets", f"有{len(filled)}个工作表有内容，请只保留一个")]
    return filled[0], []


def pages(content: bytes, most: int) -> list[list[Sequence[Cell]]]:
    """Read the visible sheets of an examined workbook, each up to `most` rows. What cannot be read gives no page."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = _opened(content, data_only=True)
            try:
                return [
                    [[_value(cell) for cell in row] for row in islice(_rows(sheet), most)]
                    for sheet in book.worksheets
                    if sheet.sheet_state == "visible"
                ]
            finally:
                book.close()
    except _BROKEN:
        return []


def _opened(content: bytes, *, data_only: bool = False) -> Any:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        return load_workbook(io.BytesIO(content), read_only=True, data_only=data_only, keep_links=False)
    except InvalidFileException as error:
        raise ValueError from error


def _rows(sheet: Any) -> Any:
    sheet.reset_dimensions()
    return sheet.iter_rows(max_col=_MAX_COLUMNS)


def _sheet(sheet: Any) -> Rows:
    """Read the rows that say something, up to the limit and one more; the size a sheet claims to have is not believed."""
    from openpyxl.cell.read_only import EMPTY_CELL

    found: Rows = []
    for number, row in enumerate(_rows(sheet), 1):
        cells = [_value(cell) for cell in row] if any(cell is not EMPTY_CELL for cell in row) else []
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            found.append((number, cells))
        if len(found) > MAX_ROWS + 1 or number > _LAST_ROW:
            raise _TooLongError
    return found


def _value(cell: Any) -> Cell:
    if cell.data_type == "f":
        return Unusable("是公式，请粘贴为数值后导入")
    if cell.data_type == "e":
        return Unusable("是公式的错误值，请改正后导入")
    value = cell.value
    if isinstance(value, bool):
        return Unusable("是真假值，请改为文本或者日期")
    if isinstance(value, dt.timedelta):
        return Unusable("是时长，请改为文本或者日期")
    if value is None or isinstance(value, str | int | float | dt.date | dt.time):
        return value
    return Unusable("不能读出，请改为文本或者日期")


def has_document_type(content: bytes) -> bool:
    """Tell whether a part declares a document type, by whose entities a small file can be made to swell."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                if name.lower().endswith((".xml", ".rels")):
                    with archive.open(name) as part:
                        if b"<!DOCTYPE" in part.read(_HEAD).replace(b"\x00", b"").upper():
                            return True
    except _BROKEN:
        return True
    return False
