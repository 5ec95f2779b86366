"""A control statement: who holds the notebook, one decision after the other."""

from dataclasses import dataclass

from .batch import sha256
from .keys import verifies
from .wire import FormatError, Reader, blob, many, u

FOUND, INVITE, JOIN, PRINT, RECOVER, REMOVE, LEAVE, EPOCH, ROLE, CLOSE, REOPEN, ERASE, REKEY = range(1, 14)
READER, WRITER, OWNER = range(1, 4)
PURPOSE = "ayumi control 2"
REKEY_PURPOSE = "ayumi rekey 2"
NOTHING = bytes(32)
CUTOFF_LINES = 16

PARTS = {
    FOUND: ("nonce", "person", "holder", "new_epoch"),
    INVITE: ("holder", "person", "role", "end", "epochs", "proof"),
    JOIN: ("holder", "epochs"),
    PRINT: ("holder", "epochs", "proof"),
    RECOVER: ("holder", "epochs", "left_out", "new_epoch"),
    REMOVE: ("target", "cutoff", "new_epoch"),
    LEAVE: ("cutoff",),
    EPOCH: ("new_epoch",),
    ROLE: ("target", "role", "cutoff"),
    CLOSE: ("server", "at_once"),
    REOPEN: ("server",),
    ERASE: ("words_of", "erased"),
    REKEY: ("holder", "epochs", "cutoff", "new_signature"),
}


def read_erased(reader):
    """Envelopes as (sequence, attempt, places), rising; at least one."""
    named = reader.list(lambda: (reader.number(8), reader.number(4), reader.list(lambda: reader.number(4))))
    rising = [(sequence, attempt) for sequence, attempt, _ in named]
    if not named or rising != sorted(set(rising)) or any(places != sorted(set(places)) for *_, places in named):
        raise FormatError("erased envelopes do not rise")
    return named


def read_cutoff(reader):
    """The last envelopes that count, as (sequence, attempt, hash), rising; none if there are none."""
    ends = reader.list(lambda: (reader.number(8), reader.number(4), reader.take(32)))
    if len(ends) > CUTOFF_LINES or ends != sorted(set(ends)) or any(sequence == 0 for sequence, *_ in ends):
        raise FormatError("a cutoff does not rise")
    return ends


def read_part(reader, name):
    match name:
        case "holder":
            return reader.take(64), reader.blob()
        case "role":
            role = reader.number(1)
            if role not in (READER, WRITER, OWNER):
                raise FormatError("a role")
            return role
        case "end":
            return reader.number(8)
        case "epochs":
            return reader.list(lambda: (reader.number(4), reader.blob()))
        case "proof":
            return reader.take(32)
        case "new_signature":
            return reader.take(64)
        case "target" | "nonce" | "words_of" | "person":
            return reader.take(16)
        case "erased":
            return read_erased(reader)
        case "server":
            return reader.take(32)
        case "at_once":
            at_once = reader.number(1)
            if at_once > 1:
                raise FormatError("at once or not")
            return at_once
        case "cutoff":
            return read_cutoff(reader)
        case "left_out":
            return reader.list(lambda: (reader.take(16), read_part(reader, "cutoff")))
        case "new_epoch":
            return reader.take(32), reader.list(lambda: (reader.take(16), reader.blob()))


def write_part(name, part):
    match name:
        case "holder":
            return part[0] + blob(part[1])
        case "role" | "at_once":
            return u(1, part)
        case "end":
            return u(8, part)
        case "epochs":
            return many(u(4, epoch) + blob(wrap) for epoch, wrap in part)
        case "cutoff":
            return many(u(8, sequence) + u(4, attempt) + last for sequence, attempt, last in part)
        case "erased":
            return many(u(8, sequence) + u(4, attempt) + many(u(4, place) for place in places)
                        for sequence, attempt, places in part)
        case "left_out":
            return many(name + write_part("cutoff", cutoff) for name, cutoff in part)
        case "new_epoch":
            return part[0] + many(holder + blob(wrap) for holder, wrap in part[1])
        case _:
            return part


@dataclass
class Statement:
    notebook: bytes
    previous: bytes
    author: bytes
    action: int
    parts: dict
    signature: bytes = b""

    def names(self):
        names = PARTS[self.action]
        # Only who becomes a reader is cut off.
        return names[:2] if self.action == ROLE and self.parts.get("role", READER) != READER else names

    def unsigned(self):
        head = u(1, 2) + self.notebook + self.previous + self.author + u(1, self.action)
        return head + b"".join(write_part(name, self.parts[name]) for name in self.names())

    def to_bytes(self):
        return self.unsigned() + self.signature

    def hash(self):
        return sha256(self.unsigned())

    def before_proof(self):
        return self.unsigned()[:-32]

    def sign(self, keys):
        self.signature = keys.sign(PURPOSE, self.unsigned())
        return self

    def signed_by(self, public):
        return verifies(public[:32], PURPOSE, self.unsigned(), self.signature)

    def countersign(self, keys):
        self.parts["new_signature"] = keys.sign(REKEY_PURPOSE, self.unsigned()[:-64])
        return self

    def countersigned(self):
        """Whether the new keys of a rekeying signed it, too."""
        public, signature = self.parts["holder"][0], self.parts["new_signature"]
        return verifies(public[:32], REKEY_PURPOSE, self.unsigned()[:-64], signature)

    @classmethod
    def from_bytes(cls, data):
        reader = Reader(data)
        reader.expect(1, 2)
        notebook, previous, author, action = reader.take(16), reader.take(32), reader.take(16), reader.number(1)
        if action not in PARTS:
            raise FormatError("an action")
        parts = {}
        for name in PARTS[action]:
            if not (name == "cutoff" and action == ROLE and parts["role"] != READER):
                parts[name] = read_part(reader, name)
        statement = cls(notebook, previous, author, action, parts, reader.take(64))
        reader.end()
        return statement
