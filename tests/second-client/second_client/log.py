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
        # Every author's envelopes by their hashes, in the order of the log.
        self.written, self.seen = {}, {}
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
            self.written.setdefault(item.author, []).append(item)
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
        before = self.seen.get(e.previous)
        if before and before.author != e.author:
            before = None
        first = e.sequence == 1 and e.previous == NOTHING
        if not first and (not before or e.sequence != before.sequence + 1 or e.attempt < before.attempt):
            raise Refused("chain")
        places = self.chain.places
        if before and (e.clock < before.clock or places[e.head] < places[before.head]):
            raise Refused("chain")

    def beyond(self, e):
        """Whether a cutoff ends its author's writing before this envelope, made at a head from before the cutoff, as far as its
        numbers tell."""
        place, me = self.chain.places[e.head], (e.sequence, e.attempt, e.hash())
        return any(
            author == e.author and place <= at
            and not any(me == end or e.sequence < end[0] and e.attempt <= end[1] for end in ends)
            for author, ends, at in self.cuts(e.author)
        )

    def cuts(self, author):
        return [cut for cut in self.chain.state.cutoffs if cut[0] == author]

    def valid(self, author):
        """An author's envelopes that count by the heads that they name: of a time that a cutoff ended, those which it names and
        what leads up to them. What names no head of this chain is not here."""
        for e in self.written.get(author, []):
            place = self.chain.places[e.head]
            # The time ends with the first cutoff behind it.
            ended = min((cut for cut in self.cuts(author) if place <= cut[2]), key=lambda cut: cut[2], default=None)
            if ended is None or any(e in self.leading_to(last) for _, _, last in ended[1]):
                yield e

    def standing(self, author):
        """Of several behind the same one those with the greatest attempt stand, with all that follows them."""
        behind = {}
        for e in self.valid(author):
            behind.setdefault(e.previous, []).append(e)
        stand, reached = [], [NOTHING]
        while reached:
            here = behind.get(reached.pop(), [])
            best = [e for e in here if e.attempt == max(other.attempt for other in here)]
            stand += best
            reached += [e.hash() for e in best]
        return sorted(stand, key=lambda e: (e.attempt, e.sequence, e.hash()))

    def counting(self):
        for author in self.written:
            yield from self.standing(author)

    def leading_to(self, last):
        path = []
        while last in self.seen:
            path.append(self.seen[last])
            last = path[-1].previous
        return path[::-1]

    def line_end(self, author):
        """The greatest of those that stand."""
        return (self.standing(author) or [None])[-1]

    def cutoff(self, author):
        """The last of each line that stands, and the greatest that is there."""
        stand, all_of = self.standing(author), self.written.get(author, [])
        followed = {e.previous for e in stand}
        ends = [e for e in stand if e.hash() not in followed]
        greatest = sorted(all_of, key=lambda e: (e.attempt, e.sequence, e.hash()))[-1:]
        return sorted({(e.sequence, e.attempt, e.hash()) for e in ends + greatest})

    def two_tongues(self, author):
        places = [(e.sequence, e.attempt) for e in self.written.get(author, [])]
        return len(places) > len(set(places))

    def read(self, epoch_keys):
        """(author, change) of everything that can be read and fits its author hash; and what was put aside, and why."""
        found, aside, hashes, greatest, smallest = [], [], {}, {}, {}
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
                here = {}
                for its_leaf, change in keyed:
                    name = change.kind, change.entry, change.stamp
                    here[name] = min(its_leaf, here.get(name, its_leaf))
                for its_leaf, change in keyed:
                    name = change.kind, change.entry, change.stamp
                    if its_leaf != here[name]:
                        aside.append((e, "another body under its stamp"))
                    elif ids.clock_of(change) <= line:
                        aside.append((e, "a stamp below an earlier one of its author's"))
                    else:
                        found.append((e, its_leaf, name, change))
                        smallest[name] = min(its_leaf, smallest.get(name, its_leaf))
        # Of two lines' words for one stamp, too.
        aside += [(e, "another body under its stamp") for e, its_leaf, name, _ in found if its_leaf != smallest[name]]
        return [(e.author, change) for e, its_leaf, name, change in found if its_leaf == smallest[name]], aside

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
