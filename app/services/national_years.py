"""National holiday years out of the `chinese_calendar` package: the only module that imports it.

The package knows 2004–2026 and raises beyond; it is read once, at the start, into plain year plans.
"""

from importlib.metadata import version

from chinese_calendar import constants

from app.domain.holidays import YearPlan

PACKAGE = "chinese_calendar"

_NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
    "Anti-Fascist 70th Day": "抗战胜利70周年纪念日",
}


def national_years() -> tuple[YearPlan, ...]:
    """One plan per year the installed package covers, in order; each names package and version as its source."""
    years = sorted({day.year for day in constants.holidays})
    source = f"{PACKAGE} {version(PACKAGE)}（依国务院办公厅历年放假通知整理）"
    return tuple(
        YearPlan(
            year=year,
            off={day: _NAMES.get(name, name) for day, name in sorted(constants.holidays.items()) if day.year == year},
            work=frozenset(day for day in constants.workdays if day.year == year),
            source=source,
        )
        for year in years
    )
