"""Testing volumes that were handed over, without a database."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.progress import long_work
from app.cli.refusals import REFUSED
from app.services import volume_check


def verify(
    files: Annotated[list[Path], typer.Argument(help="案卷包（.zip），可以一次检验多个")],
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
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


def _result(file: Path) -> dict[str, Any]:
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
