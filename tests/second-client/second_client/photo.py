"""Photos and thumbnails into sealed chunks and back. What lies in a drawer is sealed in the same way."""

import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .envelope import padme
from .keys import h, hkdf
from .wire import FormatError, Reader, u

CHUNK = 128 * 1024
THUMBNAIL = 16 * 1024


def name(first_key, notebook, entry, epoch):
    return hkdf(first_key, notebook + entry + u(4, epoch), "ayumi photo name 2")


def thumbnail_name(first_key, notebook, entry, epoch):
    return hkdf(first_key, notebook + entry + u(4, epoch), "ayumi thumbnail name 2")


def nonce(number, last):
    return u(8, number) + bytes(3) + u(1, last)


def seal(key, epoch, photo_name, data, padded=padme):
    # The salt follows from the photo, under a key of its own: the same photo gives the same bytes.
    salt = hmac.digest(hkdf(key, photo_name, "ayumi photo salt 2"), data, "sha256")
    clear = u(8, len(data)) + data
    clear = clear.ljust(padded(len(clear)), b"\0")
    parts = [clear[at : at + CHUNK] for at in range(0, len(clear), CHUNK)]
    cipher = AESGCM(hkdf(key, salt, "ayumi photo 2"))
    chunks = [cipher.encrypt(nonce(i, i + 1 == len(parts)), part, photo_name) for i, part in enumerate(parts)]
    chunks[0] = b"\1" + u(4, epoch) + salt + chunks[0]
    return chunks


def seal_thumbnail(key, epoch, its_name, data):
    """One chunk, as long as all others."""
    [chunk] = seal(key, epoch, its_name, data, lambda length: -(-length // THUMBNAIL) * THUMBNAIL)
    return chunk


def opened(epoch_keys, photo_name, chunks):
    reader = Reader(chunks[0])
    reader.expect(1, 1)
    epoch, salt = reader.number(4), reader.take(32)
    if epoch not in epoch_keys:
        raise FormatError("an epoch that is not known")
    cipher = AESGCM(hkdf(epoch_keys[epoch], salt, "ayumi photo 2"))
    parts = [reader.rest(), *chunks[1:]]
    try:
        clear = [cipher.decrypt(nonce(i, i + 1 == len(parts)), part, photo_name) for i, part in enumerate(parts)]
    except InvalidTag as error:
        raise FormatError("not this photo") from error
    inside = Reader(b"".join(clear))
    return inside.take(inside.number(8))


def stored_under(slot, photo_name):
    return h("ayumi blob slot 2", slot, photo_name)
