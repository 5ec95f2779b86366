"""What is left of an envelope of which words were erased."""

import hmac
from dataclasses import dataclass, replace
from os import urandom

from . import ids
from .batch import Change, besides, keyed_leaf, next_hash, read_besides
from .envelope import Envelope, opened_text, sealed_text
from .keys import hkdf
from .wire import FormatError, Reader, blob, many, u

FRAME = 286
OPENING, OPENED = 1179648, 4718592


@dataclass
class Opening:
    epoch: int
    head: bytes
    salt: bytes
    ciphertext: bytes = b""

    def clear(self):
        return u(1, 2) + u(4, self.epoch) + self.head + self.salt

    def to_bytes(self):
        return self.clear() + self.ciphertext

    @classmethod
    def from_bytes(cls, data):
        r = Reader(data)
        r.expect(1, 2)
        opening = cls(r.number(4), r.take(32), r.take(32), r.rest())
        if len(opening.ciphertext) < 16 or len(data) > OPENING:
            raise FormatError("an opening")
        return opening

    def sealed(self, epoch_key, envelope, content):
        key = hkdf(epoch_key, self.salt, "ayumi opening 2")
        return replace(self, ciphertext=sealed_text(key, envelope + self.clear(), content))

    def content(self, epoch_key, envelope):
        key = hkdf(epoch_key, self.salt, "ayumi opening 2")
        return opened_text(key, envelope + self.clear(), self.ciphertext, OPENED)


@dataclass
class Opened:
    """The inside of an opening: each change as its leaf, or as (leaf key, change)."""

    former: bytes | None
    peers: list
    changes: list

    def to_bytes(self):
        changes = (b"\0" + one if isinstance(one, bytes) else
                   b"\1" + one[0] + one[1].entry + one[1].stamp[:8] + blob(one[1].kind.encode()) + blob(one[1].body)
                   for one in self.changes)
        return besides(self.former, self.peers) + many(changes)

    @classmethod
    def from_bytes(cls, data, author):
        r, device = Reader(data), ids.device_of(author)
        former, peers = read_besides(r)

        def change():
            match r.number(1):
                case 0:
                    return r.take(32)
                case 1:
                    key, entry, clock = r.take(16), r.take(16), r.take(8)
                    kind = r.blob().decode()
                    return key, Change(kind, entry, clock + device, r.blob())
            raise FormatError("a change of an opening")

        opened = cls(former, peers, r.list(change))
        r.end()
        return opened

    @classmethod
    def of(cls, batch, places):
        def left(place, change):
            key = hmac.digest(batch.seed, u(4, place), "sha256")[:16]
            return keyed_leaf(key, change) if place in places else (key, change)

        return cls(batch.former, sorted(batch.peers), [left(place, change) for place, change in enumerate(batch.changes)])

    def proven(self, before, author_hash, places):
        """The changes that stand, with their leaves, if these are what the author signed and exactly these places are erased."""
        leaves = [one if isinstance(one, bytes) else keyed_leaf(*one) for one in self.changes]
        gone = {place for place, one in enumerate(self.changes) if isinstance(one, bytes)}
        if next_hash(before, leaves) != author_hash or gone != {p for p in places if p < len(leaves)}:
            raise FormatError("an opening that does not fit")
        return [(leaf, one[1]) for leaf, one in zip(leaves, self.changes) if not isinstance(one, bytes)]


class Remnant:
    """A frame without its ciphertext; what names the envelope stays as it was."""

    def __init__(self, data):
        self.frame, rest = data[:FRAME], data[FRAME:]
        self.envelope = Envelope.from_frame(self.frame)
        self.opening = Opening.from_bytes(rest) if rest else None

    @classmethod
    def of(cls, envelope, opening=None):
        return cls(envelope.to_bytes()[:FRAME] + (opening.to_bytes() if opening else b""))

    def to_bytes(self):
        return self.frame + (self.opening.to_bytes() if self.opening else b"")


def remnant(chain, epoch_keys, envelope, batch, places):
    """What is left of an envelope, with an opening made at the present head."""
    epoch = chain.state.epoch
    opening = Opening(epoch, chain.state.head, urandom(32))
    content = Opened.of(batch, places).to_bytes()
    return Remnant.of(envelope, opening.sealed(epoch_keys[epoch], envelope.hash(), content))
