"""An envelope: a signed frame that everybody can read, around changes that only holders of the key can."""

from dataclasses import dataclass, replace
from os import urandom

import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .batch import Batch, sha256
from .keys import hkdf, verifies
from .wire import FormatError, Reader, u

PURPOSE = "ayumi envelope 2"
CONTENT, ENVELOPE, CHANGES, BODY = 4_194_304, 1_048_576, 2500, 262_144


def padme(length):
    if length < 2:
        return length
    exponent = length.bit_length() - 1
    mask = (1 << exponent - exponent.bit_length()) - 1
    return length + mask & ~mask


@dataclass
class Envelope:
    notebook: bytes
    epoch: int
    head: bytes
    author: bytes
    sequence: int
    attempt: int
    previous: bytes
    clock: int
    author_hash: bytes
    salt: bytes
    ciphertext: bytes = b""
    signature: bytes = b""
    version: int = 2
    kind: int = 1
    # Length and hash of a ciphertext that is not here any more.
    sealed_as: bytes = b""

    def header(self):
        return (
            u(1, self.version) + u(1, self.kind) + self.notebook + u(4, self.epoch) + self.head + self.author
            + u(8, self.sequence) + u(4, self.attempt) + self.previous + u(8, self.clock) + self.author_hash + self.salt
        )

    def unsigned(self):
        return self.header() + (self.sealed_as or u(4, len(self.ciphertext)) + sha256(self.ciphertext))

    def to_bytes(self):
        return self.unsigned() + self.signature + self.ciphertext

    def hash(self):
        return sha256(self.unsigned())

    def signed_by(self, public):
        return verifies(public[:32], PURPOSE, self.unsigned(), self.signature)

    @classmethod
    def from_frame(cls, data):
        """A frame without its ciphertext: all that names the envelope is in it."""
        r = Reader(data)
        envelope = cls.read_header(r)
        envelope.sealed_as, envelope.signature = r.take(36), r.take(64)
        r.end()
        return envelope

    @classmethod
    def read_header(cls, r):
        version, kind = r.number(1), r.number(1)
        return cls(r.take(16), r.number(4), r.take(32), r.take(16), r.number(8), r.number(4), r.take(32),
                   r.number(8), r.take(32), r.take(32), version=version, kind=kind)

    @classmethod
    def from_bytes(cls, data):
        r = Reader(data)
        envelope = cls.read_header(r)
        length, digest = r.number(4), r.take(32)
        envelope.signature, envelope.ciphertext = r.take(64), r.rest()
        if len(envelope.ciphertext) != length or sha256(envelope.ciphertext) != digest or len(data) > ENVELOPE:
            raise FormatError("not a good frame")
        return envelope

    def sealed(self, keys, epoch_key, content):
        """With this content inside, signed; `content` is the clear bytes before compression."""
        key = hkdf(epoch_key, self.salt, "ayumi envelope 2")
        new = replace(self, ciphertext=sealed_text(key, self.header(), content))
        new.signature = keys.sign(PURPOSE, new.unsigned())
        return new

    def content(self, epoch_key):
        """The clear bytes inside, uncompressed. What is of another version, or beyond a limit, is not read."""
        if (self.version, self.kind) != (2, 1):
            raise FormatError("another version or kind")
        key = hkdf(epoch_key, self.salt, "ayumi envelope 2")
        return opened_text(key, self.header(), self.ciphertext, CONTENT)

    def batch(self, epoch_key):
        batch = Batch.from_bytes(self.content(epoch_key), self.author)
        if len(batch.changes) > CHANGES or any(len(change.body) > BODY for change in batch.changes):
            raise FormatError("too many changes")
        return batch


def sealed_text(key, associated, content):
    """Compressed, padded, sealed."""
    packed = zstandard.compress(content)
    clear = u(4, len(packed)) + packed
    return AESGCM(key).encrypt(bytes(12), clear.ljust(padme(len(clear)), b"\0"), associated)


def opened_text(key, associated, ciphertext, most):
    """What was sealed, if it unpacks to so many bytes at most."""
    try:
        reader = Reader(AESGCM(key).decrypt(bytes(12), ciphertext, associated))
        packed = reader.take(reader.number(4))
        content = zstandard.ZstdDecompressor().stream_reader(packed).read(most + 1)
    except (InvalidTag, zstandard.ZstdError) as error:
        raise FormatError("not sealed as it should be") from error
    if len(content) > most:
        raise FormatError("too much inside")
    return content


def new_salt():
    return urandom(32)
