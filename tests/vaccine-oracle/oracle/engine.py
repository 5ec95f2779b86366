"""The whole plan: every series of a history, and the gaps between live vaccines."""

from __future__ import annotations

from dataclasses import replace

from . import programme as law
from .catchup import PNEUMO, by_start
from .child import History, Record
from .combined import FOUR, LEGACY, combined, hib_alone, quadruple
from .encephalitis import encephalitis
from .infant import maternal_rsv, rota
from .live import too_close
from .measles import measles
from .papilloma import papilloma
from .row import DONE, Row
from .seasonal import influenza
from .simple import simple

PNEUMO_PRODUCTS = ("pcv20", "pcv15", "pcv13")


def plan(history: History) -> list[Row]:
    """One row a series; where a questionable dose was made good by a later one, "completed" is right too."""
    rows = read(history)
    for row in rows:
        if row.asked and row.doubts and without(history, row) == DONE:
            row.accept |= {DONE}
    return rows


def without(history: History, row: Row) -> str | None:
    """The status the series would have if its questionable records, one after the other, had never been."""
    _, doubtful = row.doubts[0]
    left = replace(history, records=tuple(r for r in history.records if r != doubtful))
    again = next((r for r in read(left) if r.series == row.series), None)
    if again is None and row.series == LEGACY and left.of("dpt_ipv_hib"):
        again = hib_alone(left)
    if again is None and row.series == FOUR and left.of("dpt_ipv_hib"):
        again = quadruple(left)
    if again is not None and again.doubts:
        return without(left, again)
    return again.status if again else None


def read(history: History) -> list[Row]:
    """The rows in the order of the calendar of childhood."""
    if history.person.born is None:
        row = maternal_rsv(history)
        return [row] if row else []
    rows: list[Row | None] = [
        rota(history, "rotarix"),
        rota(history, "rotateq"),
        simple(history, law.HEPB),
        by_start(history, "JP-PCV", PNEUMO_PRODUCTS, PNEUMO),
        *combined(history),
        simple(history, law.BCG),
        *measles(history),
        simple(history, law.VARICELLA),
        *encephalitis(history),
        simple(history, law.DT2),
        papilloma(history),
        simple(history, law.MUMPS),
        *influenza(history),
    ]
    return [row for row in rows if row is not None]


def warnings(history: History) -> list[tuple[str, Record]]:
    """Live doses too close to another, and records older than their product."""
    found = [("live27", r) for r in sorted(history.records) if too_close(history, r)]
    found += [("before_product", r) for r in sorted(history.records)
              if r.on < law.LAUNCHED.get(r.product, r.on)]
    return found
