"""A device in one notebook: asks a server, proves who it is, reads the log, writes."""

import json
import time
import urllib.error
import urllib.request
from os import urandom

from . import exchange, ids, keys, small
from .batch import Batch, Change, author_next, author_start
from .chain import Refused
from .envelope import Envelope, new_salt
from .exchange import Challenge, End, Reply, Request, refusal_text, server_key_hash
from .log import Log
from .statement import NOTHING, Statement


def post(url, path, body):
    request = urllib.request.Request(url + path, data=body, headers={"content-type": "application/octet-stream"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


class Client:
    def __init__(self, url, notebook, own=None, named=None):
        self.url, self.notebook, self.keys = url, notebook, own or keys.Keys()
        # The server's key, the hash of the one that follows it, and what a code says of it.
        self.token, self.server, self.next, self.named, self.store = None, None, None, named, None
        self.log = Log(notebook)

    # What goes to a server.

    def proof(self, status_body):
        """Signs a challenge for the place that was dialled."""
        challenge = Challenge.from_bytes(status_body)
        shown = server_key_hash(challenge.server)
        known = self.server in (None, challenge.server) or self.next == shown
        named = self.server or not self.named or shown.startswith(self.named)
        if not (known and named and challenge.is_genuine()):
            raise Refused("another server")
        self.server, self.next, self.store = challenge.server, challenge.next, challenge.store
        origin = self.url.encode()
        signed = self.keys.sign("ayumi session 2", challenge.signed_bytes(origin, self.notebook, self.keys.name))
        return "signed", challenge.challenge, origin, signed

    def ask(self, path, build, proof=None):
        """Asks with what proof there is, and once more with a fresh one: (status, body)."""
        proof = proof or (("token", self.token) if self.token else ())
        status, body = post(self.url, path, build(proof))
        if status == 401 and not (proof and proof[0] == "signed"):
            status, body = post(self.url, path, build(self.proof(body)))
        return status, body

    def sync(self, pieces=(), flags=exchange.OWN_BODIES, proof=None, after=None, prefix=None):
        """One round trip: the reply, or the status with a word that came instead."""
        after = self.log.end if after is None else after
        prefix = self.log.prefix if prefix is None else prefix

        def build(proof):
            return Request(self.notebook, self.keys.name, proof, flags, after, prefix, 1 << 20, list(pieces)).to_bytes()

        status, body = self.ask("/v1/sync", build, proof)
        if status != 200:
            raise Refused(f"{status} {body[:40].decode(errors='replace')}".strip())
        reply = Reply.from_bytes(body)
        self.token = reply.token or self.token
        return reply

    def send(self, *pieces):
        """Sends pieces: for each the position that it has now, or the reason why it was refused."""
        reply = self.sync(pieces)
        answers = []
        for answer in reply.answers:
            answers.append(refusal_text(*answer[1:]) if answer[0] == 2 else answer[1])
        return answers

    def released(self):
        """The release key of the code whose keys these are; nothing if the server has none, or gives none."""
        status, body = self.ask("/v1/release", lambda proof: self.caller(proof) + b"\1")
        return small.read_release(body) if status == 200 else None

    def release(self, code, key):
        """Puts the release key of an open code at the server."""
        status, body = self.ask("/v1/release", lambda proof: self.caller(proof) + b"\2" + code + key)
        if status != 200:
            raise Refused(f"{status} {body[:40].decode(errors='replace')}".strip())

    def caller(self, proof):
        return Request(self.notebook, self.keys.name, proof).caller()

    def verify_end(self, reply):
        """The signed end: as this device computed it, or as it is stated."""
        here = (self.store, self.log.prefix, self.log.chain.state.head, self.log.time)
        if reply.end == self.log.end and reply.stated and reply.flags & exchange.AGREES and self.log.end:
            if reply.stated != here:
                raise Refused("another end than this device read")
        elif reply.end != self.log.end and not reply.stated:
            raise Refused("an end that nobody can compute")
        store, *rest = reply.stated or here
        end = End(self.notebook, store, reply.end, *rest)
        if not keys.verifies(self.server, "ayumi end 2", end.unsigned(), reply.signature):
            raise Refused("an end that is not signed")

    def read(self, flags=exchange.OWN_BODIES):
        """Reads behind the cursor until the end; what comes is checked before it is believed."""
        while True:
            reply = self.sync(flags=flags)
            if reply.flags & exchange.GONE:
                self.gone(reply)
                return False
            if not reply.flags & exchange.AGREES:
                raise Refused("the log is not the one that this device knows")
            for position, taken, kind, body in reply.items:
                self.log.take(position, taken, body, kind)
            self.verify_end(reply)
            if self.log.end >= reply.end or not reply.items:
                return True

    def gone(self, reply):
        """Who was removed gets the chain alone: each statement is believed for its signature, not for its place."""
        for _, _, kind, body in reply.items:
            if kind != exchange.STATEMENT:
                raise Refused("more than the chain")
            statement = Statement.from_bytes(body)
            if self.log.chain.at(statement.hash()) is None:
                self.log.chain.take(statement)
        if self.keys.name in self.log.chain.state.holders:
            raise Refused("said to be gone, and nothing shows it")

    def epoch_keys(self):
        return self.log.chain.epoch_keys(self.keys)

    def entries(self):
        """(author, change, body) of all that can be read."""
        shown, _ = self.log.read(self.epoch_keys())
        return [(author, change, change.read_body()) for author, change in shown]

    def is_confirmed(self, join):
        """Whether the code's maker has written on top of this join: only then a newcomer sends anything."""
        chain = self.log.chain
        place = chain.places[join.hash()]
        maker = chain.states[place - 1].holders[join.author].by
        end = self.log.line_end(maker)
        return end is not None and chain.places[end.head] >= place

    # What is written.

    def envelope(self, changes, **other):
        """The next envelope of this author, sealed and signed; `other` puts something else into its frame."""
        state, before = self.log.chain.state, self.log.line_end(self.keys.name)
        ends = [(author, self.log.line_end(author)) for author in self.log.written if author != self.keys.name]
        peers = [(author, end.sequence, end.attempt, end.hash()[:16]) for author, end in ends if end]
        first = before is None or before.epoch != state.epoch
        former = self.epoch_keys().get(state.epoch - 1) if first else None
        batch = Batch(urandom(16), peers, changes, former)
        start = before.author_hash if before else author_start(self.notebook, self.keys.name)
        frame = dict(
            notebook=self.notebook, epoch=state.epoch, head=state.head, author=self.keys.name,
            sequence=before.sequence + 1 if before else 1, attempt=before.attempt if before else 0,
            previous=before.hash() if before else NOTHING,
            clock=max([before.clock if before else 0, *map(ids.clock_of, changes)]),
            author_hash=author_next(start, batch), salt=new_salt(),
        )
        frame |= other
        return Envelope(**frame).sealed(self.keys, self.epoch_keys()[frame["epoch"]], batch.to_bytes())

    def change(self, kind, body, entry=None, clock=None):
        stamp = (clock or ids.clock_now()).to_bytes(8, "big") + ids.device_of(self.keys.name)
        return Change(kind, entry or ids.new_entry(), stamp, json.dumps(body, ensure_ascii=False).encode())

    # Photos.

    def blob(self, name, what):
        def build(proof):
            return small.BlobRequest(Request(self.notebook, self.keys.name, proof), name, what).to_bytes()

        status, body = self.ask("/v1/blob", build)
        if status != 200:
            raise Refused(f"{status} {body[:40].decode(errors='replace')}".strip())
        return small.BlobReply.from_bytes(body)


def wait_until(act, seconds=20):
    end = time.monotonic() + seconds
    while not act():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.05)
