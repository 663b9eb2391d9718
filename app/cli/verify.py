"""Testing what must not have been changed: volumes that were handed over, the journal, and extracts from it."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from app import db
from app.cli.chinese import ChineseCommand, ChineseGroup
from app.cli.progress import long_work
from app.cli.refusals import MISUSED, REFUSED, need_migrated, refuse, without_traceback
from app.cli.setup import engine_of
from app.config import Settings
from app.domain.journal_extract import JournalExtract
from app.services import checkpoints, journal_check, journal_extract

AsJson = Annotated[bool, typer.Option("--json", help="以 JSON 输出")]


class _VolumesUnlessNamed(ChineseGroup):
    """`verify FILE.zip` tests volumes, as it always did; `verify journal` and the others are named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] != "--help":
            args = ["volume", *args]
        return super().parse_args(ctx, args)


group = typer.Typer(
    cls=_VolumesUnlessNamed,
    help="检验案卷包、日志、日志摘录；直接写文件名即检验案卷包。",
    no_args_is_help=True,
    epilog="退出码：0 没有发现问题；1 有一处不符；2 无从检验（参数有误，没有检查点）；3 数据库不可用",
)


@group.command("volume", cls=ChineseCommand)
@without_traceback
def volume(
    files: Annotated[list[Path], typer.Argument(help="案卷包（.zip），可以一次检验多个")], as_json: AsJson = False
) -> None:
    """检验案卷包的真实性、完整性、可用性、安全性；不需要数据库。有一处不符即退出码1。"""
    results = []
    with long_work("检验案卷包") as progress:
        for done, file in enumerate(files):
            progress(done, len(files))
            results.append(_result(file))
    if as_json:
        typer.echo(json.dumps(results, ensure_ascii=False, indent=2))
    else:
        for result in results:
            findings = result["findings"]
            typer.echo(f"{result['file']}：{f'{len(findings)}处不符' if findings else '通过'}")
            for found in findings:
                typer.echo(f"  [{found['quality_label']}] {found['path']}：{found['message']}")
    if not all(result["ok"] for result in results):
        raise typer.Exit(REFUSED)


@group.command("journal", cls=ChineseCommand)
@without_traceback
def journal(
    files: Annotated[
        list[Path] | None,
        typer.Option("--checkpoints", help="检查点文件，可以给多个；不填则用数据目录中的 journal.checkpoints"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """逐行检验日志有没有被改动、删除、插入、调换、截去或者重新编链，指出第一处不符。"""
    settings = Settings()
    own = checkpoints.path_of(settings)
    given = files if files is not None else [own] if own.exists() else []
    public_key = checkpoints.Signer(settings.journal_seed).public_key
    with db.still(engine_of(settings)) as session:
        need_migrated(session)
        try:
            report = journal_check.examine(session, settings.journal_key, public_key, given)
        except OSError as error:
            refuse(f"不能读取检查点文件 {error.filename}：{error.strerror}", MISUSED)
    blind = report.sealed > 0 and report.checkpoints == 0
    if as_json:
        typer.echo(json.dumps(_journal_result(report), ensure_ascii=False, indent=2))
    else:
        _tell_journal(report)
    if report.faults:
        raise typer.Exit(REFUSED)
    if blind:
        refuse("没有检查点：尾部被截去或者整条链被重编，都看不出来。请用 --checkpoints 指明检查点文件", MISUSED)


@group.command("extract", cls=ChineseCommand)
@without_traceback
def extract(
    file: Annotated[Path, typer.Argument(help="日志摘录（JSON），由 GET /api/v1/cases/{id}/journal-extract 取得")],
    public_key: Annotated[str | None, typer.Option(help="机关公布的公钥（base64）；不填则用摘录中写的")] = None,
    as_json: AsJson = False,
) -> None:
    """检验一件案件的日志摘录；不需要数据库，也不需要网络。"""
    try:
        found = JournalExtract.model_validate_json(file.read_bytes())
    except OSError as error:
        refuse(f"不能读取 {file}：{error.strerror}", MISUSED)
    except ValidationError:
        refuse(f"{file} 不是本服务的日志摘录（第1版）", MISUSED)
    faults = journal_extract.faults(found, public_key)
    fingerprint = checkpoints.fingerprint(found.public_key) if not faults else ""
    if as_json:
        result = {"case_no": found.case_no, "rows": len(found.rows), "ok": not faults, "faults": faults}
        typer.echo(json.dumps(result | {"fingerprint": fingerprint}, ensure_ascii=False, indent=2))
    elif faults:
        typer.echo(f"{file}：{len(faults)}处不符")
        for fault in faults:
            typer.echo(f"  {fault}")
    else:
        typer.echo(f"{file}：通过。案号 {found.case_no}，日志 {len(found.rows)} 行")
        typer.echo(f"签名公钥的指纹：{fingerprint}（请与机关公布的核对）")
    if faults:
        raise typer.Exit(REFUSED)


def _journal_result(report: journal_check.Report) -> dict[str, Any]:
    first = journal_check.first(report.faults)
    return {
        "ok": not report.faults,
        "sealed": report.sealed,
        "waiting": report.waiting,
        "checkpoints": report.checkpoints,
        "unsigned": report.unsigned,
        "first": _fault(first) if first else None,
        "faults": [_fault(fault) for fault in report.faults],
    }


def _fault(fault: journal_check.Fault) -> dict[str, Any]:
    return {"sequence": fault.sequence, "id": fault.entry_id, "code": fault.code, "message": fault.message}


def _tell_journal(report: journal_check.Report) -> None:
    signed = f"检查点 {report.checkpoints} 个，最近的检查点之后 {report.unsigned} 行"
    typer.echo(f"日志 {report.sealed} 行已编号，{report.waiting} 行待编号；{signed}")
    first = journal_check.first(report.faults)
    if first is None:
        typer.echo("没有发现改动。")
        return
    typer.echo(f"第一处不符：{first.message}")
    for fault in report.faults:
        if fault is not first:
            typer.echo(f"  另：{fault.message}")


def _result(file: Path) -> dict[str, Any]:
    from app.services import volume_check

    try:
        found = volume_check.check(file.read_bytes())
        findings = [
            {
                "path": fault.path,
                "quality": fault.quality.value,
                "quality_label": fault.quality.label,
                "message": fault.message,
            }
            for fault in found
        ]
    except OSError as error:
        message = f"不能读取文件：{error.strerror}"
        findings = [{"path": "", "quality": "usability", "quality_label": "可用性", "message": message}]
    return {"file": str(file), "ok": not findings, "findings": findings}
