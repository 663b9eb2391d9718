"""Erasing the personal data of cases whose periods have run out, when somebody has decided on it."""

from functools import partial
from typing import Annotated

import typer
from sqlalchemy import select

from app.cli.refusals import MISUSED, refuse
from app.cli.stages import stages
from app.config import Settings
from app.domain.terms import Role
from app.models import Agency
from app.services import retention
from app.services.desk import Desk
from app.services.retention import Candidate
from app.services.storage import store_of

SHOWN = 20


def erase(
    appraisal: Annotated[str, typer.Option("--appraisal", help="鉴定、销毁审批的文号，记入每一件的日志")],
    agency: Annotated[str | None, typer.Option("--agency", help="只限这个机关及其下级，填机关代码")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只列出，不删除")] = False,
) -> None:
    """删除保管期限届满案件的个人信息（密钥、申请人、文书、附件、案卷），不能恢复；暂停删除的不动。

    办理结果、日期和文号保留，统计不变。先用 --dry-run 看有哪些；数据库的备份到期后另行销毁。
    """
    if not appraisal.strip():
        refuse("须写明鉴定、销毁审批的文号", MISUSED)
    work = stages(Role.SYSTEM_ADMIN)
    found = work.read(lambda desk: _found(desk, agency))
    due = [case for case in found if not case.held]
    typer.echo(f"保管期限届满 {len(found)} 件，其中暂停删除 {len(found) - len(due)} 件。")
    for case in due[:SHOWN]:
        typer.echo(f"  {case.case_no} 期限至 {case.expired_on}")
    if dry_run:
        return
    erased = 0
    for start in range(0, len(due), retention.STEP):
        batch = [case.case_id for case in due[start : start + retention.STEP]]
        files = work.write(partial(retention.erase, case_ids=batch, appraisal=appraisal.strip()))
        retention.drop(store_of(Settings()), files)
        erased += len(batch)
    typer.echo(f"已删除 {erased} 件的个人信息。")


def _found(desk: Desk, code: str | None) -> list[Candidate]:
    if code is None:
        return retention.candidates(desk)
    office = desk.session.scalar(select(Agency).where(Agency.code == code))
    if office is None:
        refuse(f"没有代码为 {code} 的机关", MISUSED)
    return retention.candidates(desk, office)
