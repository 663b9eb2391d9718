"""`docs/workflow.md`, written from the table so that it cannot tell another story."""

from app.domain.machine import Step
from app.domain.terms import Role, Stage, State
from app.domain.workflow import WORKFLOW


def markdown() -> str:
    """Write the diagram, the table of steps and the matrix of roles."""
    return "\n".join((_HEAD, *_diagram(), "", *_steps(), "", *_matrix(), ""))


_HEAD = """\
# 办理流程

本页由 `python -m app workflow --out docs/workflow.md` 从流程表（`app/domain/workflow.py`）生成，请勿手改。
"""


def _diagram() -> list[str]:
    lines = ["```mermaid", "stateDiagram-v2", "    direction TB"]
    for stage in Stage:
        lines.append(f'    state "{stage.label}" as stage_{stage.value} {{')
        lines += [f'        state "{state.label}" as {state.value}' for state in State if state.stage is stage]
        lines.append("    }")
    lines.append(f"    [*] --> {WORKFLOW.start}: 登记")
    for step in WORKFLOW.rows:
        lines += [
            f"    {source} --> {step.target or source}: {step.label}" for source in State if source in step.sources
        ]
    lines += [f"    {end} --> [*]" for end in State if end in WORKFLOW.ends]
    return [*lines, "```"]


def _steps() -> list[str]:
    lines = [
        "## 操作",
        "",
        "| 操作 | 代码 | 阶段 | 从 | 到 | 操作人 | 须满足 | 对期限 | 依据 |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    return [*lines, *(_row(step) for step in WORKFLOW.rows)]


def _row(step: Step) -> str:
    cells = (
        step.label,
        f"`{step.action}`",
        step.stage.label,
        "、".join(state.label for state in State if state in step.sources),
        step.target.label if step.target else "不变",
        "、".join(role.label for role in Role if role in step.roles),
        "；".join(rule.message for rule in step.rules) or "—",
        step.clock.effect if step.clock else "—",
        step.basis,
    )
    return f"| {' | '.join(cells)} |"


def _matrix() -> list[str]:
    acting = [role for role in Role if any(role in step.roles for step in WORKFLOW.rows)]
    lines = [
        "## 角色与操作",
        "",
        f"| 操作 | {' | '.join(role.label for role in acting)} |",
        f"|---|{'---|' * len(acting)}",
    ]
    return [
        *lines,
        *(
            f"| {step.label} | {' | '.join('✓' if role in step.roles else '' for role in acting)} |"
            for step in WORKFLOW.rows
        ),
    ]
