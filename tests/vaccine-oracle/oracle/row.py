"""One line of the oracle's answer, and how a status follows from dates."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from .child import Record

ASK = "needs_clinician_decision"
DONE = "completed"
ENDED = "eligibility_ended"
DROPPED = "dropped_by_rule"
UNWISE = "not_recommended"
LATER = "not_yet"
OPEN = "eligible"
NOW = "recommended_now"
LATE = "past_standard_still_eligible"
BROKEN = "record_inconsistent"


@dataclass
class Row:
    """A series, its next dose, and why."""

    series: str
    dose: int = 1
    status: str = LATER
    earliest: date | None = None
    standard_from: date | None = None
    standard_to: date | None = None
    last_routine_day: date | None = None
    path: str | None = None
    reasons: list[str] = field(default_factory=list)
    counted: list[tuple[int, Record]] = field(default_factory=list)
    doubts: list[tuple[str, Record]] = field(default_factory=list)
    accept: frozenset[str] = frozenset()
    """Other statuses the texts allow as well."""
    uncompared: frozenset[str] = frozenset()
    """Fields on which the texts are silent."""
    over: bool = False
    """No day at public cost is left."""

    @property
    def asked(self) -> bool:
        """Has something been found that a clinician must judge?"""
        return self.status in (ASK, BROKEN)


def doubt(row: Row, code: str, record: Record) -> Row:
    """Marks a row as one to ask a clinician about."""
    row.doubts.append((code, record))
    row.reasons.append(f"{code}:{record.product}@{record.on}")
    row.status = BROKEN if code in ("future", "before_birth") else ASK
    return row


def disbelieve(row: Row, record: Record, today: date) -> Row:
    """Doubts a record that cannot be true."""
    return doubt(row, "future" if record.on > today else "before_birth", record)


@dataclass(frozen=True)
class Window:
    """The days that bound one dose."""

    legal_from: date
    legal_to: date | None
    gap: date | None = None
    standard: tuple[date | None, date | None] = (None, None)


def settle(row: Row, window: Window, today: date, floor: date | None = None) -> Row:
    """Fills a row's dates and status from its window; a doubt already found stays."""
    earliest = max(d for d in (window.legal_from, window.gap, floor) if d is not None)
    row.last_routine_day = window.legal_to
    row.over = window.legal_to is not None and max(today, earliest) > window.legal_to
    if row.asked:
        row.earliest = earliest
        return row
    if row.over:
        row.status = ENDED
        return row
    row.earliest = earliest
    begins, ends = window.standard
    if ends is not None and ends < earliest:
        begins = ends = None
        row.status = LATE if today >= earliest else LATER
        return row
    row.standard_from = max(begins, earliest) if begins else None
    row.standard_to = ends
    if today < earliest:
        row.status = LATER
    elif begins and today < begins:
        row.status = OPEN
    elif ends and today > ends:
        row.status = LATE
    else:
        row.status = NOW
    return row
