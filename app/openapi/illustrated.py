"""The document of a demo city: its examples name rows that are there, and its dates lie around today.

Only there are ids filled in beforehand: on real data, somebody who presses a button unthinkingly must not act on case 1.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from app.domain.examples import brought_to
from app.services.demo.traces import EVERYWHERE

Json = dict[str, Any]


def illustrate(document: Json, examples: Mapping[str, Mapping[str, Any]], on: dt.date) -> None:
    """Put the values into a finished document: by operation, then by parameter, those of a body under `body`."""
    for item in document["paths"].values():
        for operation in item.values():
            shown = {**examples.get(EVERYWHERE, {}), **examples.get(operation["operationId"], {})}
            for parameter in operation.get("parameters", ()):
                if parameter["name"] in shown:
                    value = shown[parameter["name"]]
                    parameter["example"] = value
                    parameter["schema"] = parameter["schema"] | {"examples": [value]}
            for body in operation.get("requestBody", {}).get("content", {}).values():
                if isinstance(body.get("example"), dict):
                    body["example"] = brought_to(body["example"], on) | shown.get("body", {})
