"""What the oracle is asked about: a person, the records, a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, order=True)
class Record:
    """One vaccination as the handbook holds it."""

    on: date
    product: str


@dataclass(frozen=True)
class Person:
    """A child, or (with a due date and no birth) a pregnancy."""

    born: date | None
    sex: str = "female"
    due: date | None = None
    carrier_mother: bool = False


@dataclass(frozen=True)
class History:
    """One question: who, what was given, and which day is today."""

    person: Person
    records: tuple[Record, ...]
    today: date

    def of(self, *products: str) -> list[Record]:
        """The records of some products, oldest first, each once; none in the future or before birth."""
        born = self.person.born
        return sorted(
            r for r in set(self.records)
            if r.product in products and r.on <= self.today and (born is None or r.on >= born)
        )

    def impossible(self, *products: str) -> list[Record]:
        """Records that cannot be true: in the future, or before birth."""
        born = self.person.born
        return sorted(
            r for r in self.records
            if r.product in products and (r.on > self.today or (born is not None and r.on < born))
        )
