"""Numbers in Chinese characters, as article numbers are written and read."""

_VALUES = {"〇": 0, "零": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_SIGNS = "零一二三四五六七八九"


def read(text: str) -> int:
    """Read digits or characters: `36`, `三十六`, `一百零三`, `三六`."""
    if text.isdecimal():
        return int(text)
    total = pending = 0
    for character in text:
        if character in _UNITS:
            total += (pending or 1) * _UNITS[character]
            pending = 0
        else:
            pending = pending * 10 + (_VALUES[character] if character in _VALUES else int(character))
    return total + pending


def write(number: int) -> str:
    """Write a number from 0 to 9999: 三十六, 一百零三, 一千零四十二."""
    if not 0 <= number <= 9999:
        raise ValueError(f"{number} is no number of an article")
    said, gap = "", False
    for sign, unit in zip(f"{number:04d}", ("千", "百", "十", ""), strict=True):
        if sign == "0":
            gap = bool(said)
            continue
        said += ("零" if gap else "") + _SIGNS[int(sign)] + unit
        gap = False
    if 10 <= number < 20:  # 十二, not 一十二; but 一百一十二
        said = said.removeprefix("一")
    return said or "零"
