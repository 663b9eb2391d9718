"""A thousand altered cursors: none is accepted, nor is a good one of another caller or filter."""

import string
from random import Random

import pytest

from app.errors import BadCursor
from app.services import cursors

KEY = b"k" * 32
SCOPE = ("dengji", "overdue", "kind=statutory")
LETTERS = string.ascii_letters + string.digits + "-_"


def test_a_thousand_altered_cursors_are_refused() -> None:
    rng = Random(1000)
    good = cursors.make(KEY, SCOPE, ["2026-03-02", 17])
    assert cursors.read(KEY, SCOPE, good) == ["2026-03-02", 17]
    altered: set[str] = set()
    while len(altered) < 1000:
        at, letter = rng.randrange(len(good)), rng.choice(LETTERS)
        changed = rng.choice(
            [
                good[:at] + letter + good[at + 1 :],
                good[:at] + good[at + 1 :],
                good[:at] + letter + good[at:],
                good[:at],
                good[at:] + good[:at],
            ]
        )
        altered |= {changed} - {good}
    for cursor in sorted(altered):
        with pytest.raises(BadCursor):
            cursors.read(KEY, SCOPE, cursor)


@pytest.mark.parametrize("scope", [("jingban", *SCOPE[1:]), (*SCOPE[:2], "kind=local"), SCOPE[:2], (*SCOPE, "")])
def test_a_good_cursor_of_another_question_is_refused(scope: tuple[str, ...]) -> None:
    with pytest.raises(BadCursor):
        cursors.read(KEY, scope, cursors.make(KEY, SCOPE, [1]))
