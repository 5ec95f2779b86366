"""Series of equal doses: hepatitis B, BCG, varicella, DT, mumps."""

from __future__ import annotations

from datetime import date

from . import programme as law
from .child import History, Record
from .dates import after_days, after_months, attain, fiscal_end, fiscal_start, preschool_year
from .live import live_floor, too_close
from .row import ASK, DONE, LATE, LATER, NOW, OPEN, Row, Window, disbelieve, doubt, settle

OPEN_STATES = frozenset({NOW, OPEN, LATE})


def walk(row: Row, history: History, rule: law.Simple) -> list[Record]:
    """Counts records into doses; what breaks a minimum becomes a doubt."""
    born = history.person.born
    assert born is not None
    for record in history.impossible(*rule.products):
        disbelieve(row, record, history.today)
    counted: list[Record] = []
    last: Record | None = None
    for record in history.of(*rule.products):
        if len(counted) == rule.doses:
            break
        if rule is law.VARICELLA and not_counted(record, born, last):
            last = record
            continue
        if rule is law.DT2 and record.on <= attain(born, law.COMBINED_TO):
            continue  # DT of infancy is period 1's (施行令3条: to 90 months); it asks nothing of period 2
        last = record
        if record.on < attain(born, rule.from_months) and rule.from_months:
            doubt(row, "too_early", record)
        elif counted and record.on == counted[-1].on:
            doubt(row, "same_day", record)
        elif counted and record.on < gap(rule, counted):
            doubt(row, "too_soon", record)
        elif too_close(history, record):
            doubt(row, "live27", record)
        counted.append(record)
        row.counted.append((len(counted), record))
    row.dose = min(len(counted) + 1, rule.doses)
    return counted


def not_counted(record: Record, born: date, last: Record | None) -> bool:
    """Varicella under one year does not count; two under three months apart count as one (law.VARICELLA)."""
    months = law.VARICELLA.gap_months or 0
    return record.on < attain(born, law.VARICELLA.from_months) or (
        last is not None and last.on >= attain(born, law.VARICELLA.from_months)
        and record.on < after_months(last.on, months))


def gap(rule: law.Simple, counted: list[Record]) -> date:
    """First day the next dose's minimum interval leaves free."""
    last = counted[-1].on
    if rule is law.HEPB and len(counted) == 2:
        return max(after_days(counted[0].on, law.HEPB_THIRD_AFTER_FIRST), after_days(last, 0))
    if rule.gap_months is not None:
        return after_months(last, rule.gap_months)
    return after_days(last, rule.gap_days or 0)


def again(history: History, born: date, counted: list[Record], floor: date | None) -> date:
    """First day after a varicella dose that did not count: three months; under one year 27 days, as between live ones."""
    last = history.of("varicella")[-1].on
    early = last < attain(born, law.VARICELLA.from_months)
    own = after_days(last, law.LIVE_GAP) if early else after_months(last, law.VARICELLA.gap_months or 0)
    return max(own, floor) if floor else own


def standard(rule: law.Simple, born: date, counted: list[Record]) -> tuple[date | None, date | None]:
    """The standard window of the next dose."""
    if rule is law.VARICELLA and counted:
        low, high = law.VARICELLA_SECOND_STANDARD
        return after_months(counted[0].on, low), after_months(counted[0].on, high)
    if rule is law.MUMPS and counted:
        year = preschool_year(born)
        return fiscal_start(year), fiscal_end(year)
    low_m, high_m = rule.standard
    return (attain(born, low_m) if low_m is not None else None,
            attain(born, high_m) if high_m is not None else None)


def simple(history: History, rule: law.Simple) -> Row:
    """The plan of one simple series."""
    born = history.person.born
    assert born is not None
    row = Row(rule.series)
    counted = walk(row, history, rule)
    hepb_doubts(row, history, rule, counted)
    if rule is law.DT2:
        for record in history.of("dpt"):
            if record.on >= attain(born, rule.from_months):
                doubt(row, "dpt_for_dt", record)
                row.accept = frozenset({DONE})  # self-paid, advised in place of DT; the leaflet has 11 to 13 years
    if rule is law.MUMPS:
        for record in history.of("mmr"):
            doubt(row, "mmr", record)
    if rule is law.MUMPS and len(counted) == rule.doses and {code for code, _ in row.doubts} == {"too_soon"}:
        row.accept = frozenset({DONE})  # two mumps doses: neither Guide nor leaflet sets an interval
    if len(counted) == rule.doses and not row.asked:
        row.status = DONE
        return row
    window = Window(
        legal_from=attain(born, rule.from_months) if rule.from_months else born,
        legal_to=attain(born, rule.to_months) if rule.to_months is not None else None,
        gap=gap(rule, counted) if counted else None,
        standard=standard(rule, born, counted),
    )
    floor = live_floor(history, rule.products) if rule.products[0] in law.LIVE_INJECTED else None
    if rule is law.VARICELLA and len(history.of("varicella")) > len(counted):
        floor = again(history, born, counted, floor)
    settle(row, window, history.today, floor)
    if rule is law.VARICELLA and len(history.of("varicella")) > len(counted) > 0:
        # Which of two that count as one the standard distance begins at is not said.
        row.accept |= OPEN_STATES if row.status in OPEN_STATES else frozenset()
        row.uncompared = frozenset({"standard_from", "standard_to"})
    if rule is law.MUMPS:
        row.accept |= OPEN_STATES if row.status in OPEN_STATES else frozenset()
        row.uncompared = frozenset({"standard_from", "standard_to", "last_routine_day"})  # voluntary: no text
        if counted:
            row.uncompared |= {"earliest"}  # the leaflet sets no interval between two doses of mumps
            row.accept |= {ASK, LATER, *OPEN_STATES}
    if rule is law.HEPB and counted:
        row.uncompared = frozenset({"standard_from"})  # GUIDE: 2-9 months; the paediatric society: 3, and 7-8
        row.accept = frozenset({NOW, OPEN}) if row.status in (NOW, OPEN) else row.accept
        if len(counted) == 2 and history.today < after_days(counted[1].on, law.HEPB_THIRD_AFTER_SECOND_DOUBT):
            row.accept |= {ASK}  # one town's distance: inside it nothing need be proposed
    return row


def hepb_doubts(row: Row, history: History, rule: law.Simple, counted: list[Record]) -> None:
    """What only hepatitis B asks: the mother's state, and a third dose hard on the second."""
    if rule is not law.HEPB:
        return
    if history.person.carrier_mother:
        row.status = ASK
        row.reasons.append("carrier_mother")
    if len(counted) == 3:
        second, third = counted[1].on, counted[2].on
        if third < after_days(second, law.HEPB_THIRD_AFTER_SECOND_DOUBT):
            row.accept = frozenset({DONE, ASK})
            row.uncompared = frozenset({"dose"})
