"""Sending messages to receivers whose addresses strangers chose: only to where one may send, and never for long.

A name is resolved once, every address it has is checked, and the connection goes to that very address with the name in
SNI and certificate: whoever changes the name in between gains nothing. No redirect is followed and no proxy of the
environment used; of an answer the status is read, and at most a little of the body.
"""

import asyncio
import ipaddress
import socket
import ssl
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.config import Settings
from app.domain.terms import WebhookFailure
from app.errors import Invalid

if TYPE_CHECKING:
    import httpx

BUDGET_S = 5.0
"""After so long nothing more of a batch is begun."""

AT_ONCE = 4
LARGEST = 64 * 1024  # bytes read of an answer
LONGEST_URL = 2000

_BUSY = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent: the exact bytes that were signed."""

    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one try; no failure means that the receiver has it."""

    failure: WebhookFailure | None
    status: int | None
    took_ms: int
    again_after_s: int | None = None  # what the receiver asked for


class _Unfit(Exception):
    def __init__(self, failure: WebhookFailure) -> None:
        super().__init__(failure)
        self.failure = failure


def check_address(settings: Settings, address: str) -> str:
    """Take an address a subscriber names; raises `Invalid` for one that will never do, whatever its name resolves to."""
    import httpx

    parts = urlsplit(address)
    try:
        host, _port = httpx.URL(address).host, parts.port
        host.encode("idna")  # as it is looked up: no empty and no overlong part
    except (httpx.InvalidURL, ValueError):
        host = ""
    wrong = ""
    if not host or len(address) > LONGEST_URL or not address.isprintable() or " " in address:
        wrong = "不是完整的网址"
    elif parts.scheme != "https" and not (parts.scheme == "http" and settings.webhook_http):
        wrong = "须为 https 地址"
    elif parts.username or parts.password or parts.fragment:
        wrong = "不能含用户名、密码和片段"
    elif not _may_be_sent_to(host, settings):
        wrong = "指向本机、内网等不允许访问的地址；内网的接收方须由运维人员列入 DISCLOSURE_WEBHOOK_NETWORKS"
    if wrong:
        message = f"接收地址{wrong}"
        raise Invalid(
            message, reasons=[{"kind": "field", "code": "not_an_address", "field": "url", "message": message}]
        )
    return address


def longest_s(settings: Settings) -> float:
    """What a batch takes at most: the look-up of the name, the time in which messages are begun, and the last of them."""
    return 2 * settings.webhook_seconds + BUDGET_S


def is_open(address: IPv4Address | IPv6Address, settings: Settings) -> bool:
    """Tell whether one may send there: a public address, or one in the operator's own networks."""
    if any(address.version == network.version and address in network for network in settings.webhook_networks):
        return True
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is not None:
            return is_open(inner, settings)
        if address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def post_all(settings: Settings, url: str, letters: Sequence[Letter]) -> list[Outcome | None]:
    """Send letters to one receiver, some at once; None for those not tried after the receiver turned out not to be there."""
    with ThreadPoolExecutor(1) as aside:  # the caller's own thread may have an event loop
        return aside.submit(lambda: asyncio.run(_post_all(settings, url, letters))).result()


async def _post_all(settings: Settings, url: str, letters: Sequence[Letter]) -> list[Outcome | None]:
    import httpx

    turns = asyncio.Semaphore(AT_ONCE)
    trusted = ssl.create_default_context()
    if settings.webhook_ca:
        trusted.load_verify_locations(settings.webhook_ca)
    lost = False
    try:
        addresses = await asyncio.wait_for(_resolved(settings, url), settings.webhook_seconds)
    except TimeoutError:
        return [Outcome(WebhookFailure.NAME, None, int(settings.webhook_seconds * 1000)), *(None for _ in letters[1:])]
    except _Unfit as unfit:
        return [Outcome(unfit.failure, None, 0), *(None for _ in letters[1:])]

    until = time.monotonic() + BUDGET_S

    async def one(client: "httpx.AsyncClient", letter: Letter) -> Outcome | None:
        nonlocal lost
        async with turns:
            if lost or time.monotonic() > until:
                return None
            outcome = await _post(client, url, addresses, letter, settings.webhook_seconds)
            if outcome.failure not in {None, WebhookFailure.REFUSED}:
                lost = True
            return outcome

    async with httpx.AsyncClient(
        verify=trusted, trust_env=False, follow_redirects=False, timeout=httpx.Timeout(settings.webhook_seconds)
    ) as client:
        return [*await asyncio.gather(*(one(client, letter) for letter in letters))]


