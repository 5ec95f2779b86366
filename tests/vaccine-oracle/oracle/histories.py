"""Random histories: plausible ones, and ones that love an edge."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from .child import History, Person, Record
from .dates import after_days, after_months, attain, birth_week, fiscal_start, gestation, preschool_year, years
from .engine import plan

FIRST_BIRTH, LAST_DAY = date(2005, 1, 1), date(2027, 3, 31)
EDGES = (
    "2007-04-01", "2007-04-02", "2009-10-01", "2009-10-02", "2018-04-01", "2018-04-02", "2019-04-01", "2019-04-02",
    "2022-04-01", "2022-04-02", "2023-04-01", "2023-04-02", "2020-07-31", "2020-08-01", "2024-02-29", "2023-10-31",
    "2024-08-30", "2024-12-29", "2025-08-31", "2025-12-31", "2026-01-31", "2010-04-01", "2010-04-02", "2011-04-01",
    "2014-04-01", "2015-04-02", "2021-04-01", "2021-04-02", "2009-04-01", "2009-04-02", "2008-04-01", "2012-02-29",
)
"""Births on a cohort's edge, on a leap day, or on a month's last day."""

AGES = {  # months at the first dose that lie on an edge of the rules
    "hepb": (0, 2, 9, 12), "pcv": (2, 7, 12, 24, 60), "five": (2, 7, 90), "four": (2, 3, 12, 90),
    "hib": (2, 7, 12, 60), "bcg": (0, 5, 8, 12), "mr": (12, 24), "varicella": (12, 15, 36), "mumps": (12, 24),
    "je": (6, 36, 48, 90, 108, 156, 240), "dt": (132, 144, 156), "hpv": (108, 120, 144, 180, 192),
}
GAPS: dict[str, tuple[tuple[str, int], ...]] = {  # intervals on an edge: whole days between, or months
    "rota": (("d", 27),), "hepb": (("d", 27), ("d", 139), ("d", 112)), "pcv": (("d", 27), ("d", 60), ("m", 9)),
    "five": (("d", 20), ("d", 56), ("m", 6), ("m", 18)), "four": (("d", 20), ("d", 56), ("m", 6), ("m", 12)),
    "hib": (("d", 20), ("d", 27), ("d", 56), ("m", 7), ("m", 13)), "varicella": (("m", 3), ("m", 6), ("m", 12)),
    "mumps": (("d", 27), ("m", 48)), "mr": (("m", 48), ("d", 27)), "je": (("d", 6), ("d", 28), ("m", 6), ("m", 12)),
    "dt": (("m", 12),), "hpv": (("m", 1), ("m", 2), ("m", 3), ("m", 5), ("m", 6)), "bcg": (("d", 27),),
}
LENGTH = {"rota": 3, "hepb": 3, "pcv": 4, "five": 4, "four": 4, "hib": 4, "bcg": 1, "mr": 2, "varicella": 2,
          "mumps": 2, "je": 4, "dt": 1, "hpv": 3}


def near(rng: Random, day: date) -> date:
    """The day itself, its neighbours, or a little later."""
    return day + timedelta(days=rng.choice((-1, 0, 0, 0, 1, 1, rng.randint(2, 20), rng.randint(2, 60))))


def product(rng: Random, group: str, on: date) -> str:
    """What a clinic would have used on a day, mostly."""
    if group == "pcv":
        if on < date(2024, 4, 1):
            return "pcv13"
        return rng.choice(("pcv15", "pcv20")) if on < date(2025, 1, 1) else "pcv20"
    if group == "hpv":
        return rng.choice(("hpv2", "hpv4", "hpv4")) if on < date(2023, 4, 1) else \
            rng.choice(("hpv9", "hpv9", "hpv9", "hpv9", "hpv4", "hpv2"))
    return {"five": "dpt_ipv_hib", "four": "dpt_ipv"}.get(group, group)


def first_day(rng: Random, group: str, born: date) -> date:
    """The day of a series' first dose."""
    if group == "mr" and rng.random() < 0.3:
        return near(rng, fiscal_start(preschool_year(born)))
    months = rng.choice(AGES[group][:-1] or AGES[group]) if rng.random() < 0.8 else rng.choice(AGES[group])
    return near(rng, attain(born, months)) if months else born + timedelta(days=rng.choice((0, 1, 30, 61)))


def follow(rng: Random, group: str, last: date) -> date:
    """The day of a further dose."""
    if rng.random() < 0.12:
        return last + timedelta(days=rng.randint(1, 900))
    unit, size = rng.choice(GAPS[group])
    return near(rng, after_days(last, size) if unit == "d" else after_months(last, size))


