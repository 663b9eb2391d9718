"""The base of whatever is checked when it comes in, or written as JSON when it goes out."""

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    """Fields and their rules. What checks and writes them is built when it is first needed.

    Building all of some four hundred took a sixth of the start, and a process uses few of them in its first minutes.
    """

    model_config = ConfigDict(defer_build=True)

    @classmethod
    def model_rebuild(
        cls,
        *,
        force: bool = False,
        raise_errors: bool = True,
        _parent_namespace_depth: int = 2,
        _types_namespace: Mapping[str, Any] | None = None,
    ) -> bool | None:
        """Build the shapes inside first: a shape takes theirs, and would build its own of each that is not there."""
        for shape in _within(cls, set()):
            if shape is not cls:
                super(Shape, shape).model_rebuild(raise_errors=raise_errors)
        return super().model_rebuild(
            force=force,
            raise_errors=raise_errors,
            _parent_namespace_depth=_parent_namespace_depth + 1,
            _types_namespace=_types_namespace,
        )

    @classmethod
    def __pydantic_on_complete__(cls) -> None:
        """Let what is made of this shape from now on be built at once, from what is there."""
        cls.model_config["defer_build"] = False


def complete(kind: Any) -> None:
    """Build the shapes a type is made of, such as `list[CaseOut] | None`."""
    for shape in _within(kind, set()):
        shape.model_rebuild()


def _within(kind: Any, seen: set[Any]) -> Iterator[type[Shape]]:
    """Give the shapes that are not built yet, the inner before the outer."""
    if not (isinstance(kind, type) and issubclass(kind, Shape)):
        parts = get_args(kind)
    elif kind in seen or kind.__pydantic_complete__:
        return
    else:
        seen.add(kind)
        parts = tuple(field.annotation for field in kind.model_fields.values())
    for part in parts:
        yield from _within(part, seen)
    if isinstance(kind, type) and issubclass(kind, Shape):
        yield kind
