"""Rotavirus, counted in weeks of life, and RSV given to the mother, counted in weeks of pregnancy."""

from __future__ import annotations

from . import programme as law
from .child import History
from .dates import after_days, attain, birth_week, gestation
from .row import ASK, DONE, DROPPED, LATE, NOW, OPEN, UNWISE, Row, Window, disbelieve, doubt, settle

OTHER = {"rotarix": "rotateq", "rotateq": "rotarix"}
NAMES = {"rotarix": "JP-ROTA1", "rotateq": "JP-ROTA5"}


def rota(history: History, product: str) -> Row | None:
    """One of the two rotavirus series; none for children born before it was routine."""
    born = history.person.born
    assert born is not None
    own, other = history.of(product), history.of(OTHER[product])
    broken = history.impossible(product)
    if born < law.ROTA_FIRST_BIRTH and not own and not broken:
        return None
    row = Row(NAMES[product])
    for record in broken:
        disbelieve(row, record, history.today)
    if own and other:
        doubt(row, "mixed", other[0])
    elif other and not row.asked:
        row.status = DROPPED
        return row
    first, last = birth_week(born, *law.ROTA_FROM), birth_week(born, *law.ROTA_TO[product])
    for index, record in enumerate(own[: law.ROTA_DOSES[product]]):
        row.counted.append((index + 1, record))
        if record.on < first:
            doubt(row, "too_early", record)
        elif record.on > last:
            doubt(row, "too_late", record)
            row.accept |= {DONE}  # outside Order and leaflet, but nothing is left to give
        elif index and record.on < after_days(own[index - 1].on, law.ROTA_GAP):
            doubt(row, "too_soon", record)
    row.dose = min(len(own) + 1, law.ROTA_DOSES[product])
    if len(own) >= law.ROTA_DOSES[product] and not row.asked:
        row.status = DONE
        return row
    advised = birth_week(born, *law.ROTA_ADVISED)
    window = Window(
        first, last,
        gap=after_days(own[-1].on, law.ROTA_GAP) if own else None,
        standard=(None, None) if own else (attain(born, 2), advised),
    )
    settle(row, window, history.today)
    if own:
        row.accept |= {NOW, OPEN, LATE} if row.status in (NOW, OPEN, LATE) else frozenset()
    elif row.status == LATE:
        row.status = UNWISE
    return row


def maternal_rsv(history: History) -> Row | None:
    """The mother's dose against RSV, once in each pregnancy."""
    due = history.person.due
    if due is None or history.person.born is not None:
        return None
    row = Row("JP-RSV-MAT")
    first, last = gestation(due, 28), gestation(due, 36, 6)
    for record in history.impossible("rsv_maternal"):
        doubt(row, "future", record)
    given = [r for r in history.of("rsv_maternal") if r.on > gestation(due, 0)]
    if given:
        row.counted.append((1, given[-1]))
        if gestation(due, 24) <= given[-1].on <= last and not row.asked:
            row.status = DONE
            if not max(first, law.RSV_START) <= given[-1].on:
                row.accept = frozenset({DONE, ASK})  # private: licensed, but does it count? (doubtful)
                row.uncompared = frozenset({"dose"})
            return row
        doubt(row, "outside_licence", given[-1])
        if given[-1].on > last:
            row.accept |= {DONE}  # as with rotavirus: nothing is left to give
    return settle(row, Window(max(first, law.RSV_START), last, standard=(max(first, law.RSV_START), last)),
                  history.today)
