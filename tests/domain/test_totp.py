"""One-time passwords: the standard's own examples, another implementation, and what is refused."""

import datetime as dt

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import totp

SECRET = b"12345678901234567890"
NOW = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
STEP = totp.step_of(NOW)


@pytest.mark.parametrize(
    ("seconds", "eight_digits"),  # RFC 6238, appendix B, the rows of SHA-1
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_codes_are_those_of_the_standard(seconds: int, eight_digits: str) -> None:
    assert totp.code_of(SECRET, seconds // totp.SECONDS) == eight_digits[-6:]


@given(st.binary(min_size=16, max_size=32), st.integers(0, 2**32))
def test_another_implementation_agrees(secret: bytes, seconds: int) -> None:
    assert totp.code_of(secret, seconds // 30) == pyotp.TOTP(totp.as_text(secret)).at(seconds)


@pytest.mark.parametrize(("off", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_off(off: int, taken: bool) -> None:
    code = totp.code_of(SECRET, STEP + off)
    assert (totp.matching_step(SECRET, code, NOW, after=0) == STEP + off) is taken


def test_a_code_is_taken_once_and_an_older_one_never_after_it() -> None:
    code, older = totp.code_of(SECRET, STEP), totp.code_of(SECRET, STEP - 1)
    assert totp.matching_step(SECRET, code, NOW, after=STEP) is None
    assert totp.matching_step(SECRET, older, NOW, after=STEP) is None
    assert totp.matching_step(SECRET, totp.code_of(SECRET, STEP + 1), NOW, after=STEP) == STEP + 1


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "abcdef", "１２３４５６", "12 34 5", "-12345", "12345\n6\x00"]
)
def test_what_is_no_code_is_refused(typed: str) -> None:
    assert totp.matching_step(SECRET, typed, NOW, after=0) is None


def test_a_code_may_be_typed_as_the_apps_show_it() -> None:
    code = totp.code_of(SECRET, STEP)
    assert totp.matching_step(SECRET, f" {code[:3]} {code[3:]}\n", NOW, after=0) == STEP


def test_an_app_reads_the_address_of_the_qr_code() -> None:
    app = pyotp.parse_uri(totp.uri(SECRET, "zhangsan", "依申请公开"))
    assert isinstance(app, pyotp.TOTP)
    assert (app.name, app.issuer, app.at(NOW)) == ("zhangsan", "依申请公开", totp.code_of(SECRET, STEP))
