"""Keys, their names, signatures, and which keys are refused."""

import hashlib
import hmac
from os import urandom

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, hpke
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .wire import u

SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
P = 2**255 - 19


def h(purpose, *parts):
    return hashlib.sha256(purpose.encode() + b"\0" + b"".join(parts)).digest()


def hkdf(secret, salt, purpose):
    return HKDF(hashes.SHA256(), 32, salt or None, purpose.encode()).derive(secret)


def name_of(public):
    """The name of a pair of public keys, 64 bytes in all."""
    return h("ayumi key 2", public)[:16]


class Keys:
    """The two keys of a device in one notebook."""

    def __init__(self, sign=None, agree=None):
        self.sign_secret = Ed25519PrivateKey.from_private_bytes(sign or urandom(32))
        self.agree_secret = X25519PrivateKey.from_private_bytes(agree or urandom(32))
        self.public = self.sign_secret.public_key().public_bytes_raw() + self.agree_secret.public_key().public_bytes_raw()
        self.name = name_of(self.public)
        # Of a code: what its wraps are sealed under.
        self.release = None

    @classmethod
    def from_code(cls, secret, salt, purpose):
        stage = hkdf(secret.ljust(32, b"\0"), salt, purpose)
        return cls(hkdf(stage, b"", purpose + " sign"), hkdf(stage, b"", purpose + " agree"))

    def sign(self, purpose, data):
        return self.sign_secret.sign(purpose.encode() + b"\0" + data)


def verifies(sign_key, purpose, data, signature):
    try:
        Ed25519PublicKey.from_public_bytes(sign_key).verify(signature, purpose.encode() + b"\0" + data)
    except (InvalidSignature, ValueError):
        return False
    return True


def low_order():
    """Encodings of points of low order, counted out here rather than copied: Ed25519 fourteen, X25519 five."""
    d = -121665 * pow(121666, -1, P) % P
    root = pow(2, (P - 1) // 4, P)

    def sqrt(a):
        r = pow(a, (P + 3) // 8, P)
        return next((x for x in (r, r * root % P) if x * x % P == a % P), None)

    # The y of the points of order 1, 2 and 4; those of order 8 solve d y^4 + 2 y^2 - 1 = 0.
    ys = {1, P - 1, 0}
    inner = sqrt((1 + d) % P)
    for r in (inner, P - inner) if inner is not None else ():
        y = sqrt((r - 1) * pow(d, -1, P) % P)
        if y is not None:
            ys |= {y, P - y}
    # Each in all its encodings: either sign, and y + p where it fits.
    ed = set()
    for y in ys:
        for form in (y, y + P):
            if form < 2**255:
                ed |= {(form | sign << 255).to_bytes(32, "little") for sign in (0, 1)}
    # The map of RFC 7748 between the two curves.
    x25519 = {(1 + y) * pow(1 - y, -1, P) % P for y in ys if y != 1} | {0, 1, P - 1}
    return ed, {x.to_bytes(32, "little") for x in x25519}


WEAK_SIGN, WEAK_AGREE = low_order()


def weak(public):
    sign, agree = public[:32], public[32:]
    return sign in WEAK_SIGN or agree in WEAK_AGREE or int.from_bytes(agree, "little") >= P


def wrap_info(notebook, epoch, holder, author):
    return b"ayumi wrap 2\0" + notebook + u(4, epoch) + holder + author


def wrap(public, epoch_key, notebook, epoch, author):
    info = wrap_info(notebook, epoch, name_of(public), author)
    return SUITE.encrypt(epoch_key, X25519PublicKey.from_public_bytes(public[32:]), info)


def under(release, wrapped):
    """A wrap for a code, sealed once more under its release key."""
    if release is None:
        return wrapped
    salt = urandom(16)
    return salt + AESGCM(hkdf(release, salt, "ayumi release 2")).encrypt(bytes(12), wrapped, None)


def released(release, sealed):
    try:
        return AESGCM(hkdf(release, sealed[:16], "ayumi release 2")).decrypt(bytes(12), sealed[16:], None)
    except (InvalidTag, ValueError):
        return sealed


def unwrap(keys, wrapped, notebook, epoch, author):
    """The key of an epoch, or nothing if it was not wrapped for these keys."""
    wrapped = released(keys.release, wrapped) if keys.release else wrapped
    try:
        key = SUITE.decrypt(wrapped, keys.agree_secret, wrap_info(notebook, epoch, keys.name, author))
    except (InvalidTag, ValueError):
        return None
    return key if len(key) == 32 else None


def commitment(key, notebook, epoch):
    return hkdf(key, notebook + u(4, epoch), "ayumi epoch commitment 2")


def proof(secret, notebook, purpose, data):
    return hmac.digest(hkdf(secret.ljust(32, b"\0"), notebook, purpose), data, "sha256")


def random_key():
    return urandom(32)
