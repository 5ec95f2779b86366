"""Calendar arithmetic as the Japanese immunisation rules count it.

Two month rules live side by side. An age is attained the day before its
monthly birthday, clamped back to the month's end (年齢計算ニ関スル法律). An
interval of months ends on the same day of a later month, and rolls forward to
the 1st where that month has no such day (MHLW slide of 2023-02-08, page 20).
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta

HALF_MONTH = {28: 14, 29: 15, 30: 15, 31: 16}
"""What "and a half month" adds, by the last day of the month it falls in (same slide)."""


def month_length(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def shift(day: date, months: int) -> tuple[int, int]:
    """The year and month that lie `months` after `day`'s."""
    index = day.year * 12 + day.month - 1 + months
    return index // 12, index % 12 + 1


def attain(birth: date, months: int) -> date:
    """The day on which the age is reached: the eve of the monthly birthday."""
    year, month = shift(birth, months)
    if birth.day > month_length(year, month):
        return date(year, month, month_length(year, month))
    return date(year, month, birth.day) - timedelta(days=1)


def years(birth: date, count: int) -> date:
    """The day on which an age in years is reached."""
    return attain(birth, count * 12)


def after_days(day: date, full_days: int) -> date:
    """First day after at least `full_days` whole days have passed between (27: four weeks later)."""
    return day + timedelta(days=full_days + 1)


def after_months(day: date, months: int, half: bool = False) -> date:
    """First day after an interval of months: same day, else the 1st of the next month."""
    year, month = shift(day, months)
    if day.day > month_length(year, month):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        ends = date(year, month, 1)
    else:
        ends = date(year, month, day.day)
    if half:
        ends += timedelta(days=HALF_MONTH[month_length(ends.year, ends.month)])
    return ends


def birth_week(birth: date, weeks: int, days: int = 0) -> date:
    """The day of life `weeks` and `days`; the day of birth is 0 weeks 0 days."""
    return birth + timedelta(days=7 * weeks + days)


def gestation(due: date, weeks: int, days: int = 0) -> date:
    """The day of a pregnancy; the due date is 40 weeks 0 days."""
    return due - timedelta(days=280 - 7 * weeks - days)


def fiscal_year(day: date) -> int:
    return day.year if day.month >= 4 else day.year - 1


def fiscal_year_of_age(birth: date, age: int) -> int:
    """The fiscal year that holds the day the age is attained."""
    return fiscal_year(years(birth, age))


def fiscal_start(year: int) -> date:
    return date(year, 4, 1)


def fiscal_end(year: int) -> date:
    return date(year + 1, 3, 31)


def preschool_year(birth: date) -> int:
    """The fiscal year before school: the one in which six years are attained (born on 1 April: older class)."""
    return fiscal_year_of_age(birth, 6)
