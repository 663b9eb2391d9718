"""Dates as a clerk reads them: with the weekday, and with the working days that are left."""

import datetime as dt

_WEEKDAYS = "一二三四五六日"


def weekday(day: dt.date) -> str:
    """Name the day of the week: 星期四."""
    return f"星期{_WEEKDAYS[day.weekday()]}"


def dated(day: dt.date, today: dt.date, left_workdays: int | None, *, standing: bool = False) -> str:
    """Write a limit with its weekday and what is left of it: 2026-10-22 星期四，还有9个工作日.

    `left_workdays` is None where nothing runs any more; `standing` says that the clock stands still.
    """
    written = f"{day.isoformat()} {weekday(day)}"
    if left_workdays is None:
        return written
    if standing:
        return f"{written}，停止计时，还剩{left_workdays}个工作日"
    if day == today:
        return f"{written}，今天到期"
    if left_workdays > 0:
        return f"{written}，还有{left_workdays}个工作日"
    return f"{written}，到期前没有工作日了" if day > today else f"{written}，已超过{-left_workdays}个工作日"
