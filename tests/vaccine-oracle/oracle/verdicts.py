"""Record by record: which dose it is, against the program's `vaccine history`."""

from __future__ import annotations

from . import programme as law
from .child import History
from .compare import Difference, ProgramRow, text
from .engine import plan
from .live import old_gap
from .routine import verdict

COUNTS = ("routine", "private")
ALIKE = (("too_late", "private"), ("too_soon", "private"))
"""A private dose is outside the rules by its nature; a plan may still have to ask."""


def compare_history(history: History, program: list[ProgramRow]) -> list[Difference]:
    """The differences in how records are judged; only doses both could count are looked at."""
    theirs = {(str(r["series"]), str(r["product"]), str(r["on"])): r for r in program}
    found: list[Difference] = []
    rows = plan(history)
    in_order = any(row.series == "JP-JE1" and row.doubts for row in rows)
    for row in rows:
        if row.series == "JP-JE2" and in_order:
            continue  # past a questionable dose of period 1 the numbers of period 2 are a matter of opinion, too
        doubtful = {record: code for code, record in row.doubts}
        if any(old_gap(history, record) for _, record in row.counted):
            continue
        for dose, record in row.counted:
            other = theirs.get((row.series, record.product, record.on.isoformat()))
            name = f"{row.series} record"
            if other is None:
                if not doubtful:
                    found.append(Difference(f"{name} not judged", row.series, dose, record.product, str(dose), "-"))
                continue
            their = str(other.get("verdict"))
            if record in doubtful:
                code = doubtful[record]
                if their in COUNTS and (code, their) not in ALIKE:
                    found.append(Difference(f"{name} {code} / {their}", row.series, dose, str(record.on), code, their))
                break  # past a questionable dose the numbers are a matter of opinion
            if record.on < law.LAUNCHED.get(record.product, record.on):
                continue  # older than its product: by what rule it is judged does not matter
            if their == "extra" and any(code == "dpt_for_dt" and earlier.on < record.on for code, earlier in row.doubts):
                continue  # DPT in place of DT, then DT: which of the two is the one is not said
            mine = verdict(history, row.series, record)
            if their not in COUNTS:
                found.append(Difference(f"{name} counts / {their}", row.series, dose, str(record.on),
                                        text(mine), their))
            elif text(other.get("dose")) != str(dose):
                found.append(Difference(f"{name} dose", row.series, dose, str(record.on), str(dose),
                                        text(other.get("dose"))))
            elif mine is not None and mine != their:
                found.append(Difference(f"{name} {mine} / {their}", row.series, dose, str(record.on), mine, their))
    return found
