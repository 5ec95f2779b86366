"""Measles and rubella: period 1 at one year, period 2 in the year before school."""

from __future__ import annotations

from datetime import date

from . import programme as law
from .child import History, Record
from .dates import after_days, attain, fiscal_end, fiscal_start, preschool_year
from .live import live_floor, too_close
from .row import ASK, DONE, ENDED, LATE, LATER, NOW, Row, Window, disbelieve, doubt, settle

PRODUCTS = ("mr", "mmr")


def extended(born: date, births: tuple[date, date], today: date) -> bool:
    """Is the child in a cohort of the shortage of fiscal 2024, in its extra time?"""
    return births[0] <= born <= births[1] and today > law.MR_NOTICE


def measles(history: History) -> list[Row]:
    """Both periods."""
    born, today = history.person.born, history.today
    assert born is not None
    first, second = Row("JP-MR1"), Row("JP-MR2")
    school = fiscal_start(preschool_year(born))
    for record in history.impossible(*PRODUCTS):
        row = second if record.on >= school and record.on > today else first
        disbelieve(row, record, today)
    for record in history.of("mmr"):
        doubt(first, "mmr", record)
        doubt(second, "mmr", record)
        if today < school:
            second.accept |= {LATER}  # no need to ask before period 2 begins
    valid = [r for r in history.of("mr") if r.on >= attain(born, 12)]  # under one year: not counted
    early = [r for r in valid if r.on < school]
    late = [r for r in valid if r.on >= school]
    under_one = [r for r in history.of("mr") if r.on < attain(born, 12)]
    period_one(first, history, early, under_one)
    period_two(second, history, early, late, school)
    return [first, second]


def period_one(row: Row, history: History, early: list[Record], under_one: list[Record]) -> None:
    """Period 1; a dose under one year is live all the same, and keeps its 27 days (GUIDE)."""
    born, today = history.person.born, history.today
    assert born is not None
    if early:
        row.counted.append((1, early[0]))
        if too_close(history, early[0]):
            doubt(row, "live27", early[0])
        if not row.asked:
            row.status = DONE
            return
    begin, end = attain(born, 12), attain(born, 24)
    if today > end and extended(born, law.MR1_EXTENDED_BIRTHS, today):
        extra_time(row, history)
        return
    own = after_days(under_one[-1].on, law.LIVE_GAP) if under_one else None
    settle(row, Window(begin, end, own, standard=(begin, end)), today, live_floor(history, PRODUCTS))


def period_two(row: Row, history: History, early: list[Record], late: list[Record], school: date) -> None:
    born, today = history.person.born, history.today
    assert born is not None
    if late:
        row.counted.append((1, late[0]))
        if too_close(history, late[0]):
            doubt(row, "live27", late[0])
        elif early and late[0].on < after_days(early[-1].on, law.LIVE_GAP):
            doubt(row, "too_soon", late[0])
        if not row.asked:
            row.status = DONE
            return
    elif len(early) > 1:
        # Who has had two may need no period 2: the Order leaves it to the doctor. Until then no day need be named.
        row.accept |= {ASK}
        row.uncompared = frozenset({"earliest", "standard_from", "standard_to"})
    end = fiscal_end(preschool_year(born))
    if today > end and extended(born, law.MR2_EXTENDED_BIRTHS, today):
        extra_time(row, history)
        return
    gap = after_days(early[-1].on, law.LIVE_GAP) if early else None
    if gap and gap > school:
        # No text read here sets the distance from period 1 to period 2.
        row.accept |= {ASK}
        row.uncompared |= {"earliest", "standard_from"}
    settle(row, Window(school, end, gap, standard=(school, end)), today, live_floor(history, PRODUCTS))


def extra_time(row: Row, history: History) -> None:
    """To 2027-03-31, for those whom the town accepts: past the standard window by its nature."""
    begin, end = law.MR_EXTENDED
    settle(row, Window(begin, end), history.today, live_floor(history, PRODUCTS))
    if row.status == NOW:
        row.status = LATE
    elif row.status == LATER:
        row.accept |= {ENDED}  # between the two windows
    row.reasons.append("shortage_fiscal_2024")
    row.uncompared = frozenset({"standard_from", "standard_to"})
