"""What a person's password must be: long, and not one of those that are guessed first (NIST SP 800-63B-4, 3.1.1.2).

No rule demands kinds of characters, and none demands a change after so many days: both make people choose worse ones. The
profile with complexity and ageing that GB/T 22239 assessors ask for is another function beside `objections`.
"""

import re
import unicodedata
from typing import Final

from app.domain.common_passwords import COMMON

SHORTEST: Final = 12
LONGEST: Final = 128

_WORDS = (
    "password", "passw0rd", "admin", "administrator", "root", "user", "test", "guest", "login", "welcome", "default",
    "system", "changeme", "letmein", "secret", "qwerty", "abc", "iloveyou", "woaini", "mima", "denglu", "guanliyuan",
    "zhengfu", "gongkai", "yishenqing", "xinxi", "zhongguo", "china", "disclosure", "government", "gov",
)  # fmt: skip
_ROWS = (
    "0123456789", "01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "1q2w3e4r5t6y7u8i9o0p", "!@#$%^&*()",
)  # fmt: skip
_LEAST_LEFT = 8

_WORD = re.compile("|".join(sorted(_WORDS, key=len, reverse=True)))
_YEAR_OR_DAY = re.compile(r"(?:19|20)\d\d(?:[-./]?[01]\d[-./]?[0-3]\d)?")
_REPEATED = re.compile(r"(.{1,6}?)\1{2,}")


def plain(password: str) -> str:
    """Return the one form in which a password is hashed and compared, however the keyboard composed it."""
    return unicodedata.normalize("NFKC", password)


def objections(password: str, username: str) -> tuple[str, ...]:
    """Say in Chinese everything that is wrong with a new password; nothing when it may be used."""
    text = plain(password)
    low = text.casefold()
    found = []
    if len(text) < SHORTEST:
        found.append(f"密码至少{SHORTEST}个字符")
    if len(text) > LONGEST:
        found.append(f"密码最多{LONGEST}个字符")
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in text):
        found.append("密码不能含控制字符")
    if username.casefold() in low:
        found.append("密码不能包含登录名")
    if not found and (low in COMMON or _substance(low) < _LEAST_LEFT):
        found.append("密码过于常见或者有明显规律，容易被猜中")
    return tuple(found)


def _substance(low: str) -> int:
    """Count the characters that are left when each common word, date, keyboard run and repetition counts as one."""
    for pattern in (_REPEATED, _WORD, _YEAR_OR_DAY):
        low = pattern.sub("\0", low)
    return len(_without_runs(low))


def _without_runs(low: str) -> str:
    rows = [*_ROWS, *(row[::-1] for row in _ROWS)]
    kept, at = [], 0
    while at < len(low):
        length = 1
        while at + length < len(low) and any(low[at : at + length + 1] in row for row in rows):
            length += 1
        kept.append(low[at] if length < 3 else "\0")
        at += 1 if length < 3 else length
    return "".join(kept)
