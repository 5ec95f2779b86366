"""Influenza, by the season: injected, or up the nose, not both."""

from __future__ import annotations

from datetime import date

from . import programme as law
from .child import History, Record
from .dates import after_days, attain, years
from .row import ASK, DONE, DROPPED, LATE, NOW, OPEN, Row, Window, disbelieve, doubt, settle

OPEN_STATES = frozenset({NOW, OPEN, LATE})


def season_of(day: date) -> tuple[date, date]:
    """The season a day is in, or the next to come."""
    year = day.year if day.month >= 2 else day.year - 1
    return date(year, 10, 1), date(year + 1, 1, 31)


def this_season(records: list[Record], season: tuple[date, date]) -> list[Record]:
    return [r for r in records if season[0] <= r.on <= season[1]]


def broken(history: History, product: str, season: tuple[date, date]) -> list[Record]:
    """Records that cannot be true and speak of this season: one of another season leaves this one's plan alone."""
    return [r for r in history.impossible(product) if r.on > history.today or r in this_season([r], season)]


def influenza(history: History) -> list[Row]:
    """Both kinds."""
    season = season_of(history.today)
    return [injected(history, season), nasal(history, season)]


def injected(history: History, season: tuple[date, date]) -> Row:
    born, today = history.person.born, history.today
    assert born is not None
    row = Row("JP-FLU-INJ", uncompared=frozenset({"last_routine_day", "standard_from", "standard_to"}))
    for record in broken(history, "flu_inj", season):
        disbelieve(row, record, today)
    given = this_season(history.of("flu_inj"), season)
    other = [r for r in this_season(history.of("flu_nasal"), season) if r.on >= years(born, 2)]
    start = given[0].on if given else max(today, season[0])
    need = 2 if start < years(born, 13) else 1
    row.path = "under_13" if need == 2 else "from_13"
    if abs((start - years(born, 13)).days) <= 1:
        row.accept = OPEN_STATES | {DONE}  # "13 and over" on the eve of the birthday
        row.uncompared |= {"path", "dose"}
    for record in given:
        if record.on < attain(born, 6):
            doubt(row, "too_early", record)
    if len(given) > 1 and need == 2 and given[1].on < after_days(given[0].on, law.FLU_GAP):
        doubt(row, "too_soon", given[1])
    row.counted = [(i + 1, r) for i, r in enumerate(given[:need])]
    row.dose = min(len(given) + 1, need)
    if len(given) >= need and not row.asked:
        row.status = DONE
        return row
    young = [r for r in this_season(history.of("flu_nasal"), season) if r.on < years(born, 2)]
    if young and not other:
        # Outside its leaflet: whether the needle is still wanted, the clinic says.
        row.accept |= {ASK} if attain(born, 6) <= season[1] else frozenset()
    if other and not row.asked:
        row.status = DROPPED
        # Both in one season are not foreseen; whether the second by needle is still wanted, the clinic says.
        row.accept |= {ASK, DONE, ENDED_SEASON} if given else frozenset()
        return row
    gap = after_days(given[-1].on, law.FLU_GAP) if given else None
    ends = season[1]
    settle(row, Window(max(season[0], attain(born, 6)), None, gap, (season[0], ends)), today)
    if row.earliest and row.earliest > ends:
        row.uncompared |= {"earliest", "dose", "path"}  # the next season: which day opens it is not said
        row.accept |= {ENDED_SEASON, LATE}
    if row.status in OPEN_STATES and given:
        row.accept |= OPEN_STATES
    return row


ENDED_SEASON = "not_yet"


def nasal(history: History, season: tuple[date, date]) -> Row:
    born, today = history.person.born, history.today
    assert born is not None
    row = Row("JP-FLU-NASAL", uncompared=frozenset({"last_routine_day", "standard_from", "standard_to"}))
    for record in broken(history, "flu_nasal", season):
        disbelieve(row, record, today)
    given = this_season(history.of("flu_nasal"), season)
    for record in given:
        if record.on < years(born, 2):
            doubt(row, "too_early", record)
    if given and not row.asked:
        row.counted = [(1, given[0])]
        row.status = DONE
        return row
    old_enough = years(born, 2) <= max(today, season[0]) <= years(born, 19)
    if old_enough and this_season(history.of("flu_inj"), season) and not row.asked:
        row.status = DROPPED
        return row
    settle(row, Window(max(season[0], years(born, 2)), years(born, 19), None, season), today)
    if this_season(history.of("flu_inj"), season):
        row.accept |= {DROPPED}
        row.uncompared |= {"earliest"}
    if row.earliest and row.earliest > season[1]:
        row.uncompared |= {"earliest"}
        row.accept |= {ENDED_SEASON, LATE}
    return row
