"""A notice for 2027 as the State Council might publish it: the decree's thirteen days with the usual 调休."""

from typing import Any

OFF_2027 = [
    *("2027-01-01", "2027-01-02", "2027-01-03"),
    *(f"2027-02-{day:02}" for day in range(5, 13)),
    *("2027-04-03", "2027-04-04", "2027-04-05"),
    *(f"2027-05-{day:02}" for day in range(1, 6)),
    *("2027-06-09",),
    *("2027-09-15",),
    *(f"2027-10-{day:02}" for day in range(1, 8)),
]
NOTICE_2027: dict[str, Any] = {
    "region": "CN",
    "year": 2027,
    "source": "测试用的2027年通知",
    "off": OFF_2027,
    "work": ["2027-02-13", "2027-02-14", "2027-05-08", "2027-10-09", "2027-10-10"],
}
