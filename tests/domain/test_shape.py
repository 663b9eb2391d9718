"""Shapes are built when they are first needed, the inner before the outer."""

from typing import Literal

import pytest
from pydantic import TypeAdapter, ValidationError

from app.domain.shape import Shape, complete


class Inner(Shape):
    kind: Literal["inner"] = "inner"
    count: int


class Outer(Shape):
    parts: list[Inner | None]
    after: "Outer | None" = None


class Other(Shape):
    part: Inner


def test_declaring_a_shape_builds_nothing_and_using_it_builds_what_is_inside_first() -> None:
    class Whole(Shape):
        other: Other | None = None

    assert [shape.__pydantic_complete__ for shape in (Whole, Other)] == [False, False]
    found = Whole.model_validate({"other": {"part": {"count": 1}}})
    assert [shape.__pydantic_complete__ for shape in (Whole, Other, Inner)] == [True, True, True]
    assert found == Whole(other=Other(part=Inner(count=1)))


def test_a_shape_that_holds_itself_is_built_too() -> None:
    found = Outer.model_validate({"parts": [{"count": 1}, None], "after": {"parts": []}})
    assert found.after == Outer(parts=[])
    with pytest.raises(ValidationError, match="count"):
        Outer.model_validate({"parts": [{"count": "many"}]})


def test_what_is_made_of_a_completed_type_is_built_at_once() -> None:
    class Late(Shape):
        count: int

    complete(dict[str, list[Late] | None])
    assert TypeAdapter(Late).pydantic_complete
    assert TypeAdapter(dict[str, list[Late] | None]).validate_python({"a": [{"count": 2}]}) == {"a": [Late(count=2)]}
