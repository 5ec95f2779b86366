"""What is inside an envelope: changes, column by column, and the author hash over them."""

import hashlib
import hmac
import json
from dataclasses import dataclass, field

from . import ids
from .keys import h
from .wire import FormatError, Reader, blob, difference, many, u, varint


@dataclass
class Change:
    kind: str
    entry: bytes
    stamp: bytes
    body: bytes

    def read_body(self):
        """What stands in it, or nothing if it is not of the form of a body."""
        try:
            body = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        whole = isinstance(body, dict) and all(isinstance(body.get(part, {}), dict) for part in "nf")
        return body if whole else None


def besides(former, peers):
    """What a batch holds besides its changes: a former key, and peer heads."""
    heads = (a + u(8, sequence) + u(4, attempt) + digest for a, sequence, attempt, digest in peers)
    return (u(1, 0) if former is None else u(1, 1) + former) + many(heads)


def read_besides(reader):
    there = reader.number(1)
    if there > 1:
        raise FormatError("neither with a former key nor without")
    former = reader.take(32) if there else None
    return former, reader.list(lambda: (reader.take(16), reader.number(8), reader.number(4), reader.take(16)))


def columns(changes):
    """Changes of one author, column by column."""
    kinds = list(dict.fromkeys(change.kind for change in changes))
    times = [int.from_bytes(change.entry[:6], "big") for change in changes]
    clocks = [int.from_bytes(change.stamp[:8], "big") for change in changes]
    all_columns = [
        [varint(kinds.index(change.kind)) for change in changes],
        [difference(now - before) for before, now in zip([0, *times], times)],
        [change.entry[6:] for change in changes],
        [difference(now - before) for before, now in zip([0, *clocks], clocks)],
        [varint(len(change.body)) for change in changes],
        [change.body for change in changes],
    ]
    head = varint(len(changes)) + many(blob(kind.encode()) for kind in kinds)
    return head + b"".join(b"".join(column) for column in all_columns)


def read_columns(reader, author):
    places = range(reader.varint())
    kinds = reader.list(lambda: reader.blob().decode())

    def sums():
        total, out = 0, []
        for _ in places:
            total += reader.difference()
            out.append(total)
        return out

    kind_places = [reader.varint() for _ in places]
    times = sums()
    others = [reader.take(10) for _ in places]
    device = ids.device_of(author)
    clocks = sums()
    lengths = [reader.varint() for _ in places]
    return [
        Change(kinds[kind_places[i]], u(6, times[i]) + others[i], u(8, clocks[i]) + device, reader.take(lengths[i]))
        for i in places
    ]


@dataclass
class Batch:
    seed: bytes
    # Where every other author's line ended: (author, sequence, attempt, first half of the hash).
    peers: list = field(default_factory=list)
    changes: list = field(default_factory=list)
    # The key of the epoch before, in an author's first envelope of an epoch.
    former: bytes | None = None

    def to_bytes(self):
        return self.seed + besides(self.former, sorted(self.peers)) + columns(self.changes)

    @classmethod
    def from_bytes(cls, data, author):
        reader = Reader(data)
        seed = reader.take(16)
        former, peers = read_besides(reader)
        if [peer[0] for peer in peers] != sorted({peer[0] for peer in peers}) or author in [p[0] for p in peers]:
            raise FormatError("peer heads do not rise")
        changes = read_columns(reader, author)
        reader.end()
        return cls(seed, peers, changes, former)


def leaf(seed, place, change):
    return keyed_leaf(hmac.digest(seed, u(4, place), "sha256")[:16], change)


def keyed_leaf(key, change):
    kind = change.kind.encode()
    return h("ayumi leaf 2", key, change.entry, u(1, len(kind)), kind, change.stamp, change.body)


def author_start(notebook, author):
    return h("ayumi author hash 2", notebook, author)


def author_next(before, batch):
    return next_hash(before, [leaf(batch.seed, place, change) for place, change in enumerate(batch.changes)])


def next_hash(before, leaves):
    return h("ayumi author hash 2", before, u(4, len(leaves)), *leaves)


def sha256(data):
    return hashlib.sha256(data).digest()
