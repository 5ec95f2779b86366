"""Was a dose of a past day routine (at public cost), or private, by the law of that day?"""

from __future__ import annotations

from datetime import date

from . import programme as law
from .child import History, Record
from .dates import attain, birth_week, fiscal_end, fiscal_start, fiscal_year_of_age, gestation, preschool_year, years
from .papilloma import legal_end

Span = tuple[date, date]

BEGAN = {  # the day a vaccine became routine, and births from which on where that was limited
    "JP-ROTA1": (date(2020, 10, 1), law.ROTA_FIRST_BIRTH),
    "JP-ROTA5": (date(2020, 10, 1), law.ROTA_FIRST_BIRTH),
    "JP-HEPB": (date(2016, 10, 1), date(2016, 4, 1)), "JP-PCV": (date(2013, 4, 1), None),
    "JP-HIB-LEGACY": (date(2013, 4, 1), None), "JP-DPTIPVHIB": (law.FIVE_IN_ONE_START, None),
    "JP-DPTIPV-LEGACY": (date(2012, 11, 1), None), "JP-VAR": (date(2014, 10, 1), None),
    "JP-HPV": (date(2013, 4, 1), None), "JP-RSV-MAT": (law.RSV_START, None),
}
PRODUCT_BEGAN = {"dpt_ipv_hib": law.FIVE_IN_ONE_START, "hpv9": date(2023, 4, 1), "pcv15": date(2024, 4, 1),
                 "pcv20": date(2024, 10, 1)}
PRODUCT_ENDED = {"hpv2": date(2026, 3, 31), "hpv4": date(2026, 3, 31)}
VOLUNTARY = ("JP-MUMPS", "JP-FLU-INJ", "JP-FLU-NASAL")
UNSURE = {"JP-BCG": date(2013, 4, 1), "JP-VAR": date(2015, 4, 1), "JP-JE1": date(2012, 4, 1),
          "JP-JE2": date(2012, 4, 1), "JP-MR1": date(2013, 4, 1), "JP-MR2": date(2013, 4, 1), "JP-DT2": date(2006, 4, 1)}
"""Before these days other ages or transitional rules held; the oracle does not say."""


def spans(history: History, series: str, record: Record) -> list[Span]:
    """The spans in which a dose of a series was routine for this person."""
    born, due = history.person.born, history.person.due
    if series == "JP-RSV-MAT":
        return [(gestation(due, 28), gestation(due, 36, 6))] if due else []
    assert born is not None
    if series in ("JP-ROTA1", "JP-ROTA5"):
        return [(birth_week(born, *law.ROTA_FROM), birth_week(born, *law.ROTA_TO[record.product]))]
    if series == "JP-MR1":
        found = [(attain(born, 12), attain(born, 24))]
        low, high = law.MR1_EXTENDED_BIRTHS
        return found + [law.MR_EXTENDED] if low <= born <= high else found
    if series == "JP-MR2":
        year = preschool_year(born)
        low, high = law.MR2_EXTENDED_BIRTHS
        found = [(fiscal_start(year), fiscal_end(year))]
        return found + [law.MR_EXTENDED] if low <= born <= high else found
    if series in ("JP-JE1", "JP-JE2"):
        return encephalitis(born, series)
    if series == "JP-HPV":
        girl = history.person.sex == "female"
        return [(fiscal_start(fiscal_year_of_age(born, 12)), legal_end(history))] if girl else []
    young = 3 if series == "JP-DPTIPV-LEGACY" and record.on < law.QUADRUPLE_FROM_TWO_MONTHS else 2
    months = {"JP-HEPB": (0, 12), "JP-BCG": (0, 12), "JP-PCV": (2, 60), "JP-HIB-LEGACY": (2, 60),
              "JP-DPTIPVHIB": (2, 90), "JP-DPTIPV-LEGACY": (young, 90), "JP-VAR": (12, 36), "JP-DT2": (132, 156)}
    low_m, high_m = months[series]
    return [(attain(born, low_m) if low_m else born, attain(born, high_m))]


def encephalitis(born: date, series: str) -> list[Span]:
    """Both periods, and the extra time of two cohorts."""
    own = (attain(born, 6), attain(born, 90)) if series == "JP-JE1" else (years(born, 9), years(born, 13))
    low, high = law.JE_SPECIAL_TO_20
    if low <= born <= high:
        return [own, (max(law.JE_SPECIAL_RULE, years(born, 9) if series == "JP-JE2" else born), years(born, 20))]
    low, high = law.JE_SPECIAL_TO_13
    if low <= born <= high and series == "JP-JE1":
        return [own, (years(born, 9), years(born, 13))]
    return [own]


def verdict(history: History, series: str, record: Record) -> str | None:
    """"routine" or "private"; None where the law of the day is not held here."""
    born = history.person.born
    if series in VOLUNTARY:
        return "private"
    if record.on < UNSURE.get(series, record.on):
        return None
    if series == "JP-HPV" and record.on > fiscal_end(fiscal_year_of_age(born or record.on, 16)) and \
            record.on < law.HPV_CATCH_UP[0]:
        return "private"
    began, births = BEGAN.get(series, (record.on, None))
    if record.on < max(began, PRODUCT_BEGAN.get(record.product, began)):
        return "private"
    if record.on > PRODUCT_ENDED.get(record.product, record.on) or (births and born and born < births):
        return "private"
    inside = any(low <= record.on <= high for low, high in spans(history, series, record))
    return "routine" if inside else "private"