def series(rng: Random, group: str, born: date) -> list[Record]:
    """One series, begun and perhaps not finished."""
    records: list[Record] = []
    if group == "rota":
        kind = rng.choice(("rotarix", "rotateq"))
        day = near(rng, rng.choice((birth_week(born, 6), attain(born, 2), birth_week(born, 14, 6))))
        for _ in range(rng.randint(1, 2 if kind == "rotarix" else 3)):
            records.append(Record(day, kind if rng.random() > 0.04 else rng.choice(("rotarix", "rotateq"))))
            day = follow(rng, group, day)
        return records
    day = first_day(rng, group, born)
    for _ in range(rng.randint(1, LENGTH[group])):
        records.append(Record(day, product(rng, group, day)))
        day = follow(rng, group, day)
    return records


def influenza(rng: Random, born: date) -> list[Record]:
    """A season or two of influenza vaccine."""
    year = rng.choice((2024, 2025, 2026, 2026))
    day = date(year, 10, 1) + timedelta(days=rng.randint(0, 100))
    records = [Record(day, rng.choice(("flu_inj", "flu_inj", "flu_nasal")))]
    if rng.random() < 0.5:
        records.append(Record(day + timedelta(days=rng.choice((13, 14, 15, 21, 28, 40))),
                              rng.choice(("flu_inj", "flu_inj", "flu_nasal"))))
    return [r for r in records if r.on >= born]


def groups(rng: Random, born: date) -> list[str]:
    """Which series a child has begun; what is combined depends on the year of birth."""
    chosen = [g for g in ("hepb", "pcv", "bcg", "mr", "varicella", "mumps", "je", "hpv", "dt") if rng.random() < 0.35]
    if born >= date(2020, 8, 1) and rng.random() < 0.4:
        chosen.append("rota")
    if rng.random() < 0.5:
        modern = born >= date(2024, 2, 1)
        chosen += ["five"] if modern else ["four", "hib"]
        if rng.random() < 0.1:
            chosen.append(rng.choice(("five", "hib", "four")))
    return chosen


def birth(rng: Random, today: date) -> date:
    if rng.random() < 0.2:
        day = date.fromisoformat(rng.choice(EDGES))
    elif rng.random() < 0.65:
        day = date(2022, 1, 1) + timedelta(days=rng.randint(0, (LAST_DAY - date(2022, 1, 1)).days))
    else:
        day = FIRST_BIRTH + timedelta(days=rng.randint(0, (date(2021, 12, 31) - FIRST_BIRTH).days))
    return min(day, today)


def spoil(rng: Random, records: list[Record], born: date, today: date) -> list[Record]:
    """Now and then a record that cannot be true, twice the same, or the list in another order."""
    if records and rng.random() < 0.03:
        one = rng.choice(records)
        records.append(Record(rng.choice((today + timedelta(days=1), today + timedelta(days=90),
                                          born - timedelta(days=1), one.on)), one.product))
    rng.shuffle(records)
    return records


def edge_day(rng: Random, history: History) -> date:
    """Moves today to an edge of one of the plan's own windows."""
    rows = plan(history)
    days = [d for row in rows for d in (row.earliest, row.standard_from, row.standard_to, row.last_routine_day) if d]
    days = [d for d in days if date(2024, 10, 1) <= d <= LAST_DAY]
    if not days:
        return history.today
    return rng.choice(days) + timedelta(days=rng.choice((-1, 0, 1)))


def history(seed: int, number: int) -> History:
    """The history of a seed and a number; the same each time."""
    rng = Random(f"{seed}/{number}")
    start = date(2026, 4, 1) if rng.random() < 0.75 else date(2024, 10, 1)
    today = start + timedelta(days=rng.randint(0, (LAST_DAY - start).days))
    if rng.random() < 0.02:
        return pregnancy(rng, today)
    born = birth(rng, today)
    records = [r for group in groups(rng, born) for r in series(rng, group, born)]
    if rng.random() < 0.2:
        records += influenza(rng, born)
    if rng.random() < 0.03:
        records.append(Record(near(rng, years(born, rng.choice((1, 5, 11)))), rng.choice(("mmr", "dpt", "ipv", "dt"))))
    sex = "female" if rng.random() < 0.75 else "male"
    found = History(Person(born, sex), tuple(r for r in records if r.on <= today), today)
    if rng.random() < 0.4:
        today = max(edge_day(rng, found), born)
    kept = [r for r in records if r.on <= today]
    return History(Person(born, sex), tuple(spoil(rng, kept, born, today)), today)


def pregnancy(rng: Random, today: date) -> History:
    """A pregnancy around the window of the mother's RSV vaccine."""
    due = today + timedelta(days=rng.randint(-10, 200))
    weeks = rng.choice(((23, 6), (24, 0), (27, 6), (28, 0), (36, 6), (37, 0), (31, 2)))
    records = (Record(gestation(due, *weeks), "rsv_maternal"),) if rng.random() < 0.5 else ()
    kept = tuple(r for r in records if r.on <= today)
    return History(Person(None, "female", due), kept, today)
