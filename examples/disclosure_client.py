"""A small client for portals and scripts: keys, versions, retries that cannot double anything. Needs httpx only.

Copy it and change it: it is an example, no package.
"""

import random
import time
import uuid
from collections.abc import Mapping
from typing import Any, Self

import httpx

AGAIN = {429, 502, 503, 504}
LONGEST_S = 60.0


class Refused(Exception):
    """The service refused; `problem` is its `application/problem+json`."""

    def __init__(self, answer: httpx.Response) -> None:
        kind = answer.headers.get("content-type", "")
        self.status = answer.status_code
        self.problem: dict[str, Any] = answer.json() if "json" in kind else {"code": "", "detail": answer.text[:200]}
        super().__init__(f"{self.status} {self.problem.get('code')}: {self.problem.get('detail')}")


class Disclosure:
    """One system's access with its interface key."""

    def __init__(self, url: str, key: str, *, tries: int = 8, first_wait_s: float = 0.5) -> None:
        self._http = httpx.Client(base_url=f"{url.rstrip('/')}/api/v1", headers={"X-API-Key": key}, timeout=30)
        self._tries, self._first_wait_s = tries, first_wait_s

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._http.close()

    def register(self, application: Mapping[str, Any], idempotency_key: str | None = None) -> dict[str, Any]:
        """Register an application; the answer holds the query code. Keep the key with it to try again tomorrow."""
        return self._write("/cases", application, idempotency_key=idempotency_key).json()

    def act(self, case_id: int, action: str, body: Mapping[str, Any], version: int) -> dict[str, Any]:
        """Take a step, such as `withdraw`, on the version that was seen; `Refused` with 412 when there is a newer one."""
        return self._write(f"/cases/{case_id}/{action}", body, version=version).json()

    def case(self, case_id: int) -> dict[str, Any]:
        return self._checked(self._send("GET", f"/cases/{case_id}")).json()

    def page(self, path: str, etag: str | None, **query: Any) -> tuple[str, dict[str, Any]] | None:
        """Ask for one page of a list that has an ETag; None when it is as it was, else the new ETag and the page."""
        answer = self._send("GET", path, params=query, headers={"If-None-Match": etag} if etag else {})
        if answer.status_code == 304:
            return None
        return self._checked(answer).headers["etag"], answer.json()

    def _write(
        self, path: str, body: Mapping[str, Any], *, version: int | None = None, idempotency_key: str | None = None
    ) -> httpx.Response:
        headers = {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}  # one key for all tries of one write
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return self._checked(self._send("POST", path, json=body, headers=headers))

    def _send(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send, and again after a growing, random wait, or after as long as the service says."""
        wait_s = self._first_wait_s
        for left in reversed(range(self._tries)):
            pause_s = random.uniform(wait_s / 2, wait_s)
            try:
                answer = self._http.request(method, path, **more)
            except httpx.TransportError:
                if not left:
                    raise
            else:
                if not left or not (answer.status_code in AGAIN or _in_flight(answer)):
                    return answer
                pause_s = max(pause_s, float(answer.headers.get("retry-after", 0)))
            time.sleep(pause_s)
            wait_s = min(wait_s * 2, LONGEST_S)
        raise AssertionError("tries must be positive")

    @staticmethod
    def _checked(answer: httpx.Response) -> httpx.Response:
        if answer.is_error:
            raise Refused(answer)
        return answer


def _in_flight(answer: httpx.Response) -> bool:
    """Tell whether the first try of this write is still being worked on."""
    return answer.status_code == 409 and answer.json().get("code") == "idempotency_key_in_flight"
