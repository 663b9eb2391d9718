"""Keeping people out of figures: small counts are withheld from those who may not see the cases.

A single withheld count could be worked out from the sum, so that a second one is withheld with it; where there is no
second one, not even the zeros are told. A setting of ours:
the law asks for de-identification (个人信息保护法第51条) and names no number.
"""

from collections.abc import Mapping
from typing import TypeVar

LEAST = 5
"""Counts from 1 to below this one are withheld; a zero tells of nobody."""

Key = TypeVar("Key")


def withheld(counts: Mapping[Key, int]) -> dict[Key, int | None]:
    """Return the counts with None for those that are not disclosed; their sum may be published beside them."""
    small = {key for key, count in counts.items() if 0 < count < LEAST}
    if len(small) == 1:
        others = {key: count for key, count in counts.items() if count and key not in small}
        small |= {min(others, key=lambda key: others[key])} if others else set(counts)
    return {key: None if key in small else count for key, count in counts.items()}
