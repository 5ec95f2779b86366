"""Diphtheria, pertussis, tetanus, polio and Hib: the five-in-one, and the courses begun before it."""

from __future__ import annotations

from datetime import date

from . import programme as law
from .catchup import HIB, by_start
from .child import History, Record
from .dates import after_days, after_months, attain
from .row import ASK, DONE, DROPPED, ENDED, LATE, NOW, OPEN, Row, Window, disbelieve, doubt, settle

FIVE, FOUR, LEGACY = "JP-DPTIPVHIB", "JP-DPTIPV-LEGACY", "JP-HIB-LEGACY"


def combined(history: History) -> list[Row]:
    """The rows of the family: the five-in-one, and a legacy row for each older vaccine begun."""
    four = history.of("dpt_ipv") + history.impossible("dpt_ipv")
    hib = history.of("hib") + history.impossible("hib")
    rows = [five_in_one(history, bool(four), bool(hib))]
    if four:
        rows.append(quadruple(history))
    if hib:
        rows.append(hib_alone(history))
    return rows


def apart(history: History) -> list[Record]:
    """Records of the parts given apart, before seven and a half years: how they join is not said."""
    born = history.person.born
    assert born is not None
    return [r for r in history.of("dpt", "ipv", "dt") if r.on <= attain(born, law.COMBINED_TO)]


def course(row: Row, history: History, given: list[Record], booster_standard: tuple[int, int],
           first_standard_to: int, floor: date | None = None) -> Row:
    """Three doses and a booster, by the days of the records; nothing before `floor`."""
    born, today = history.person.born, history.today
    assert born is not None
    for index, record in enumerate(given[:4]):
        row.counted.append((index + 1, record))
        young = 3 if record.product == "dpt_ipv" and record.on < law.QUADRUPLE_FROM_TWO_MONTHS else 2
        if record.on < attain(born, young):
            doubt(row, "too_early", record)
        elif index and record.on == given[index - 1].on:
            doubt(row, "same_day", record)
        elif index and record.on < minimum(given, index):
            doubt(row, "too_soon", record)
    row.dose = min(len(given) + 1, 4)
    if len(given) >= 4 and not row.asked:
        row.status = DONE
        return row
    n = min(len(given), 3)
    if n == 0:
        standard: tuple[date | None, date | None] = (attain(born, 2), attain(born, first_standard_to))
    elif n < 3:
        standard = (minimum(given, n), after_days(given[n - 1].on, law.COMBINED_STANDARD))
    else:
        standard = (after_months(given[2].on, booster_standard[0]), after_months(given[2].on, booster_standard[1]))
    window = Window(attain(born, law.COMBINED_FROM), attain(born, law.COMBINED_TO),
                    minimum(given, n) if n else None, standard)
    return settle(row, window, today, floor)


def minimum(given: list[Record], index: int) -> date:
    """First day of dose `index` + 1."""
    last = given[index - 1].on
    return after_months(last, law.COMBINED_BOOSTER) if index == 3 else after_days(last, law.COMBINED_GAP)


def five_in_one(history: History, four: bool, hib: bool) -> Row:
    """The five-in-one; set aside where the four-in-one was begun."""
    row = Row(FIVE)
    for record in history.impossible("dpt_ipv_hib"):
        disbelieve(row, record, history.today)
    given = history.of("dpt_ipv_hib")
    if four and not row.asked:
        row.status = DROPPED
        return row
    for record in apart(history):
        doubt(row, "parts", record)
    if hib and len(given) < 4:
        row.status = ASK  # both may be open: same counts first, or any, by town (utsunomiya 1004385)
        row.reasons.append("hib_begun")
    return course(row, history, given, (6, 18), 7, law.FIVE_IN_ONE_START)


def quadruple(history: History) -> Row:
    """A course begun with the four-in-one; it is no longer sold, so what is open is for the clinic."""
    row = Row(FOUR)
    for record in history.impossible("dpt_ipv"):
        disbelieve(row, record, history.today)
    given = history.of("dpt_ipv", "dpt_ipv_hib")
    for before, record in zip(given, given[1:4], strict=False):
        if (before.product, record.product) == ("dpt_ipv_hib", "dpt_ipv"):
            doubt(row, "five_before_four", record)  # the notice speaks of the other way only; Hib may be left open
    for record in apart(history):
        doubt(row, "parts", record)
    course(row, history, given, (12, 18), 12)
    if row.status not in (DONE, ENDED) and not row.asked:
        # The notice of 2025-07-25: finish with the five-in-one; some towns still limit it.
        row.accept = frozenset({ASK, row.status, NOW, OPEN, LATE} if row.earliest and row.earliest <= history.today
                               else {ASK, row.status})
        row.status = ASK
        row.reasons.append("finish_with_five_in_one")
    return row


def hib_alone(history: History) -> Row:
    """A course begun with Hib alone; five-in-one doses count in it."""
    row = by_start(history, LEGACY, ("hib", "dpt_ipv_hib"), HIB)
    if history.of("dpt_ipv_hib"):
        # Both courses are open, and which doses are left in which is the town's word (utsunomiya 1004385).
        row.uncompared |= {"standard_from", "standard_to"}
        row.accept |= frozenset() if row.status in (DONE, ENDED) else {ASK}
    return row
