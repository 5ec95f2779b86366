"""The two places where names follow from something else: a notebook's id and a stamp's device."""

import hashlib
from os import urandom
from time import time_ns

def notebook_of(founding):
    """The id that follows from a founding statement: its bytes without the notebook's and without the signature."""
    return hashlib.sha256(b"ayumi notebook 2\0" + founding[:1] + founding[17:-64]).digest()[:16]


def notebook_fits(founding):
    """Whether the notebook that a founding statement names is its own."""
    return founding[1:17] == notebook_of(founding)


def new_entry():
    clock = (time_ns() // 1_000_000).to_bytes(6, "big")
    rest = bytearray(urandom(10))
    rest[0] = rest[0] & 0x0F | 0x70
    rest[2] = rest[2] & 0x3F | 0x80
    return clock + bytes(rest)


def device_of(author):
    """The device in an author's stamps."""
    return author[:8]


last = 0


def clock_now():
    """A clock reading: milliseconds in the upper 48 bits, a counter in the lower 16; each is greater than the one before."""
    global last
    last = max(time_ns() // 1_000_000 << 16, last + 1)
    return last


def clock_of(change):
    return int.from_bytes(change.stamp[:8], "big")


def text(ident):
    h = ident.hex()
    return "-".join((h[:8], h[8:12], h[12:16], h[16:20], h[20:]))


def from_text(name):
    return bytes.fromhex(name.replace("-", ""))


def stamp_text(stamp):
    return f"{stamp[:8].hex()}-{stamp[8:].hex()}"
