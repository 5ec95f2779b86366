"""HPV: two or three doses by the age at the first, three products, and a catch-up that has ended."""

from __future__ import annotations

from datetime import date

from . import programme as law
from .child import History, Record
from .dates import after_months, fiscal_end, fiscal_start, fiscal_year_of_age, years
from .row import DONE, LATE, NOW, OPEN, Row, Window, disbelieve, doubt, settle

PRODUCTS = ("hpv9", "hpv4", "hpv2")
OPEN_STATES = frozenset({NOW, OPEN, LATE})


def legal_end(history: History) -> date:
    """Last day at public cost, catch-up and its carry-over included."""
    born = history.person.born
    assert born is not None
    own = fiscal_end(fiscal_year_of_age(born, 16))
    begun = any(law.HPV_CATCH_UP[0] <= r.on <= law.HPV_CATCH_UP[1] for r in history.of(*PRODUCTS))
    low, high = law.HPV_CARRY_OVER_BIRTHS
    if begun and low <= born <= high:
        return max(own, law.HPV_CARRY_OVER_END)
    low, high = law.HPV_CATCH_UP_BIRTHS
    if low <= born <= high:
        return max(own, law.HPV_CATCH_UP[1])
    return own


def papilloma(history: History) -> Row | None:
    """The HPV row; none for boys, for whom it is not routine."""
    born, today = history.person.born, history.today
    assert born is not None
    if history.person.sex != "female":
        return None
    row = Row("JP-HPV")
    for record in history.impossible(*PRODUCTS):
        disbelieve(row, record, today)
    if today > fiscal_end(fiscal_year_of_age(born, 16)):
        row.uncompared |= {"earliest_past"}  # between the years of the Order and the catch-up nothing was free
    elif legal_end(history) > fiscal_end(fiscal_year_of_age(born, 16)):
        row.uncompared |= {"last_routine_day"}  # while the Order's years run, either end may be told
    given = history.of(*PRODUCTS)
    check(row, born, given)
    begin = fiscal_start(fiscal_year_of_age(born, 12))
    if not given:
        year = fiscal_year_of_age(born, 13)
        row.path = "two_dose" if max(today, begin) <= years(born, 15) else "three_dose"
        settle(row, Window(begin, legal_end(history), standard=(fiscal_start(year), fiscal_end(year))), today)
        if row.path == "three_dose":
            row.uncompared |= {"standard_from", "standard_to"}
        return row
    need = doses_needed(given, born)
    row.path = path(given, need)
    row.dose = min(len(given) + 1, need)
    row.counted = [(i + 1, r) for i, r in enumerate(given[:need])]
    if len(given) >= need and not row.asked:
        row.status = DONE
        return row
    n = min(len(given), need - 1)
    first = given[0].on
    gap = minimum(given, n, need)
    if n == 1:
        months = 6 if need == 2 else 1 if given[0].product == "hpv2" and today < date(2026, 4, 1) else 2
    else:
        months = 6
    settle(row, Window(begin, legal_end(history), gap, standard=(after_months(first, months), None)), today)
    if len({r.product for r in given}) > 1 or given[0].product != "hpv9" or need == 3:
        row.uncompared |= {"standard_from", "standard_to"}
        if row.status in OPEN_STATES:
            row.accept = OPEN_STATES
    if given[0].product == "hpv2" and n == 2 and today < date(2026, 4, 1):
        row.uncompared |= {"earliest"}  # the 2-valent's own third, or the 9-valent's: the family's choice
    return row


def doses_needed(given: list[Record], born: date) -> int:
    """Two where the 9-valent was begun under fifteen and the second came five months later, else three."""
    if given[0].product != "hpv9" or given[0].on > years(born, 15):
        return 3
    if len(given) > 1 and (given[1].on < after_months(given[0].on, 5) or given[1].product != "hpv9"):
        return 3
    return 2


def path(given: list[Record], need: int) -> str:
    if given[0].product != "hpv9":
        return "switched_from_2v_4v"
    return "two_dose" if need == 2 else "three_dose"


def minimum(given: list[Record], n: int, need: int) -> date:
    """First day of dose `n` + 1, as the 9-valent sets it."""
    last = given[n - 1].on
    if need == 2:
        return after_months(last, 5)
    return after_months(last, 1) if n == 1 else after_months(last, 3)


def check(row: Row, born: date, given: list[Record]) -> None:
    """Looks for ages, mixtures and intervals no schedule has."""
    for record in given[:3]:
        if record.on < years(born, law.HPV_LICENSED_YEARS[record.product]):
            doubt(row, "too_early", record)
    products = [r.product for r in given[:3]]
    for index in range(1, len(products)):
        before, now = products[index - 1], products[index]
        if now != before and now != "hpv9":
            doubt(row, "mixed", given[index])
    need = doses_needed(given, born) if given else 3
    for index in range(1, min(len(given), need)):
        record, last = given[index], given[index - 1]
        if record.on == last.on:
            doubt(row, "same_day", record)
        elif record.on < after_months(last.on, 1):
            doubt(row, "too_soon", record)
        elif index == 2 and record.on < third(given):
            doubt(row, "too_soon", record)


def third(given: list[Record]) -> date:
    """First day of the third of three."""
    first, second, last = given[:3]
    if {first.product, second.product, last.product} == {"hpv2"}:
        return max(after_months(first.on, 5), after_months(second.on, 2, half=True))
    return after_months(second.on, 3)
