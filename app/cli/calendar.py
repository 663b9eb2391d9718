"""Notices of days off from a file, and folding every running case again."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from app.cli.progress import long_work
from app.cli.refusals import MISUSED, refuse
from app.cli.stages import stages
from app.domain.terms import Role
from app.http.validation import in_chinese
from app.schemas.calendar import EffectOut, NoticeIn, effect_out, notice_effect
from app.services import notices, recompute

DryRun = Annotated[bool, typer.Option("--dry-run", help="只看哪些在办案件的期限会变，不改动")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]
SHOWN = 20


def import_notice(
    file: Annotated[Path, typer.Argument(help="通知文件（JSON），内容与 POST /api/v1/calendar/notices 相同")],
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """导入放假通知，按它重算在办案件的期限；先用 --dry-run 看影响。"""
    content, work = _read(file).content(), stages(Role.SYSTEM_ADMIN)
    with long_work("导入和重算"):
        outcome = notices.bring_in(work, content, dry_run=dry_run)
    effect = notice_effect(outcome, dry_run=dry_run)
    if as_json:
        typer.echo(effect.model_dump_json(by_alias=True, indent=2))
        return
    notice = effect.notice
    verdict = "试运行，没有导入" if dry_run else "已导入" if effect.imported else "内容与现行版本相同，没有形成新版本"
    typer.echo(f"{notice.region} {notice.year}年，{notice.source}：{verdict}")
    for day in effect.changed_days:
        typer.echo(f"  {day.on} {day.before} → {day.after}")
    for doubt in effect.doubts:
        typer.echo(f"请核对：{doubt}")
    _tell(effect)


def recompute_all(dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """按现行工作日历和各机关的设置，重算全部在办案件的期限；可以随时运行，重复运行没有影响。"""
    work = stages(Role.SYSTEM_ADMIN)
    with long_work("重算期限"):
        effect = effect_out(recompute.sweep(work, dry_run=dry_run))
    if as_json:
        typer.echo(effect.model_dump_json(by_alias=True, indent=2))
    else:
        _tell(effect)


def _read(file: Path) -> NoticeIn:
    try:
        content: Any = json.loads(file.read_text("utf-8"))
    except OSError as error:
        refuse(f"不能读取 {file}：{error.strerror}", MISUSED)
    except ValueError:
        refuse(f"{file} 不是有效的 JSON（UTF-8）", MISUSED)
    try:
        return NoticeIn.model_validate(content)
    except ValidationError as wrong:
        refuse("通知有误：" + "；".join(reason["message"] for reason in in_chinese(wrong.errors())), MISUSED)


def _tell(effect: EffectOut) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    console.print(f"在办案件 {effect.open_cases} 件：期限变动 {effect.moved} 件，由暂定转为确定 {effect.settled} 件")
    for region in effect.regions:
        console.print(
            f"  {region.region}：在办 {region.open_cases}，变动 {region.moved}，转为确定 {region.settled}", markup=False
        )
    for case in effect.items[:SHOWN]:
        due, target = case.due_on, case.target_on
        console.print(
            f"  {case.case_no} 法定期限 {due.from_} → {due.to}，内控期限 {target.from_} → {target.to}", markup=False
        )
    if effect.moved > SHOWN:
        console.print(f"  ……其余 {effect.moved - SHOWN} 件见日志（deadline_moved）或者 --json")
    if effect.remedies_moved:
        console.print(f"行政复议、诉讼和投诉中的期限变动 {effect.remedies_moved} 件")
    for one in effect.remedies[:SHOWN]:
        console.print(f"  {one.case_no} {one.node_label} {one.due_on.from_} → {one.due_on.to}", markup=False)
