"""Japanese encephalitis: two periods, and two cohorts that missed theirs."""

from __future__ import annotations

from datetime import date

from . import programme as law
from .child import History, Record
from .dates import after_days, after_months, attain, years
from .row import ASK, DONE, ENDED, LATE, LATER, NOW, OPEN, Row, Window, disbelieve, doubt, settle

OPEN_STATES = frozenset({NOW, OPEN, LATE})


def within(born: date, births: tuple[date, date]) -> bool:
    return births[0] <= born <= births[1]


def encephalitis(history: History) -> list[Row]:
    """Both periods, by the child's cohort."""
    born = history.person.born
    assert born is not None
    one, two = Row("JP-JE1"), Row("JP-JE2")
    for record in history.impossible("je"):
        row = two if record.on >= years(born, 9) else one
        disbelieve(row, record, history.today)
    given = history.of("je")
    if within(born, law.JE_SPECIAL_TO_20):
        special(one, two, history, given, years(born, 20))
    elif within(born, law.JE_SPECIAL_TO_13):
        special(one, two, history, given, years(born, 13))
    else:
        ordinary(one, two, history, given)
    return [one, two]


def ordinary(one: Row, two: Row, history: History, given: list[Record]) -> None:
    """Period 1 before nine years, period 2 from nine."""
    born, today = history.person.born, history.today
    assert born is not None
    nine = years(born, 9)
    first = [r for r in given if r.on < nine]
    second = [r for r in given if r.on >= nine]
    for index, record in enumerate(first[:3]):
        one.counted.append((index + 1, record))
        if record.on < attain(born, 6):
            doubt(one, "too_early", record)
        elif index and record.on < gap(first, index):
            doubt(one, "same_day" if record.on == first[index - 1].on else "too_soon", record)
    period_one(one, born, first, today)
    if first and second and second[0].on < after_days(first[-1].on, 6):
        doubt(two, "too_soon", second[0])
    if len(first) > 3:
        # A fourth before nine is not period 2, but whether one is needed is asked; until then no day need be named.
        two.accept = frozenset({ASK})
        two.uncompared = frozenset({"earliest", "standard_from", "standard_to"})
    if second:
        two.counted.append((1, second[0]))
        if not two.asked:
            two.status = DONE
            if len(first) < 3:
                # A dose past nine while period 1 is open: period 2 by the Order, but perhaps meant for period 1.
                two.accept = frozenset({ASK})
                one.accept |= {ASK}
            return
    settle(two, Window(nine, years(born, 13), after_days(first[-1].on, 6) if first else None,
                       standard=(nine, years(born, 10))), today)
    if first and after_months(first[-1].on, 60) > nine:
        # About five years after period 1 is wished for (tajiri-town.city-hc.jp), beside the standard window.
        two.uncompared |= {"standard_from", "standard_to"}
        two.accept |= OPEN_STATES if two.status in OPEN_STATES else frozenset()


def gap(given: list[Record], index: int) -> date:
    """First day of period 1's dose `index` + 1."""
    last = given[index - 1].on
    return after_months(last, 6) if index == 2 else after_days(last, 6)


def period_one(row: Row, born: date, first: list[Record], today: date) -> None:
    """Forecasts period 1."""
    row.dose = min(len(first) + 1, 3)
    if len(first) >= 3 and not row.asked:
        row.status = DONE
        return
    n = min(len(first), 2)
    standard: tuple[date | None, date | None] = (years(born, 3), years(born, 4))
    if n == 1:
        standard = (gap(first, 1), after_days(first[0].on, 28))
    if n == 2:
        standard = (max(years(born, 4), after_months(first[1].on, 12)), years(born, 5))
    window = Window(attain(born, 6), attain(born, 90), gap(first, n) if n else None, standard)
    settle(row, window, today)
    if n:
        # "Standard from three years" and "6-28 days", or "about a year" and "four years", may disagree.
        row.accept = OPEN_STATES if row.status in OPEN_STATES else frozenset()
        row.uncompared = frozenset({"standard_from", "standard_to"})


def special(one: Row, two: Row, history: History, given: list[Record], end: date) -> None:
    """A cohort of 2005-2009: four doses in all, the missing ones until `end`."""
    born, today = history.person.born, history.today
    assert born is not None
    nine = years(born, 9)
    strict = bool(given) and given[0].on > attain(born, 90)
    if any(r.on < nine for r in given[3:]):
        two.accept |= {ASK}  # a fourth before nine is not period 2; whether it counts may be asked
    given = given[:3] + [r for r in given[3:] if r.on >= nine]  # the fourth is for nine years and over
    for index, record in enumerate(given[:4]):
        (one if index < 3 else two).counted.append((index + 1 if index < 3 else 1, record))
        row = one if index < 3 else two
        if record.on < attain(born, 6):
            doubt(row, "too_early", record)
        elif index and record.on < after_days(given[index - 1].on, 6):
            doubt(row, "same_day" if record.on == given[index - 1].on else "too_soon", record)
        elif index == 2 and record.on < after_months(given[1].on, 6):
            if strict:
                doubt(row, "too_soon", record)  # none given before: period 1's own intervals
                row.accept |= {DONE}
            elif record.on < law.JE_SPECIAL_RULE or (
                    record.on <= attain(born, 90)
                    and (given[0].on >= law.JE_SPECIAL_RULE or within(born, law.JE_SPECIAL_TO_13))):
                # Before the special rule of the older cohort, or begun after it, or of the younger: the usual interval.
                doubt(row, "too_soon", record)
                row.accept |= {DONE}
            elif given[0].on >= law.JE_SPECIAL_RULE:
                row.accept |= {DONE, ASK}  # begun after the special rule, and late: six days, or the usual interval
    if ASK in one.accept or one.asked:
        # With a third in doubt, the fourth may stand for it, and period 2 is open again.
        two.accept |= {ASK, LATER, ENDED, *OPEN_STATES}
        two.uncompared |= {"dose", "earliest", "last_routine_day", "standard_from", "standard_to"}
    one.dose = min(len(given) + 1, 3)
    if len(given) >= 3 and not one.asked:
        one.status = DONE
    else:
        third = len(given) == 2 and strict
        last = given[min(len(given), 3) - 1].on if given else None
        floor = (after_months(last, 6) if third else after_days(last, 6)) if last else None
        settle(one, Window(attain(born, 6), end, floor), today)
        late(one)
    if len(given) >= 4 and not two.asked:
        two.status = DONE
        return
    floor = after_days(given[-1].on, 6) if given else None
    settle(two, Window(nine, end, floor), today)
    late(two)
    if len(given) < 3 and two.status != ENDED:
        two.status = ASK if two.asked else LATER  # the fourth comes after the third
        two.accept |= {ASK, ENDED}
        two.uncompared = frozenset({"earliest", "standard_from", "standard_to"})


def late(row: Row) -> None:
    """Extra time is past the standard window by its nature."""
    if row.status == NOW:
        row.status = LATE
    row.reasons.append("special_cohort")
    row.uncompared |= {"standard_from", "standard_to"}
    if row.earliest:
        row.uncompared |= {"earliest_past"}
