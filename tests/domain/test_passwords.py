"""Which new passwords are refused, and why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.common_passwords import COMMON
from app.domain.passwords import LONGEST, SHORTEST, objections, plain


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("Kx7#mQ2!vL9", "至少12个字符"),
        ("密" * 11, "至少12个字符"),
        ("jingban-haibian-47-qiao", "登录名"),
        ("haibian-JingBan-47-qiao", "登录名"),
        ("password12345", "猜中"),
        ("Admin@20260101", "猜中"),
        ("Zhengfu@2026!!", "猜中"),
        ("Yishenqing2026@gov", "猜中"),
        ("1qaz2wsx3edc", "猜中"),
        ("qwertyuiop123", "猜中"),
        ("abcabcabcabc", "猜中"),
        ("666666666666", "猜中"),
        ("112233445566", "猜中"),
        ("stratocaster", "猜中"),
        ("haibian-47\x00-qiao-long", "控制字符"),
        ("x" * (LONGEST + 1), "最多128个字符"),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused_with_a_reason(password: str, reason: str) -> None:
    assert any(reason in found for found in objections(password, "jingban"))


@pytest.mark.parametrize(
    "password",
    [
        "滨海路三号楼-晴天-1047",
        "correct horse battery staple",
        "tinghai-8-shanlu-cha",
        "k7m2x-9qpd3-hw8tn-u4vfa",
        "UPPERLOWERNODIGITSATALLFINE",
    ],
)
def test_length_is_enough_without_kinds_of_characters(password: str) -> None:
    assert objections(password, "jingban") == ()


def test_every_password_of_the_common_list_is_refused() -> None:
    assert [password for password in COMMON if not objections(password.upper(), "jingban")] == []
    assert all(len(password) >= SHORTEST for password in COMMON), "shorter ones need no list"


@given(st.text(max_size=200), st.from_regex(r"[a-z][a-z0-9._-]{1,31}", fullmatch=True))
def test_any_text_is_judged_and_short_ones_are_always_refused(password: str, username: str) -> None:
    found = objections(password, username)
    assert found or len(plain(password)) >= SHORTEST
    assert found == objections(plain(password), username), "how the keyboard composed it makes no difference"
