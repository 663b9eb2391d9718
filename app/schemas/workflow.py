"""The workflow table as data."""

from pydantic import Field

from app.domain.machine import Step, Workflow
from app.domain.shape import Shape
from app.domain.terms import CaseKind, Role, Stage, State, Term


class Named(Shape):
    code: str
    label: str


class StateOut(Named):
    stage: Stage
    stage_label: str
    final: bool


class StepOut(Shape):
    action: str
    label: str
    stage: Stage
    sources: list[State]
    target: State | None = Field(description="为空即状态不变")
    roles: list[Role]
    basis: str
    about: str
    guards: list[Named]
    clock_effect: str | None


class WorkflowOut(Shape):
    kind: CaseKind
    kind_label: str
    start: State
    stages: list[Named]
    states: list[StateOut]
    roles: list[Named]
    steps: list[StepOut]


def workflow_out(workflow: Workflow) -> WorkflowOut:
    return WorkflowOut(
        kind=workflow.kind,
        kind_label=workflow.kind.label,
        start=workflow.start,
        stages=[_named(stage) for stage in Stage],
        states=[
            StateOut(
                code=state.value,
                label=state.label,
                stage=state.stage,
                stage_label=state.stage.label,
                final=state in workflow.ends,
            )
            for state in State
            if state in workflow.states
        ],
        roles=[_named(role) for role in Role],
        steps=[_step(step) for step in workflow.rows],
    )


def _named(code: Term) -> Named:
    return Named(code=code.value, label=code.label)


def _step(step: Step) -> StepOut:
    return StepOut(
        action=step.action,
        label=step.label,
        stage=step.stage,
        sources=[state for state in State if state in step.sources],
        target=step.target,
        roles=[role for role in Role if role in step.roles],
        basis=step.basis,
        about=step.about,
        guards=[Named(code=rule.code, label=rule.message) for rule in step.rules],
        clock_effect=step.clock.effect if step.clock else None,
    )
