"""A snapshot: what the authors of a notebook wrote, for who comes anew; it proves itself."""

import hmac
from dataclasses import dataclass

from .batch import columns, keyed_leaf, next_hash, read_columns
from .envelope import Envelope
from .erasing import FRAME
from .keys import h
from .wire import FormatError, Reader, many, u, varint


def name(notebook):
    """The name of a notebook's snapshots; each maker has one in its own slot."""
    return h("ayumi snapshot name 2", notebook)


@dataclass
class Part:
    """Envelopes of one author in a row: each as its seed and count of changes, or as a list of leaves (bytes) and of (leaf key,)."""

    before: bytes
    end: Envelope
    envelopes: list
    changes: list

    def to_bytes(self):
        def envelope(one):
            if isinstance(one, list):
                return u(1, 1) + many(u(1, 0) + leaf if isinstance(leaf, bytes) else u(1, 1) + leaf[0] for leaf in one)
            return u(1, 0) + one[0] + varint(one[1])

        frame = self.end.unsigned() + self.end.signature
        return self.before + frame + many(map(envelope, self.envelopes)) + columns(self.changes)

    @classmethod
    def read(cls, r, notebook):
        before, end = r.take(32), Envelope.from_frame(r.take(FRAME))
        if end.notebook != notebook:
            raise FormatError("of another notebook")

        def leaf():
            match r.number(1):
                case 0:
                    return r.take(32)
                case 1:
                    return (r.take(16),)
            raise FormatError("neither erased nor kept")

        def envelope():
            match r.number(1):
                case 0:
                    return r.take(16), r.varint()
                case 1:
                    return r.list(leaf)
            raise FormatError("neither whole nor opened")

        return cls(before, end, r.list(envelope), read_columns(r, end.author))

    def is_proven(self):
        """Whether its changes are those that the author of its frame signed, all of them and in this order."""
        changes, said = iter(self.changes), self.before
        try:
            for one in self.envelopes:
                if not isinstance(one, list):
                    seed, count = one
                    one = [(hmac.digest(seed, u(4, place), "sha256")[:16],) for place in range(count)]
                leaves = [leaf if isinstance(leaf, bytes) else keyed_leaf(leaf[0], next(changes)) for leaf in one]
                said = next_hash(said, leaves)
        except StopIteration:
            return False
        return next(changes, None) is None and len(self.envelopes) > 0 and said == self.end.author_hash


@dataclass
class Snapshot:
    head: bytes
    parts: list

    def to_bytes(self):
        return u(1, 2) + self.head + many(part.to_bytes() for part in self.parts)

    @classmethod
    def from_bytes(cls, data, notebook):
        r = Reader(data)
        r.expect(1, 2)
        snapshot = cls(r.take(32), r.list(lambda: Part.read(r, notebook)))
        r.end()
        return snapshot
