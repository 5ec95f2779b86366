"""Pneumococcus and Hib alone: the number of doses depends on the age at the start."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from . import programme as law
from .child import History, Record
from .dates import after_days, after_months, attain
from .row import DONE, LATE, NOW, OPEN, Row, Window, disbelieve, doubt, settle


@dataclass(frozen=True)
class Start:
    """One start-age path."""

    name: str
    to_months: int
    initial: int
    booster: bool
    initial_limit: int | None
    """The month up to which initial doses may be given; past it they are dropped."""


PNEUMO = (
    Start("start_2_7m", 7, 3, True, 24),
    Start("start_7_12m", 12, 2, True, 24),
    Start("start_12_24m", 24, 2, False, None),
    Start("start_24_60m", 60, 1, False, None),
)
HIB = (
    Start("start_2_7m", 7, 3, True, 12),
    Start("start_7_12m", 12, 2, True, 12),
    Start("start_12_60m", 60, 1, False, None),
)
OPEN_STATES = frozenset({NOW, OPEN, LATE})


def path_of(starts: tuple[Start, ...], born: date, first: date) -> Start:
    """The path a first dose on a day opens."""
    for start in starts:
        if first <= attain(born, start.to_months):
            return start
    return starts[-1]


@dataclass
class Course:
    """Where a child stands on its path."""

    start: Start
    initials: list[date]
    booster: date | None = None

    def third_dropped(self, born: date) -> bool:
        """Pneumococcus: the second came after twelve months, so there is no third."""
        return self.start.initial == 3 and len(self.initials) == 2 and self.initials[1] > attain(born, 12)

    def initial_open(self, born: date, day: date, pneumo: bool) -> bool:
        """May another initial dose be given on a day?"""
        if len(self.initials) >= self.start.initial:
            return False
        limit = self.start.initial_limit
        if limit is not None and day > attain(born, limit):
            return False
        return not (pneumo and self.third_dropped(born))

    @property
    def done(self) -> bool:
        return self.booster is not None or (not self.start.booster and len(self.initials) >= self.start.initial)


def initial_gap(course: Course, pneumo: bool, doctor: bool) -> date:
    """First day of the next initial dose."""
    if pneumo:
        days = law.PNEUMO_BOOSTER_GAP if course.start.name == "start_12_24m" else 27
    else:
        days = law.HIB_GAP_DOCTOR if doctor else law.HIB_GAP
    return after_days(course.initials[-1], days)


def booster_gap(course: Course, born: date, pneumo: bool, doctor: bool) -> date:
    """First day of the booster."""
    last = course.initials[-1]
    if pneumo:
        return max(after_days(last, law.PNEUMO_BOOSTER_GAP), attain(born, 12))
    if len(course.initials) == course.start.initial:
        return after_months(last, law.HIB_BOOSTER_MONTHS)
    return after_days(last, law.HIB_GAP_DOCTOR if doctor else law.HIB_GAP)


def take(row: Row, course: Course, record: Record, born: date, pneumo: bool, five: bool) -> None:
    """Counts one more record, as an initial dose where one is still open, else as the booster."""
    if record.on == course.initials[-1]:
        doubt(row, "same_day", record)
    if course.initial_open(born, record.on, pneumo):
        if record.on < initial_gap(course, pneumo, doctor=True):
            doubt(row, "too_soon", record)
        course.initials.append(record.on)
        row.counted.append((len(course.initials), record))
        return
    floor = booster_gap(course, born, pneumo, doctor=True)
    if record.on < floor:
        # The five-in-one's own booster may come after six months; which rule holds in a mixed course is not said.
        doubt(row, "too_soon_mixed" if five and record.product == "dpt_ipv_hib" else "too_soon", record)
    course.booster = record.on
    row.counted.append((course.start.initial + 1, record))


def by_start(history: History, series: str, products: tuple[str, ...], starts: tuple[Start, ...]) -> Row:
    """The plan of a start-age series."""
    born, today = history.person.born, history.today
    assert born is not None
    pneumo = series == "JP-PCV"
    row = Row(series)
    for record in history.impossible(*products):
        disbelieve(row, record, today)
    given = history.of(*products)
    if not given:
        start = path_of(starts, born, max(today, attain(born, 2)))
        row.path = start.name
        settle(row, Window(attain(born, 2), attain(born, 60), standard=(attain(born, 2), attain(born, 7))), today)
        if start is not starts[0]:
            row.uncompared = frozenset({"standard_from", "standard_to"})
        return row
    course = Course(path_of(starts, born, given[0].on), [given[0].on])
    row.path = course.start.name
    row.counted.append((1, given[0]))
    if given[0].on < attain(born, 2):
        doubt(row, "too_early", given[0])
    for record in given[1:]:
        if course.done:
            break
        take(row, course, record, born, pneumo, five=not pneumo)
    if course.done and not row.asked:
        row.status, row.dose = DONE, len(row.counted)
        return row
    return next_dose(row, course, born, today, pneumo)


def next_dose(row: Row, course: Course, born: date, today: date, pneumo: bool) -> Row:
    """Forecasts an open course."""
    nearest = max(today, initial_gap(course, pneumo, doctor=False))
    if course.initial_open(born, nearest, pneumo):
        limit = course.start.initial_limit
        earliest = initial_gap(course, pneumo, doctor=False)
        row.dose = len(course.initials) + 1
        if pneumo:
            standard = (earliest, attain(born, 12)) if course.start.booster else (None, None)
        else:
            standard = (earliest, after_days(course.initials[-1], 56))
        settle(row, Window(attain(born, 2), attain(born, limit or 60), earliest, standard), today)
    else:
        row.dose = course.start.initial + 1
        earliest = booster_gap(course, born, pneumo, doctor=False)
        last = course.initials[-1]
        standard = (attain(born, 12), attain(born, 15)) if pneumo else (
            after_months(last, law.HIB_BOOSTER_MONTHS), after_months(last, law.HIB_BOOSTER_STANDARD))
        settle(row, Window(attain(born, 2), attain(born, 60), earliest, standard), today)
    usual = course.start.name == "start_2_7m" and len(course.initials) >= min(row.dose - 1, course.start.initial)
    if not usual:
        # GUIDE gives standard windows for the usual path; for the others towns print 12 or 13 months, or none.
        row.uncompared = frozenset({"standard_from", "standard_to"})
        row.accept = OPEN_STATES if row.status in OPEN_STATES else frozenset()
    return row
