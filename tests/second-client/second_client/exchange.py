"""Requests and replies of the three endpoints."""

from dataclasses import dataclass, field

from .keys import h, verifies
from .wire import FormatError, Reader, blob, difference, many, u, varint

STATEMENT, ENVELOPE, CARRIED_ENVELOPE, CARRIED_STATEMENT, REMNANT = range(1, 6)
CONTROL_ONLY, OWN_BODIES = 1, 2
OWN = 3
AGREES, GONE, STATED, CLOSED, RECEIPT, ENDS = 1, 2, 4, 8, 16, 32

OF_ENVELOPE = "other_notebook not_a_writer signature forked old_epoch clock_ahead gap sequence_taken chain not_erased"
OF_ENVELOPE = OF_ENVELOPE.split()
OF_STATEMENT = (
    "head_moved other_notebook not_a_holder signature not_allowed expired known_keys no_such_holder last_owner "
    "wraps limit weak_keys senior"
).split()


@dataclass
class Request:
    notebook: bytes
    author: bytes
    # Nothing, ("token", 24 bytes) or ("signed", challenge, origin, signature).
    proof: tuple = ()
    flags: int = 0
    after: int = 0
    prefix: bytes = bytes(16)
    page: int = 1 << 20
    pieces: list = field(default_factory=list)
    # What a municipality hands out: with it a notebook may begin.
    ticket: bytes | None = None
    # What the server signed before.
    ends: list = field(default_factory=list)

    def caller(self):
        match self.proof:
            case ():
                proof = b"\0"
            case ("token", token):
                proof = b"\1" + token
            case ("signed", challenge, origin, signature):
                proof = b"\2" + challenge + blob(origin) + signature
        return u(1, 2) + self.notebook + self.author + proof

    def to_bytes(self):
        pieces = many(u(1, kind) + blob(body) for kind, body in self.pieces)
        ticket = b"\0" if self.ticket is None else b"\1" + self.ticket
        return self.caller() + u(1, self.flags) + varint(self.after) + self.prefix + varint(self.page) + ticket + many(end.to_bytes() for end in self.ends) + pieces

    @classmethod
    def read_caller(cls, r):
        r.expect(1, 2)
        request = cls(r.take(16), r.take(16))
        match r.number(1):
            case 0:
                pass
            case 1:
                request.proof = ("token", r.take(24))
            case 2:
                request.proof = ("signed", r.take(24), r.blob(), r.take(64))
            case _:
                raise FormatError("a proof")
        return request

    @classmethod
    def from_bytes(cls, data):
        r = Reader(data)
        request = cls.read_caller(r)
        request.flags, request.after, request.prefix, request.page = r.number(1), r.varint(), r.take(16), r.varint()
        request.ticket = r.take(16) if r.number(1) else None
        request.ends = r.list(lambda: Receipt.read(r))
        request.pieces = r.list(lambda: (r.number(1), r.blob()))
        r.end()
        return request


@dataclass
class Receipt:
    """An end that a server signed, as it is shown that server again, and what of the log before it leads to it."""

    server: bytes
    # The signed end, as bytes.
    signed: bytes
    before: bytes = bytes(16)
    # (hash, time taken).
    items: list = field(default_factory=list)

    def to_bytes(self):
        items, time = [], End.from_bytes(self.signed).taken
        for item, taken in self.items:
            items.append(item + difference(taken - time))
            time = taken
        return self.server + self.signed + varint(len(items)) + (self.before if items else b"") + b"".join(items)

    @classmethod
    def read(cls, r):
        receipt = cls(r.take(32), r.take(161))
        count = r.varint()
        if count:
            receipt.before, time = r.take(16), End.from_bytes(receipt.signed).taken
        for _ in range(count):
            item = r.take(32)
            time += r.difference()
            receipt.items.append((item, time))
        return receipt

    def proves(self):
        """The items that the signed prefix follows from."""
        prefix = self.before
        for item, taken in self.items:
            prefix = h("ayumi log 2", prefix, item, u(8, taken))[:16]
        return [item for item, _ in self.items] if prefix == End.from_bytes(self.signed).prefix else []


def server_key_hash(key):
    return h("ayumi server key 2", key)


