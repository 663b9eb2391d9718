"""A body that can be sent as it stands, built from the first examples of its fields; and one brought to another day."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

WRITTEN_ON = dt.date(2026, 11, 23)
"""The day to which the dates in all written examples belong."""

_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}.*)?")


def example(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    """Build a value of a JSON schema from its first examples and defaults, field by field."""
    given = [*schema.get("examples", ())[:1], *(schema[name] for name in ("const", "default") if name in schema)]
    if given := given or schema.get("enum", ()):
        return given[0]
    if "properties" in schema:
        return {name: example(part, schemas) for name, part in schema["properties"].items()}
    if "items" in schema:
        return [example(schema["items"], schemas)]
    if "$ref" in schema:
        return example(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    choices = schema.get("anyOf") or schema.get("oneOf")
    return example(choices[0], schemas) if choices else None


def example_of(model: type[BaseModel]) -> Any:
    """Build the example of a body, as it travels."""
    schema = model.model_json_schema()
    return example(schema, schema.get("$defs", {}))


def brought_to(value: Any, today: dt.date) -> Any:
    """Move every date and moment in an example as many whole weeks as lie between its writing and today."""
    weeks = dt.timedelta(weeks=(today - WRITTEN_ON).days // 7)
    if isinstance(value, Mapping):
        return {name: brought_to(part, today) for name, part in value.items()}
    if isinstance(value, list):
        return [brought_to(part, today) for part in value]
    if isinstance(value, str) and (found := _DATE.fullmatch(value)):
        return f"{dt.date.fromisoformat(found[1]) + weeks}{found[2] or ''}"
    return value
