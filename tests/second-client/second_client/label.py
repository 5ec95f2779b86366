"""A member's name and, in the founder's label, what the notebook is for; sealed under the key of an epoch, for this holder only."""

from os import urandom

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .keys import hkdf
from .wire import Reader, u

PADDED = 256
# What a notebook is for, in its founder's label.
PREGNANCY, CHILD, PRIVATE = 1, 2, 3


def seal(key, epoch, notebook, public, text, founded_for=0, salt=None, release=bytes(32)):
    name = text.encode()
    salt = salt or urandom(32)
    clear = (u(1, founded_for) + u(2, len(name)) + name).ljust(PADDED - 32, b"\0") + release
    sealed = AESGCM(hkdf(key, salt, "ayumi label 2")).encrypt(bytes(12), clear, notebook + public[:32])
    return u(4, epoch) + salt + sealed


def opened(epoch_keys, notebook, nonce, holder):
    """The name of a holder. The founder's was sealed before the notebook had its id, and bound to the nonce."""
    inside = unsealed(epoch_keys, notebook, nonce, holder)
    if inside is None:
        return None
    inside = Reader(inside)
    inside.number(1)
    return inside.take(inside.number(2)).decode()


def release_of(epoch_keys, notebook, nonce, holder):
    """The release key of a code; nothing for everybody else."""
    inside = unsealed(epoch_keys, notebook, nonce, holder)
    return inside[-32:] if inside and any(inside[-32:]) else None


def unsealed(epoch_keys, notebook, nonce, holder):
    reader = Reader(holder.label)
    key, salt = epoch_keys.get(reader.number(4)), reader.take(32)
    if key is None:
        return None
    cipher = AESGCM(hkdf(key, salt, "ayumi label 2"))
    sealed = reader.rest()
    for bound in (notebook, nonce):
        try:
            return cipher.decrypt(bytes(12), sealed, bound + holder.public[:32])
        except InvalidTag:
            continue
    return None
