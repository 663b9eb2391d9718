"""Ledgers (台账) as callers see them."""

import datetime as dt

from pydantic import Field

from app.domain.ledger import Fault
from app.domain.masking import Veil
from app.domain.report import RESULT_ROWS
from app.domain.shape import Shape
from app.models import LedgerImport
from app.services import clocks
from app.services.ledger import Outcome


class FaultOut(Shape):
    """What is wrong with one cell, one row or the file."""

    row: int = Field(description="行号，表头是第1行；0 为整个文件")
    column: str = Field(description="列名；整行或者整个文件有误时为空")
    code: str
    message: str = Field(description="中文理由")


class LedgerCount(Shape):
    """How many rows say the same."""

    code: str
    label: str
    cases: int


class LedgerOutcome(Shape):
    """What a ledger holds, and whether it came in."""

    imported: bool = Field(description="是否已经导入；试运行和有错误时为否")
    dry_run: bool
    ledger_id: int | None = Field(description="导入批次的编号")
    agency_code: str
    name: str
    sha256: str = Field(description="文件的指纹，同一文件只导入一次")
    cases: int = Field(description="申请件数")
    open_cases: int = Field(description="其中在办（没有处理结果）的件数，进入办理流程")
    results: list[LedgerCount] = Field(description="按处理结果（年度报告表三的行）")
    years: list[LedgerCount] = Field(description="按收到日期所在的年份")
    faults: list[FaultOut] = Field(description="全部错误；有一处错误，就一件也不导入")


class LedgerOut(Shape):
    """A ledger that was imported."""

    id: int
    name: str
    sha256: str
    cases: int
    open_cases: int
    imported_at: dt.datetime
    imported_by: str


class LedgerPage(Shape):
    items: list[LedgerOut]
    total: int
    page: int
    size: int


def ledger_outcome(found: Outcome, *, dry_run: bool) -> LedgerOutcome:
    return LedgerOutcome(
        imported=found.ledger_id is not None,
        dry_run=dry_run,
        ledger_id=found.ledger_id,
        agency_code=found.agency_code,
        name=found.name,
        sha256=found.sha256,
        cases=found.cases,
        open_cases=found.open_cases,
        results=[
            LedgerCount(code=row.value, label=row.label, cases=found.results[row])
            for row in RESULT_ROWS
            if found.results[row]
        ],
        years=[LedgerCount(code=str(year), label=f"{year}年", cases=found.years[year]) for year in sorted(found.years)],
        faults=[fault_out(fault) for fault in found.faults],
    )


def fault_out(fault: Fault) -> FaultOut:
    return FaultOut(row=fault.row, column=fault.column, code=fault.code, message=fault.message)


def ledger_out(row: LedgerImport) -> LedgerOut:
    return LedgerOut(
        id=row.id,
        name=Veil(()).over(row.name),
        sha256=row.sha256,
        cases=row.cases,
        open_cases=row.open_cases,
        imported_at=clocks.in_shanghai(row.imported_at),
        imported_by=row.imported_by,
    )
