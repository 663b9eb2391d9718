"""Loaded by Schemathesis: the first request of each operation and phase that is meant to be good is the documented example.

`tests.examples.Examples`, in front of the service, puts that example in its place.
"""

from typing import Any

import schemathesis

_seen: set[tuple[str, str]] = set()


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: dict[str, Any]) -> None:
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    operation = case.operation.definition.raw["operationId"]
    turn = (operation, str(case.meta.phase.name))
    if turn not in _seen:
        _seen.add(turn)
        case.headers = {**(case.headers or {}), "X-Example": operation}
