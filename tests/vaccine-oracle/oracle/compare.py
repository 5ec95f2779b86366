"""Key by key: the oracle's rows against the program's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from . import programme as law
from .child import History
from .engine import plan
from .live import old_gap, too_close
from .row import ASK, BROKEN, DONE, DROPPED, ENDED, LATER, Row

SAME = {"due_soon": LATER, BROKEN: ASK}
"""Words that answer the law's question alike: "soon" is a courtesy, a broken record is asked about."""

CLOSED = {DONE, DROPPED, ENDED}
FIELDS = ("dose", "path", "earliest", "last_routine_day", "standard_from", "standard_to")
ProgramRow = dict[str, object]


@dataclass(frozen=True)
class Difference:
    """One value the two engines see differently."""

    kind: str
    series: str
    dose: int
    field: str
    oracle: str
    program: str


def word(status: object) -> str:
    return SAME.get(str(status), str(status))


def allowed(row: Row, history: History) -> set[str]:
    """The statuses that the texts leave for a row."""
    words = {word(row.status)} | {word(s) for s in row.accept}
    if row.asked and row.over:
        words.add(ENDED)
    if any(r.on < law.LAUNCHED.get(r.product, r.on) for _, r in row.counted):
        words.add(ASK)
    if any(history.impossible(r.product) for _, r in row.counted):
        words.add(ASK)
    return words


def text(value: object) -> str:
    return "-" if value is None else str(value)


def compare(history: History, program: list[ProgramRow]) -> list[Difference]:
    """All differences of one history."""
    found: list[Difference] = []
    theirs = {str(r["series"]): r for r in program}
    for row in plan(history):
        other = theirs.pop(row.series, None)
        if other is None:
            if row.status not in CLOSED and not row.over:
                found.append(Difference(f"{row.series} row missing", row.series, row.dose, "row", row.status, "-"))
            continue
        found += rows(history, row, other)
    for series, other in theirs.items():
        if word(other["status"]) not in CLOSED:
            found.append(Difference(f"{series} row unexpected", series, 0, "row", "-", text(other["status"])))
    return found


def rows(history: History, row: Row, other: ProgramRow) -> list[Difference]:
    """The differences of one series; none where the wider intervals of before October 2020 were broken."""
    if any(old_gap(history, r) and not too_close(history, r) for _, r in row.counted):
        return []
    mine, their = word(row.status), word(other["status"])
    if their not in allowed(row, history):
        reason = f" ({row.reasons[0].split(':')[0]})" if row.asked and row.reasons else ""
        kind = f"{row.series} status {mine}{reason} / {their}"
        return [Difference(kind, row.series, row.dose, "status", row.status, text(other["status"]))]
    if row.asked or mine in (DROPPED, ENDED) or their in (ASK, DONE, ENDED, DROPPED):
        return []
    found = []
    for name in FIELDS:
        if name not in row.uncompared:
            found += one_field(history, row, other, name)
    return found


def one_field(history: History, row: Row, other: ProgramRow, name: str) -> list[Difference]:
    """One value; where a standard window is empty, or a day lies in the past, less is asked."""
    mine, their = getattr(row, name), other.get(name)
    if name == "path" and (mine is None or their == "default"):
        return []
    if name in ("standard_from", "standard_to") and (row.standard_from is None and row.standard_to is None):
        return []
    label = name
    if name == "earliest" and isinstance(mine, date) and mine <= history.today:
        if their is not None and str(their) <= history.today.isoformat():
            if "earliest_past" in row.uncompared:
                return []
            label = "earliest (past)"
    if text(mine) == text(their):
        return []
    return [Difference(f"{row.series}/{row.dose} {label}", row.series, row.dose, name, text(mine), text(their))]