async def _resolved(settings: Settings, url: str) -> list[str]:
    import httpx

    where = httpx.URL(url)
    name = where.raw_host.decode("ascii").strip("[]")
    port = where.port or {"https": 443, "http": 80}[where.scheme]
    try:
        found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:  # the latter from a name that cannot be asked for
        raise _Unfit(WebhookFailure.NAME) from error
    addresses = [*dict.fromkeys(str(place[0]) for *_, place in found)]
    # All of them: of a name that also points inwards nothing good is to be expected.
    if not all(is_open(ipaddress.ip_address(address), settings) for address in addresses):
        raise _Unfit(WebhookFailure.ADDRESS)
    return addresses[:3]


async def _post(
    client: "httpx.AsyncClient", url: str, addresses: Sequence[str], letter: Letter, time_s: float
) -> Outcome:
    import httpx

    began = time.monotonic()
    status, again_after_s, failure = None, None, None
    try:
        async with asyncio.timeout(time_s):
            status, again_after_s = await _exchange(client, url, addresses, letter)
        failure = _judged(status)
    except (TimeoutError, httpx.TimeoutException):
        failure = WebhookFailure.TIMEOUT
    except httpx.ConnectError as error:
        failure = WebhookFailure.TLS if _is_of_tls(error) else WebhookFailure.CONNECTION
    except httpx.NetworkError:
        failure = WebhookFailure.CONNECTION
    except (httpx.HTTPError, httpx.InvalidURL):
        failure = WebhookFailure.PROTOCOL
    return Outcome(failure, status, int((time.monotonic() - began) * 1000), again_after_s)


async def _exchange(
    client: "httpx.AsyncClient", url: str, addresses: Sequence[str], letter: Letter
) -> tuple[int, int | None]:
    import httpx

    where = httpx.URL(url)
    name = where.raw_host.decode("ascii").strip("[]")
    headers = letter.headers | {"Host": where.netloc.decode("ascii")}
    for last, address in ((address == addresses[-1], address) for address in addresses):
        try:
            async with client.stream(
                "POST",
                where.copy_with(host=address),
                content=letter.body,
                headers=headers,
                extensions={"sni_hostname": name},
            ) as answer:
                await _read_little(answer)
                return answer.status_code, _asked(answer.headers.get("retry-after", ""), answer.headers.get("date", ""))
        except httpx.ConnectError as error:  # nothing has been sent yet
            if last or _is_of_tls(error):
                raise
    raise _Unfit(WebhookFailure.NAME)


def _asked(wait: str, said_at: str) -> int | None:
    """Read Retry-After: seconds, or a date, which counts from the receiver's own Date; None for anything else."""
    if wait.isascii() and wait.isdigit() and len(wait) < 10:  # a number of thousands of digits is none
        return int(wait)
    try:
        return max(0, int((parsedate_to_datetime(wait) - parsedate_to_datetime(said_at)).total_seconds()))
    except (TypeError, ValueError):  # no dates, or one of them without a zone
        return None


async def _read_little(answer: "httpx.Response") -> None:
    """Read a short body, so that the connection can be used again; whatever is wrong with it, the status counts."""
    import httpx

    with suppress(TimeoutError, httpx.HTTPError):
        async with asyncio.timeout(1):
            read = 0
            async for part in answer.aiter_raw():
                read += len(part)
                if read > LARGEST:
                    return


def _judged(status: int) -> WebhookFailure | None:
    if HTTPStatus(200) <= status < HTTPStatus.MULTIPLE_CHOICES:
        return None
    if status == HTTPStatus.GONE:
        return WebhookFailure.GONE
    if status in _BUSY:
        return WebhookFailure.OVERLOADED
    if status < HTTPStatus.BAD_REQUEST:
        return WebhookFailure.REDIRECT
    return WebhookFailure.REFUSED if status < HTTPStatus.INTERNAL_SERVER_ERROR else WebhookFailure.SERVER


def _may_be_sent_to(host: str, settings: Settings) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return any(is_open(ipaddress.ip_address(own), settings) for own in ("127.0.0.1", "::1"))
    try:
        return is_open(ipaddress.ip_address(host.strip("[]")), settings)
    except ValueError:
        return True  # a name: what it stands for is checked each time it is sent to


def _is_of_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
