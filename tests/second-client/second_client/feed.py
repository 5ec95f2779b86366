"""A municipality's feed, from docs/municipal-feed.md alone: the frozen root statements and manifest."""

import hashlib
import json
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from .check import check, equal

FOLDER = Path(__file__).parents[3] / "fixtures" / "municipal"
FINGERPRINT = "0f7ae831a9da3a9198dde4191a7e4d3d87196817bdf4b9f47f055f95ae838bfd"


class Signed:
    """One line of JSON, and who signed its bytes."""

    def __init__(self, data):
        self.body, *signatures = data.rstrip(b"\n").split(b"\n")
        self.value = json.loads(self.body)
        self.signatures = [json.loads(line) for line in signatures]

    def signers(self, purpose, keys):
        signed = set()
        for one in self.signatures:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(one["key"]))
            try:
                key.verify(bytes.fromhex(one["signature"]), purpose + b"\0" + self.body)
            except InvalidSignature:
                continue
            signed.add(one["key"])
        return len(signed & set(keys))


def fingerprint(root):
    keys = b"".join(bytes.fromhex(key) for key in root["root"])
    return hashlib.sha256(b"ayumi root keys 2\0" + root["municipality"].encode() + b"\0" + keys).hexdigest()


def run():
    first, second = (Signed(part) for part in (FOLDER / "roots.jsonl").read_bytes().split(b"\n\n"))
    equal("the root keys have their fingerprint", fingerprint(first.value), FINGERPRINT)
    equal("two root keys signed the first statement", first.signers(b"ayumi root 2", first.value["root"]), 2)
    equal("two keys of before signed the second", second.signers(b"ayumi root 2", first.value["root"]), 2)
    equal("which has the next number", second.value["number"], first.value["number"] + 1)
    equal("and names the next feed key", second.value["feed"]["number"], first.value["feed"]["number"] + 1)
    manifest = Signed((FOLDER / "manifest.jsonl").read_bytes())
    equal("the feed key signed the manifest", manifest.signers(b"ayumi manifest 2", [first.value["feed"]["key"]]), 1)
    equal("and no other key did", manifest.signers(b"ayumi manifest 2", [second.value["feed"]["key"]]), 0)
    check("its edition is within its seconds", 1 <= manifest.value["edition"] <= manifest.value["made"])
    equal("its files are named by their hash", manifest.value["files"][0]["hash"], hashlib.sha256(b"format = 1\n").hexdigest())
