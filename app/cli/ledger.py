"""An agency's ledger from a file."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.progress import long_work
from app.cli.refusals import MISUSED, REFUSED, refuse
from app.cli.stages import stages
from app.domain.terms import Role
from app.errors import NotFound
from app.schemas.ledger import ledger_outcome
from app.services import ledger
from app.services.ledger import Outcome

SHOWN = 50


def import_ledger(
    file: Annotated[Path, typer.Argument(help="台账文件（csv 或者 xlsx），第1行为表头")],
    agency: Annotated[str, typer.Option(help="机关代码")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，列出全部错误，不导入")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """导入机关原有的台账：要么全部导入，要么一件也不导入；错误指明行、列和理由，退出码1。"""
    try:
        content = file.read_bytes()
    except OSError as error:
        refuse(f"不能读取 {file}：{error.strerror}", MISUSED)
    place = stages(Role.CITY_SUPERVISOR)
    with long_work("检查和导入") as progress:
        try:
            outcome = ledger.bring_in(place, agency, file.name, content, dry_run=dry_run, progress=progress)
        except NotFound:
            refuse("没有这个代码的机关", MISUSED)
    if as_json:
        typer.echo(ledger_outcome(outcome, dry_run=dry_run).model_dump_json(indent=2))
    else:
        _tell(outcome, dry_run=dry_run)
    if outcome.faults:
        raise typer.Exit(REFUSED)


def _tell(outcome: Outcome, *, dry_run: bool) -> None:
    if outcome.faults:
        typer.secho(f"{outcome.name}：{len(outcome.faults)}处错误，没有导入任何一件。", fg="red", err=True)
        for fault in outcome.faults[:SHOWN]:
            typer.echo(fault.sentence, err=True)
        if len(outcome.faults) > SHOWN:
            typer.echo(f"……其余{len(outcome.faults) - SHOWN}处见 --json", err=True)
        return
    verdict = "可以导入（试运行，没有导入）" if dry_run else "已导入"
    typer.echo(f"{outcome.name}：{verdict}{outcome.cases}件，其中在办{outcome.open_cases}件。")
    for year in sorted(outcome.years):
        typer.echo(f"  {year}年收到{outcome.years[year]}件")
