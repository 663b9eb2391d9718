"""`docs/workflow.md`, written from the table so that it cannot tell another story."""

from app.domain.machine import Step, Workflow
from app.domain.terms import Role, Stage, State
from app.domain.workflow import WORKFLOWS


def markdown() -> str:
    """Write, for every kind of case, the diagram, the table of steps and the matrix of roles."""
    return "\n".join((_HEAD, *(line for workflow in WORKFLOWS.values() for line in _chapter(workflow))))


def _chapter(workflow: Workflow) -> list[str]:
    return [
        f"## {workflow.kind.label}",
        "",
        *_diagram(workflow),
        "",
        *_steps(workflow),
        "",
        *_matrix(workflow),
        "",
    ]


_HEAD = """\
# 办理流程

本页由 `python -m app workflow --out docs/workflow.md` 从流程表（`app/domain/workflow/`）生成，请勿手改。
"""


def _diagram(workflow: Workflow) -> list[str]:
    lines = ["```mermaid", "stateDiagram-v2", "    direction TB"]
    for stage in Stage:
        states = [state for state in State if state.stage is stage and state in workflow.states]
        lines.append(f'    state "{stage.label}" as stage_{stage.value} {{')
        lines += [f'        state "{state.label}" as {state.value}' for state in states]
        lines.append("    }")
    lines.append(f"    [*] --> {workflow.start}: 登记")
    for step in workflow.rows:
        lines += [
            f"    {source} --> {step.target or source}: {step.label}" for source in State if source in step.sources
        ]
    lines += [f"    {end} --> [*]" for end in State if end in workflow.ends]
    return [*lines, "```"]


def _steps(workflow: Workflow) -> list[str]:
    lines = [
        "### 操作",
        "",
        "| 操作 | 代码 | 阶段 | 从 | 到 | 操作人 | 须满足 | 对期限 | 依据 |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    return [*lines, *(_row(step) for step in workflow.rows)]


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


def _matrix(workflow: Workflow) -> list[str]:
    acting = [role for role in Role if any(role in step.roles for step in workflow.rows)]
    lines = [
        "### 角色与操作",
        "",
        f"| 操作 | {' | '.join(role.label for role in acting)} |",
        f"|---|{'---|' * len(acting)}",
    ]
    return [
        *lines,
        *(
            f"| {step.label} | {' | '.join('✓' if role in step.roles else '' for role in acting)} |"
            for step in workflow.rows
        ),
    ]
