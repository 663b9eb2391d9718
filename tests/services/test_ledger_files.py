"""Ledger files as they come from spreadsheets, and as nobody should send them."""

import datetime as dt
import io
import zipfile

import pytest
import xlsxwriter

from app.domain import ledger
from app.services import ledger_files
from tests.ledgers import OPEN, as_csv, as_xlsx, row

THREE = [row(), row(编号="2", 处理结果="rejected_petition"), row(编号="3", 收到日期="2026-02-25", **OPEN)]
A_DAY = dt.date(2023, 3, 2)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (as_csv(THREE), "台账.csv"),
        (as_csv(THREE, encoding="utf-8-sig"), "台账.csv"),
        (as_csv(THREE, encoding="gb18030"), "台账.CSV"),
        (as_xlsx(THREE), "台账.xlsx"),
        (as_xlsx([[A_DAY if cell == A_DAY.isoformat() else cell for cell in cells] for cells in THREE]), "a.xlsx"),
    ],
    ids=["utf-8", "utf-8 with BOM", "gb18030", "xlsx with text", "xlsx with dates"],
)
def test_every_usual_form_of_a_file_says_the_same(content: bytes, name: str) -> None:
    rows, faults = ledger_files.read(name, content)
    assert faults == []
    places, _ = ledger.read_header(rows[0][1])
    entries, faults = ledger.read(rows[1:], places, first_day=dt.date(2004, 1, 1), today=dt.date(2026, 3, 2))
    assert faults == []
    assert [entry.number for entry in entries] == ["2023-001", "2", "3"]
    assert entries[0].received_on == A_DAY
    assert entries[0].name == "张三"


def _with(part: str, text: bytes) -> bytes:
    """Take a good workbook and replace or add one part."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(as_xlsx(THREE))) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
        new.writestr(part, text)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
ROWS = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
ENTITY = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a/>'
FAR_BELOW = ROWS + b'<row r="99999999999"><c r="A99999999999"><v>1</v></c></row></sheetData></worksheet>'


def _two_sheets() -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        for _ in range(2):
            book.add_worksheet().write_row(0, 0, ledger.COLUMNS)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "code", "said"),
    [
        (b"", "a.csv", "empty", "文件是空的"),
        (as_csv(THREE).decode().encode("utf-16"), "a.csv", "encoding", "UTF-16"),
        (as_csv(THREE) + b"\xff\xff\xff", "a.csv", "encoding", "既不是 UTF-8 也不是 GB18030"),
        (as_csv(THREE) + b"\x00", "a.csv", "control_characters", "空字符"),
        (as_csv(THREE) + b'"2023', "a.csv", "broken_csv", "引号不成对"),
        (as_csv([["1"]] * 100_001), "a.csv", "too_many_rows", "一次最多导入100000件"),
        (as_csv(THREE), "a.xlsx", "unacceptable_file", "扩展名不符"),
        (as_xlsx(THREE), "a.csv", "unacceptable_file", "扩展名不符"),
        (as_xlsx(THREE), "a.xlsm", "unacceptable_file", "扩展名不符"),
        (_with("xl/vbaProject.bin", b"x"), "a.xlsx", "unacceptable_file", "宏"),
        (_with("xl/media/bomb.bin", b"0" * (20 << 20)), "a.xlsx", "unacceptable_file", "压缩比异常"),
        (_with(SHEET, ENTITY), "a.xlsx", "unacceptable_file", "内部结构异常"),
        (_with(SHEET, ENTITY.decode().encode("utf-16")), "a.xlsx", "unacceptable_file", "内部结构异常"),
        (_with(SHEET, b"<worksheet><sheetData><row"), "a.xlsx", "broken_workbook", "已损坏"),
        (_with(SHEET, FAR_BELOW), "a.xlsx", "too_many_rows", "一次最多导入"),
        (_two_sheets(), "a.xlsx", "several_sheets", "有2个工作表有内容"),
        (b"\xd0\xcf\x11\xe0" + b"0" * 100, "a.xls", "unacceptable_file", "旧格式"),
        (b"%PDF-1.7", "a.pdf", "unacceptable_file", "csv 或者 xlsx"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused_with_the_reason(
    content: bytes, name: str, code: str, said: str
) -> None:
    _, faults = ledger_files.read(name, content)
    assert [fault.code for fault in faults] == [code]
    assert said in faults[0].sentence


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ([["=1+1"]], "是公式"),
        ([[True]], "是真假值"),
    ],
)
def test_a_cell_that_is_not_what_it_shows_is_told_from_one_that_is(cells: list[list[object]], why: str) -> None:
    rows, faults = ledger_files.read("a.xlsx", as_xlsx(cells))
    assert faults == []
    found = rows[1][1][0]
    assert isinstance(found, ledger.Unusable)
    assert why in found.why


def test_another_separator_is_named_and_not_guessed() -> None:
    rows, faults = ledger_files.read("a.csv", as_csv(THREE).replace(b",", b";"))
    assert faults == []
    assert [fault.code for fault in ledger.read_header(rows[0][1])[1]] == ["delimiter"]


@pytest.mark.parametrize("text", ["=1+1", "+86 138", "-1", "@SUM(1)", "\t=1", "'=1", "''=1", "'", "'甲", "甲=乙"])
def test_text_that_a_spreadsheet_would_carry_out_is_written_harmlessly_and_read_back(text: str) -> None:
    content = ledger_files.write_csv([[text] * 12])
    written = content.decode("utf-8-sig").splitlines()[1]
    assert not written.startswith(("=", "+", "-", "@", "\t"))
    assert ledger_files.read("a.csv", content)[0][1][1] == [text] * 12
    rows, faults = ledger_files.read("a.xlsx", ledger_files.write_xlsx([[text] * 12]))
    assert faults == []
    assert rows[1][1] == [text] * 12
