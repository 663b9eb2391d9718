"""The fonts of this machine, of which the PDF of a document is set."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.config import Settings


class Installed:
    """The fonts of this machine, read once."""

    def __init__(self, folders: Sequence[Path]) -> None:
        import typst

        self.fonts: Any = typst.Fonts(
            include_system_fonts=True, include_embedded_fonts=False, font_paths=[str(folder) for folder in folders]
        )
        self.names = frozenset(name.lower() for name in self.fonts.families())


def installed(settings: Settings) -> Installed:
    return _installed(tuple(settings.font_dirs))


@lru_cache(maxsize=4)
def _installed(folders: tuple[Path, ...]) -> Installed:
    return Installed(folders)


def at_hand(settings: Settings) -> list[str]:
    """List those of the configured fonts that this machine has; without any, no PDF can be made."""
    names = installed(settings).names
    return [name for name in settings.fonts if name.lower() in names]
