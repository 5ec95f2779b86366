"""Injected live vaccines: 27 whole days between two different ones; before October 2020 more was asked."""

from __future__ import annotations

from datetime import date

from . import programme as law
from .child import History, Record
from .dates import after_days


def live_floor(history: History, products: tuple[str, ...]) -> date | None:
    """First day another injected live vaccine leaves free for one of `products`."""
    others = tuple(p for p in law.LIVE_INJECTED if p not in products)
    given = history.of(*others)
    return after_days(given[-1].on, law.LIVE_GAP) if given else None


def too_close(history: History, record: Record) -> bool:
    """Was this live dose given under 27 days after a different injected live one (same day is allowed)?"""
    if record.product not in law.LIVE_INJECTED:
        return False
    others = tuple(p for p in law.LIVE_INJECTED if p != record.product)
    return any(
        other.on < record.on < after_days(other.on, law.LIVE_GAP) for other in history.of(*others)
    )


FREED = date(2020, 10, 1)
LIVE = (*law.LIVE_INJECTED, "rotarix", "rotateq")


def old_gap(history: History, record: Record) -> bool:
    """Did this dose break the wider rule of before 2020-10-01: 27 days after live, 6 after inactivated?"""
    if record.on >= FREED:
        return False
    return any(
        other.on < record.on < after_days(other.on, law.LIVE_GAP if other.product in LIVE else 6)
        for other in history.records if other.product != record.product
    )
