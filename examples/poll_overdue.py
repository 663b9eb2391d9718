"""轮询超期案件：没有变化时只有一次 304，有变化时逐页取回，每件新超期或者有改动的案件输出一行 JSON.

用法：DISCLOSURE_URL=https://… DISCLOSURE_KEY=dk_… python poll_overdue.py --state state.json --every 60
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from disclosure_client import Disclosure


def poll(service: Disclosure, state: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """Return the cases that are newly overdue or were changed since the last poll, and bring the state up to date.

    Each page has an ETag of its own: the first does not say whether a later one has changed.
    """
    known = {case_id: version for page in state.get("pages", ()) for case_id, version in page["versions"].items()}
    before, pages, fresh = state.get("pages", []), [], []
    cursor = None
    while cursor is not None or not pages:
        last = before[len(pages)] if len(pages) < len(before) else None
        query = {"kind": kind, "limit": 500} | ({"cursor": cursor} if cursor else {})
        found = service.page("/cases/overdue", last and last["etag"], **query)
        if found is None:
            pages.append(last)
        else:
            etag, page = found
            versions = {str(case["id"]): case["version"] for case in page["items"]}
            fresh += [case for case in page["items"] if known.get(str(case["id"])) != case["version"]]
            pages.append({"etag": etag, "next": page["next"], "versions": versions})
        cursor = pages[-1]["next"]
    state["pages"] = pages  # only now: a poll that breaks off starts anew
    return fresh


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", choices=("statutory", "local", "node"), default="statutory")
    parser.add_argument("--state", type=Path, default=Path("poll_overdue.json"))
    parser.add_argument("--every", type=float, help="间隔秒数；不填只查一次")
    given = parser.parse_args()
    state = json.loads(given.state.read_text("utf-8")) if given.state.exists() else {}
    with Disclosure(os.environ["DISCLOSURE_URL"], os.environ["DISCLOSURE_KEY"]) as service:
        while True:
            for case in poll(service, state, given.kind):
                sys.stdout.write(json.dumps(case, ensure_ascii=False) + "\n")
            sys.stdout.flush()
            given.state.write_text(json.dumps(state), "utf-8")
            if given.every is None:
                return
            time.sleep(given.every)


if __name__ == "__main__":
    main()