@dataclass
class Challenge:
    challenge: bytes
    clock: int
    store: bytes
    server: bytes
    # The hash of the key that will follow.
    next: bytes
    signature: bytes = bytes(64)

    def unsigned(self):
        return u(1, 2) + self.challenge + u(8, self.clock) + self.store + self.server + self.next

    def to_bytes(self):
        return self.unsigned() + self.signature

    def sign(self, keys):
        self.signature = keys.sign("ayumi challenge 2", self.unsigned())
        return self

    def is_genuine(self):
        return verifies(self.server, "ayumi challenge 2", self.unsigned(), self.signature)

    @classmethod
    def from_bytes(cls, data):
        r = Reader(data)
        r.expect(1, 2)
        challenge = cls(r.take(24), r.number(8), r.take(16), r.take(32), r.take(32), r.take(64))
        r.end()
        return challenge

    def signed_bytes(self, origin, notebook, author):
        return self.server + self.store + blob(origin) + self.challenge + notebook + author


def read_refusal(r):
    """A refusal: (its kind, its number, the expected sequence of a gap)."""
    kind = r.number(1)
    number = r.number(1) if kind in (1, 2) else None
    return kind, number, r.varint() if (kind, number) == (1, OF_ENVELOPE.index("gap")) else None


def write_refusal(kind, number, expected):
    return u(1, kind) + (b"" if number is None else u(1, number)) + (b"" if expected is None else varint(expected))


def refusal_text(kind, number, expected=None):
    names = {1: OF_ENVELOPE, 2: OF_STATEMENT}.get(kind)
    if names is None:
        return {3: "quota", 4: "malformed", 5: "not_tried"}.get(kind, "unknown")
    return names[number] if number < len(names) else "unknown"


@dataclass
class Reply:
    clock: int
    flags: int
    end: int
    # (store epoch, prefix, chain head, time taken), if the flag says so: who has a token knows the first.
    stated: tuple
    signature: bytes
    own: int
    token: bytes | None
    # (1, position) or (2, refusal).
    answers: list
    # (position, time taken, kind of body, blob or number).
    items: list
    # When the server would have deleted the notebook, had nobody come.
    ends: int | None = None
    # Why the server's chain stands against the one that it was told: a signed end, as bytes.
    receipt: bytes | None = None

    @classmethod
    def from_bytes(cls, data):
        r = Reader(data)
        r.expect(1, 2)
        clock, flags, end = r.number(8), r.number(1), r.varint()
        stated = (r.take(16), r.take(16), r.take(32), r.number(8)) if flags & STATED else ()
        reply = cls(clock, flags, end, stated, r.take(64), r.varint(), None, [], [])
        reply.ends = r.number(8) if flags & ENDS else None
        reply.token = r.take(24) if r.number(1) else None
        reply.receipt = r.take(161) if flags & RECEIPT else None
        for _ in range(r.varint()):
            match r.number(1):
                case 1:
                    reply.answers.append((1, r.varint()))
                case 2:
                    reply.answers.append((2, *read_refusal(r)))
                case _:
                    raise FormatError("an answer")
        # Positions rise from 0; times are told from the server's clock.
        position, time = 0, reply.clock
        for _ in range(r.varint()):
            position, time = position + r.varint(), time + r.difference()
            kind = r.number(1)
            body = r.blob() if kind in (1, 2, REMNANT) else (r.varint(), r.take(32)) if kind == OWN else r.varint()
            reply.items.append((position, time, kind, body))
        r.end()
        return reply

    def to_bytes(self):
        answers, items, before = [], [], (0, self.clock)
        for kind, *answer in self.answers:
            match kind:
                case 1:
                    body = varint(answer[0])
                case _:
                    body = write_refusal(*answer)
            answers.append(u(1, kind) + body)
        for position, time, kind, body in self.items:
            told = blob(body) if kind in (1, 2, REMNANT) else varint(body[0]) + body[1] if kind == OWN else varint(body)
            items.append(varint(position - before[0]) + difference(time - before[1]) + u(1, kind) + told)
            before = (position, time)
        token = b"\0" if self.token is None else b"\1" + self.token
        stated = self.stated and b"".join(self.stated[:3]) + u(8, self.stated[3])
        head = u(1, 2) + u(8, self.clock) + u(1, self.flags) + varint(self.end) + (stated or b"")
        ends = u(8, self.ends) if self.flags & ENDS else b""
        receipt = self.receipt or b""
        return head + self.signature + varint(self.own) + ends + token + receipt + many(answers) + many(items)


@dataclass
class End:
    """The end of a log, which a server signs with every reply."""

    notebook: bytes
    store: bytes
    position: int
    prefix: bytes
    head: bytes
    taken: int
    signature: bytes = bytes(64)

    def unsigned(self):
        return u(1, 2) + self.notebook + self.store + u(8, self.position) + self.prefix + self.head + u(8, self.taken)

    @classmethod
    def from_bytes(cls, data):
        r = Reader(data)
        r.expect(1, 2)
        end = cls(r.take(16), r.take(16), r.number(8), r.take(16), r.take(32), r.number(8), r.take(64))
        r.end()
        return end
