"""A log as this device knows it: read item by item, and nothing believed that does not follow."""

from . import ids
from .batch import author_next, author_start, leaf
from .chain import Chain, Refused
from .envelope import Envelope
from .erasing import Opened, Remnant
from .exchange import REMNANT, STATEMENT
from .keys import h
from .statement import NOTHING, Statement
from .wire import FormatError, u

YEAR_2100 = 4_102_444_800_000 << 16


class Log:
    def __init__(self, notebook):
        self.chain = Chain(notebook)
        # Every author's line, in the order of sequences, and where each stands in the log.
        self.lines, self.seen = {}, {}
        # What is left of envelopes of which words were erased.
        self.openings = {}
        self.end, self.time, self.prefix = 0, 0, bytes(16)

    def take(self, position, time, body, kind):
        """The next item; its place in the prefix is that of its hash and the time at which it was taken."""
        if position != self.end + 1:
            raise Refused("a hole in the log")
        if time < self.time:
            raise Refused("a time that fell")
        if kind == REMNANT:
            remnant = Remnant(body)
            item, self.openings[remnant.envelope.hash()] = remnant.envelope, remnant.opening
        else:
            item = (Statement if kind == STATEMENT else Envelope).from_bytes(body)
        if kind == STATEMENT:
            self.chain.take(item)
        else:
            self.accept(item)
            self.seen[item.hash()] = item
            self.lines.setdefault(item.author, [])[item.sequence - 1 :] = [item]
        self.prefix = h("ayumi log 2", self.prefix, item.hash(), u(8, time))[:16]
        self.end, self.time = position, time

    def accept(self, e):
        """What every phone asks of an envelope, wherever it stands in the log."""
        if e.notebook != self.chain.notebook:
            raise Refused("other_notebook")
        state = self.chain.at(e.head)
        if state is None:
            raise Refused("forked")
        if not state.may_write(e.author) or self.beyond(e):
            raise Refused("not_a_writer")
        if not e.signed_by(state.holders[e.author].public):
            raise Refused("signature")
        if e.epoch != state.epoch:
            raise Refused("old_epoch")
        if e.clock >= YEAR_2100:
            raise Refused("clock_ahead")
        line = self.lines.get(e.author, [])
        if e.sequence > len(line) + 1:
            raise Refused("gap")
        before = line[e.sequence - 2] if e.sequence > 1 else None
        fits = e.sequence >= 1 and e.previous == (before.hash() if before else NOTHING)
        last = line[-1].attempt if line else 0
        goes_on = e.sequence == len(line) + 1 and fits and e.attempt >= last
        # What takes the place of others has a greater attempt than the end of the line.
        if not goes_on and (e.sequence == 0 or e.sequence <= len(line) and e.attempt <= last):
            raise Refused("sequence_taken")
        if not fits or (line and not goes_on and e.attempt <= last):
            raise Refused("chain")
        places = self.chain.places
        if before and (e.clock < before.clock or places[e.head] < places[before.head]):
            raise Refused("chain")

    def beyond(self, e):
        """Whether a cutoff ends its author's writing before this envelope, made at a head from before the cutoff."""
        place = self.chain.places[e.head]
        return any(
            author == e.author and place <= at
            and (e.sequence > sequence or e.attempt > attempt or e.sequence == sequence and e.hash() != last)
            for author, sequence, attempt, last, at in self.chain.state.cutoffs
        )

    def counting(self):
        """All envelopes that count: whatever took its place later, only what leads up to a cutoff's hash, and what was
        written at a head behind it."""
        for author, line in self.lines.items():
            counted = line
            for cut, _, _, last, at in self.chain.state.cutoffs:
                if cut == author:
                    counted = self.leading_to(last) + [e for e in counted if self.chain.places[e.head] > at]
            yield from counted

    def leading_to(self, last):
        path = []
        while last in self.seen:
            path.append(self.seen[last])
            last = path[-1].previous
        return path[::-1]

    def line_end(self, author):
        return (self.lines.get(author) or [None])[-1]

    def read(self, epoch_keys):
        """(author, change) of everything that can be read and fits its author hash; and what was put aside, and why."""
        shown, aside, hashes, greatest = [], [], {}, {}
        for e in self.counting():
            before = hashes.get(e.previous) or author_start(e.notebook, e.author)
            hashes[e.hash()] = e.author_hash
            # The greatest clock in the author's line.
            line = greatest[e.hash()] = greatest.get(e.previous, -1)
            try:
                keyed = self.changes(e, before, epoch_keys)
            except FormatError as error:
                aside.append((e, str(error)))
                continue
            changes = [change for _, change in keyed]
            if any(ids.clock_of(change) > e.clock for change in changes):
                aside.append((e, "a stamp later than its envelope"))
            elif any(change.read_body() is None for change in changes):
                aside.append((e, "a body that cannot be read"))
            else:
                greatest[e.hash()] = max([line, *map(ids.clock_of, changes)])
                smallest = {}
                for its_leaf, change in keyed:
                    name = change.kind, change.entry, change.stamp
                    smallest[name] = min(its_leaf, smallest.get(name, its_leaf))
                for its_leaf, change in keyed:
                    if its_leaf != smallest[change.kind, change.entry, change.stamp]:
                        aside.append((e, "another body under its stamp"))
                    elif ids.clock_of(change) <= line:
                        aside.append((e, "a stamp below an earlier one of its author's"))
                    else:
                        shown.append((e.author, change))
        return shown, aside

    def changes(self, e, before, epoch_keys):
        """What stands in an envelope, with leaves: what was erased of it is not shown, whoever shows it."""
        places, _ = self.chain.erased(e)
        if e.sealed_as:
            opening = self.openings[e.hash()]
            if places is None:
                return []
            if opening is None or opening.epoch not in epoch_keys:
                raise FormatError("no opening that can be read")
            opened = Opened.from_bytes(opening.content(epoch_keys[opening.epoch], e.hash()), e.author)
            return opened.proven(before, e.author_hash, places)
        if e.epoch not in epoch_keys:
            raise FormatError("a key that is not known")
        batch = e.batch(epoch_keys[e.epoch])
        if author_next(before, batch) != e.author_hash:
            raise FormatError("an author hash that does not fit")
        before = self.seen.get(e.previous)
        if not batch.changes and e.clock != (before.clock if before else 0):
            raise FormatError("a time without words")
        return [
            (leaf(batch.seed, place, change), change)
            for place, change in enumerate(batch.changes) if places is not None and place not in places
        ]
