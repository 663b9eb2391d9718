"""Ledger files for the tests, and a town that takes them in."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter

from app.domain.ledger import COLUMNS
from tests.town import BUREAU, Town

ROW: dict[str, Any] = {
    "编号": "2023-001",
    "收到日期": "2023-03-02",
    "申请渠道": "互联网渠道",
    "申请人类别": "自然人",
    "申请人": "张三",
    "证件号码": "11010519491231002X",
    "联系电话": "13800000000",
    "申请内容": "城东片区控制性详细规划的批复",
    "处理结果": "三(一)予以公开",
    "答复日期": "2023-03-20",
    "送达日期": "2023-03-23",
    "结案日期": "2023-03-30",
}
OPEN = {"处理结果": "", "答复日期": "", "送达日期": "", "结案日期": ""}


def row(**changes: Any) -> list[Any]:
    """Build one row of a ledger: a granted request of 2023 unless changed."""
    return [(ROW | changes)[column] for column in COLUMNS]


def as_csv(rows: Iterable[Sequence[Any]], *, encoding: str = "utf-8", header: Sequence[str] = COLUMNS) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(header)
    writer.writerows(rows)
    return file.getvalue().encode(encoding)


def as_xlsx(rows: Iterable[Sequence[Any]], *, header: Sequence[str] = COLUMNS) -> bytes:
    """Write cells as they are: dates as dates, numbers as numbers, text that begins with `=` as a formula."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "default_date_format": "yyyy/m/d"}) as book:
        sheet = book.add_worksheet()
        for number, cells in enumerate((header, *rows)):
            sheet.write_row(number, 0, ["" if cell is None else cell for cell in cells])
    return file.getvalue()


def send(
    place: Town, content: bytes, name: str = "台账.csv", *, who: str = "dengji", agency: str = BUREAU, **query: Any
) -> Any:
    """Send a ledger in."""
    return place.client.post(
        "/api/v1/ledger/imports",
        params={"agency": agency} | query,
        files={"file": (name, content)},
        headers=place.headers(who) | query.pop("headers", {}),
    )
