"""The two smaller endpoints: photos and thumbnails in chunks, and the drawer that a recovery sheet opens."""

import hashlib
from dataclasses import dataclass

from .exchange import Request
from .keys import h
from .wire import FormatError, Reader, blob, many, u

ASK, PUT, GET, DROP, GATHER = 1, 2, 3, 4, 5


@dataclass
class BlobRequest:
    caller: Request
    name: bytes
    # ASK; (PUT, number, of, chunk); (GET, slot, from); (DROP, slot); (GATHER, slot, [(name, slot)]).
    what: tuple

    def to_bytes(self):
        match self.what:
            case (1,):
                what = b""
            case (2, number, of, chunk):
                what = u(4, number) + u(4, of) + blob(chunk)
            case (3, slot, start):
                what = slot + u(4, start)
            case (4, slot):
                what = slot
            case (5, slot, more):
                what = slot + many(name + slot for name, slot in more)
        return self.caller.caller() + self.name + u(1, self.what[0]) + what

    @classmethod
    def from_bytes(cls, data):
        r = Reader(data)
        request = cls(Request.read_caller(r), r.take(32), ())
        match r.number(1):
            case 1:
                request.what = (ASK,)
            case 2:
                request.what = (PUT, r.number(4), r.number(4), r.blob())
            case 3:
                request.what = (GET, r.take(16), r.number(4))
            case 4:
                request.what = (DROP, r.take(16))
            case 5:
                request.what = (GATHER, r.take(16), r.list(lambda: (r.take(32), r.take(16))))
            case _:
                raise FormatError("a blob request")
        r.end()
        return request


@dataclass
class BlobReply:
    of: int
    there: int
    hash: bytes
    chunks: list

    def to_bytes(self):
        return u(1, 1) + u(4, self.of) + u(4, self.there) + self.hash + many(blob(chunk) for chunk in self.chunks)

    @classmethod
    def from_bytes(cls, data):
        r = Reader(data)
        r.expect(1, 1)
        reply = cls(r.number(4), r.number(4), r.take(32), r.list(r.blob))
        r.end()
        return reply


def hash_over(chunks):
    """What a server says of a whole blob."""
    return h("ayumi blob 2", *(hashlib.sha256(chunk).digest() for chunk in chunks))


def drawer_name(sign_key):
    return h("ayumi drawer name 2", sign_key)[:16]


def drawer_look(name):
    return b"\1\1" + name


@dataclass
class DrawerFill:
    key: bytes
    edition: int
    sealed: bytes
    signature: bytes = b""

    def signed_bytes(self):
        return u(8, self.edition) + self.sealed

    def to_bytes(self):
        return b"\1\2" + self.key + u(8, self.edition) + blob(self.sealed) + self.signature

    @classmethod
    def from_bytes(cls, data):
        r = Reader(data)
        r.expect(1, 1)
        r.expect(1, 2)
        fill = cls(r.take(32), r.number(8), r.blob(), r.take(64))
        r.end()
        return fill


def read_drawer(data):
    """A drawer's answer: edition and what lies in it."""
    r = Reader(data)
    r.expect(1, 1)
    edition, sealed = r.number(8), r.blob()
    r.end()
    return edition, sealed


def read_release(data):
    """A release key, or nothing."""
    r = Reader(data)
    r.expect(1, 1)
    key = r.take(32) if r.number(1) else None
    r.end()
    return key
