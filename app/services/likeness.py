"""How alike two subjects are, measured by rapidfuzz on what `domain.subject` leaves of them."""

from collections.abc import Mapping

from app.domain.subject import contradict, core

SIMILAR = 60
"""From this score, of 100, two requests are called similar; a working value, measured by benchmarks.similar."""

_SHORTEST = 6  # characters below which being a part of another subject says nothing
_PART = 0.9  # what being a part of the other counts, against being the same
_LONGER = 2.5  # times; a subject this much longer asks for more than the other
_OTHER_THING = 0.5  # what remains where year, number or place differ


def score(one: str, other: str) -> int:
    """Return 0 to 100: 100 for the same subject; 0 where one of them has none.

    Half of it is how alike the things are that are asked for, without place and year: two requests about one village
    share much of their wording and ask for different papers.
    """
    if not one or not other:
        return 0
    if one == other:
        return 100
    found = _alike(one, other)
    mine, yours = core(one), core(other)
    if mine and yours:
        found = (found + _alike(mine, yours)) / 2
    return round(found * _OTHER_THING if contradict(one, other) else found)


def _alike(one: str, other: str) -> float:
    from rapidfuzz import fuzz

    whole = fuzz.ratio(one, other)
    shorter, longer = sorted((len(one), len(other)))
    if shorter < _SHORTEST or longer > _LONGER * shorter:
        return whole
    part = fuzz.partial_ratio(one, other)
    return max(whole, _PART * max(part, fuzz.token_set_ratio(_spaced(one), _spaced(other))))


def _spaced(text: str) -> str:
    """Pairs of characters as words, so that the order of what is asked for does not matter."""
    return " ".join(text[i : i + 2] for i in range(len(text) - 1))


def ranked(wanted: str, among: Mapping[int, str], *, least: int = SIMILAR) -> list[tuple[int, int]]:
    """Return (key, score) of the subjects at least that alike, most alike first, then in the order of their keys."""
    scored = ((key, score(wanted, text)) for key, text in among.items())
    return sorted((pair for pair in scored if pair[1] >= least), key=lambda pair: (-pair[1], pair[0]))
