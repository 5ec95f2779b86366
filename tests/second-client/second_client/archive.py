"""The archive of a notebook that began anew: which words it proves, and under whom."""

import hmac
from dataclasses import dataclass

import zstandard

from . import photo
from .batch import keyed_leaf
from .chain import Refused, State
from .envelope import Envelope
from .erasing import FRAME
from .keys import h
from .snapshot import Part
from .statement import Statement
from .wire import FormatError, Reader, blob, many, u

HEAD = 32
MOST = 16 << 20


def name(notebook):
    return h("ayumi archive name 2", notebook)


def opened(epoch_keys, notebook, chunks):
    """The archive that lies in a slot. Its maker's head stands in the clear, and once more in what is sealed."""
    head, sealed = chunks[0][:HEAD], [chunks[0][HEAD:], *chunks[1:]]
    clear = Reader(photo.opened(epoch_keys, name(notebook), sealed))
    if clear.take(HEAD) != head:
        raise FormatError("another head than it says")
    try:
        packed = zstandard.ZstdDecompressor().decompressobj().decompress(clear.rest())
    except zstandard.ZstdError as error:
        raise FormatError("no archive") from error
    if len(packed) > MOST:
        raise FormatError("an archive without end")
    return Archive.from_bytes(packed)


@dataclass
class Archive:
    notebook: bytes
    statements: list
    ends: list
    parts: list

    def to_bytes(self):
        frames = (end.unsigned() + end.signature for end in self.ends)
        statements = many(blob(statement) for statement in self.statements)
        return u(1, 2) + self.notebook + statements + many(frames) + many(part.to_bytes() for part in self.parts)

    @classmethod
    def from_bytes(cls, data):
        r = Reader(data)
        r.expect(1, 2)
        notebook = r.take(16)
        statements, ends = r.list(r.blob), r.list(lambda: Envelope.from_frame(r.take(FRAME)))
        archive = cls(notebook, statements, ends, r.list(lambda: Part.read(r, notebook)))
        r.end()
        return archive

    def mark(self):
        ends = (end.author + u(8, end.sequence) + u(4, end.attempt) + end.hash() for end in self.ends)
        return h("ayumi archive 2", self.notebook, u(4, len(self.ends)), *ends)

    def words(self, named):
        """Every (author, sequence, leaf, change) that it proves; nothing if it is not the archive with this mark."""
        authors = [end.author for end in self.ends]
        if self.mark() != named or authors != sorted(set(authors)):
            return None
        state, heads, public = State(self.notebook), {}, {}
        try:
            for statement in map(Statement.from_bytes, self.statements):
                state = state.after(statement)
                heads[state.head] = state
                public |= {holder: found.public for holder, found in state.holders.items()}
        except Refused:
            return None

        def counts(frame):
            then = heads.get(frame.head)
            return (then is not None and frame.notebook == self.notebook and then.may_write(frame.author)
                    and frame.epoch == then.epoch and frame.signed_by(public[frame.author]))

        ends, words = {end.author: end for end in self.ends}, []
        if not all(map(counts, self.ends)):
            return None
        for part in self.parts:
            end = ends.get(part.end.author)
            if end is None or not counts(part.end) or not part.is_proven():
                return None
            earlier = part.end.sequence < end.sequence and part.end.attempt <= end.attempt
            late = any(int.from_bytes(change.stamp[:8], "big") > part.end.clock for change in part.changes)
            if late or not (earlier or part.end.hash() == end.hash()):
                return None
            words += self.leaves(part)
        return words

    @staticmethod
    def leaves(part):
        changes, sequence = iter(part.changes), part.end.sequence - len(part.envelopes)
        for one in part.envelopes:
            sequence += 1
            if not isinstance(one, list):
                one = [(hmac.digest(one[0], u(4, place), "sha256")[:16],) for place in range(one[1])]
            for kept in (leaf for leaf in one if not isinstance(leaf, bytes)):
                change = next(changes)
                yield part.end.author, sequence, keyed_leaf(kept[0], change), change
