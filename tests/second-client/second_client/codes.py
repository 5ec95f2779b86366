"""Codes on paper and in pictures, and the keys and proofs that are made of them."""

import hashlib
import hmac

from .keys import Keys, hkdf, proof
from .wire import FormatError

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTHS = {"J": (32, 42), "R": (16, 26), "M": (16,)}


def check_bytes(letter, payload):
    purpose = b"ayumi code 1" if letter == "M" else b"ayumi code 2"
    return hashlib.sha256(purpose + letter.encode() + payload).digest()[:3]


def read(text):
    """The letter, the bytes and the server of a code, however it is spaced."""
    body, _, server = text.partition("@")
    body = "".join(body.split()).replace("-", "").upper()
    letter, rest = body[0], body[1:].replace("O", "0").replace("I", "1").replace("L", "1")
    if letter not in LENGTHS or set(rest) - set(LETTERS):
        raise FormatError("not a code")
    value = 0
    for character in rest:
        value = value << 5 | LETTERS.index(character)
    over = len(rest) * 5 % 8
    payload = (value >> over).to_bytes(len(rest) * 5 // 8, "big")
    # One code has one form: the bits left over are zeros.
    if value & (1 << over) - 1 or len(payload) - 3 not in LENGTHS[letter]:
        raise FormatError("not a code")
    payload, given = payload[:-3], payload[-3:]
    if given != check_bytes(letter, payload):
        raise FormatError("a slip of the finger")
    return letter, payload, server or None


def write(letter, payload):
    whole = payload + check_bytes(letter, payload)
    count = -(-len(whole) * 8 // 5)
    value = int.from_bytes(whole, "big") << count * 5 - len(whole) * 8
    text = "".join(LETTERS[value >> 5 * at & 31] for at in reversed(range(count)))
    return "-".join([letter, *(text[at : at + 4] for at in range(0, count, 4))])


class Opener:
    """What an invitation's code or a recovery sheet's opens in one notebook."""

    def __init__(self, notebook, secret, purpose, server=b""):
        self.notebook, self.secret, self.purpose = notebook, secret, purpose
        # The first ten bytes of the hash of the server's key, if the code says so.
        self.server = server
        self.keys = Keys.from_code(secret, notebook, f"ayumi {purpose} 2")

    def proves(self, statement_bytes):
        """Whether the code made this statement, byte for byte up to the proof."""
        body, given = statement_bytes[:-96], statement_bytes[-96:-64]
        return hmac.compare_digest(given, proof(self.secret, self.notebook, f"ayumi {self.purpose} proof 2", body))


def invitation(text):
    letter, payload, server = read(text)
    if letter != "J":
        raise FormatError("not an invitation")
    return Opener(payload[:16], payload[16:32], "invite", payload[32:]), server


class Recovery:
    """A recovery sheet: a drawer that names the notebooks, and keys in each."""

    def __init__(self, text):
        letter, payload, _ = read(text)
        if letter != "R":
            raise FormatError("not a recovery sheet")
        self.secret, self.server = payload[:16], payload[16:]
        self.drawer = Keys.from_code(self.secret, b"", "ayumi drawer 2")
        self.drawer_key = hkdf(self.secret.ljust(32, b"\0"), b"", "ayumi drawer content 2")

    def opener(self, notebook):
        return Opener(notebook, self.secret, "print", self.server)
