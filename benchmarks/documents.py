"""How long documents take to make, and what they cost the act that issues them: python -m benchmarks.documents."""

import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from app.domain.specimens import SPECIMENS
from app.domain.terms import Doc
from app.services import document_templates, rendering, typesetting
from tests.databases import SqliteDatabases
from tests.papers import SETTINGS
from tests.town import town

CASES = 15


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = work()
    return (time.perf_counter() - start) * 1000, result


def main() -> None:
    """Print medians in milliseconds."""
    words, pdfs = [], []
    for doc in Doc:
        specimen = SPECIMENS[doc]
        took, word = timed(partial(rendering.fill, document_templates.shipped(doc), specimen))
        words.append(took)
        pdfs.append(timed(partial(typesetting.typeset, word, specimen, SETTINGS))[0])
    print(
        f"make docx {statistics.median(words):.0f} ms, then pdf {statistics.median(pdfs):.0f} ms (first {pdfs[0]:.0f})"
    )
    with tempfile.TemporaryDirectory() as folder:
        url = SqliteDatabases(Path(folder)).new()
        with town(url, Path(folder) / "data") as place:
            made = [timed(place.register) for _ in range(CASES)]
            print(f"register and issue a receipt {statistics.median(took for took, _ in made):.0f} ms")
            paths = [f"/cases/{case['id']}/documents" for _, case in made]
            links = [place.get("jingban", path).json()["items"][0]["links"] for path in paths]
            for form in ("docx", "pdf"):
                for when in ("first", "again"):
                    wanted = [link[form].removeprefix("/api/v1") for link in links]
                    times = [timed(partial(place.get, "jingban", path))[0] for path in wanted]
                    print(f"GET {form} {when} {statistics.median(times):.0f} ms")


if __name__ == "__main__":
    main()
