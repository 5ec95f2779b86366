"""A server that lies: its operator gives the program what it likes, under the server's own key. Nothing of it may be believed."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from os import urandom
from time import time_ns

from . import codes, exchange, small
from .check import check, equal
from .client import Client
from .closing import FOR_CLOSED, Gone
from .envelope import Envelope
from .exchange import Challenge, End, Reply, Request, server_key_hash
from .hostile import forged_statements
from .hostile_writing import diary, resigned
from .keys import Keys, h
from .statement import REMOVE, Statement
from .wire import FormatError, Reader, u


class Liar:
    """Answers every question with `items`: (kind, body), in this order, as if it were a log."""

    def __init__(self, items, keys):
        self.items, self.keys, self.store = list(items), keys, urandom(16)
        self.flags, self.taken_at, self.pieces = exchange.AGREES, time_ns() // 1_000_000, []
        # An answer in the place of a reply.
        self.instead = None
        # What it has from the server that it copied.
        self.release = None

    def reply(self, request):
        answers, own = [], 0
        for kind, body in request.pieces:
            self.pieces.append((kind, body))
            is_statement = kind in (exchange.STATEMENT, exchange.CARRIED_STATEMENT)
            stored = exchange.STATEMENT if is_statement else exchange.ENVELOPE
            if (stored, body) not in self.items:
                self.items.append((stored, body))
            position = self.items.index((stored, body)) + 1
            answers.append((1, position))
        items = [
            (at, self.taken_at, kind, body) for at, (kind, body) in enumerate(self.items, 1)
            if at > request.after and (kind == exchange.STATEMENT or not request.flags & exchange.CONTROL_ONLY)
        ]
        end = self.end(request.notebook)
        token = self.store + urandom(8)
        return Reply(time_ns() // 1_000_000, self.flags | exchange.STATED, end.position,
                     (self.store, end.prefix, end.head, end.taken), self.keys.sign("ayumi end 2", end.unsigned()), own, token,
                     answers, items)

    def end(self, notebook):
        """The end of its log, computed as if all of it were genuine."""
        prefix, head = bytes(16), bytes(32)
        for kind, body in self.items:
            try:
                item = (Statement if kind == exchange.STATEMENT else Envelope).from_bytes(body).hash()
            except FormatError:
                item = bytes(32)
            prefix = h("ayumi log 2", prefix, item, u(8, self.taken_at))[:16]
            head = item if kind == exchange.STATEMENT else head
        return End(notebook, self.store, len(self.items), prefix, head, self.taken_at if self.items else 0)

    def answer(self, path, body):
        if path == "/v1/blob":
            return 200, small.BlobReply(0, 0, bytes(32), []).to_bytes()
        request = Request.read_caller(Reader(body)) if path == "/v1/release" else Request.from_bytes(body)
        # A session is of one life of its store.
        if not request.proof or request.proof[0] == "token" and request.proof[1][:16] != self.store:
            own = self.keys.public[:32]
            challenge = Challenge(urandom(24), time_ns() // 1_000_000, self.store, own, server_key_hash(own))
            return 401, challenge.sign(self.keys).to_bytes()
        if path == "/v1/release":
            return 200, b"\1\0" if self.release is None else b"\1\1" + self.release
        return self.instead(request.notebook) if self.instead else (200, self.reply(request).to_bytes())


@contextmanager
def served(liar):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            status, body = liar.answer(self.path, self.rfile.read(int(self.headers["content-length"])))
            self.send_response(status)
            self.send_header("content-type", "application/octet-stream")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def log_of(client):
    """The true log, as a member reads it."""
    reply = client.sync(after=0, prefix=bytes(16))
    return [(kind, body) for _, _, kind, body in reply.items]


def copied(family, code):
    """The release key of a code, as an operator who copies the true server has it."""
    opener, _ = codes.invitation(code)
    return Client(family.server.url, opener.notebook, opener.keys).released()


def joins(family, items, code, name):
    """Lets a fresh phone join at a liar: whether it was let in, and what it sent."""
    liar, phone = Liar(items, family.server.keys()), family.phone(name)
    liar.release = copied(family, code)
    with served(liar) as url:
        ran = phone.run("join", code.partition("@")[0], "--server", url)
    return ran.returncode == 0, liar, phone


def unsigned(status, body):
    """A challenge with another signature."""
    return status, body[:-64] + urandom(64) if status == 401 else body


def flip(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def lying(family):
    from .decisions import join

    # A notebook as it stands behind an open invitation; the true log, up to it.
    reader = join(family.invite("reader", "読む人"), "読む人")
    code = family.invite("reader", "客")
    reader.read()
    true = log_of(reader)
    opener, _ = codes.invitation(code)
    came, liar, _ = joins(family, true, code, "客 0")
    check("a server that copies the true log, and has the true key, lets a phone in", came and liar.pieces)
    stranger = Liar(true, Keys())
    with served(stranger) as url:
        ran = family.phone("客 鍵").run("join", code.partition("@")[0], "--server", url)
    check("one with another key than the code names lets nobody in", ran.returncode == 2 and not stranger.pieces)
    liar = Liar(true, family.server.keys())
    with served(liar) as url:
        liar.answer = lambda path, body, real=liar.answer: unsigned(*real(path, body))
        ran = family.phone("客 署名").run("join", code.partition("@")[0], "--server", url)
    check("one that shows the true key and does not have it lets nobody in", ran.returncode == 2 and not liar.pieces)

    last = len(true) - 1
    lies = {
        "without the invitation": true[:last],
        "with a byte of the invitation's label flipped": true[:last] + [(1, flip(true[last][1], 200))],
        "with a byte of the founding flipped": [(1, flip(true[0][1], 100))] + true[1:],
        "with a byte of a signature flipped": true[:last] + [(1, flip(true[last][1], len(true[last][1]) - 1))],
        "forged around the invitation's keys": [(1, s.to_bytes()) for s in forged_statements(opener)],
    }
    for number, (name, items) in enumerate(lies.items()):
        came, liar, _ = joins(family, items, code, f"客 {number + 1}")
        check(f"a chain {name}: nobody joins", not came)
        equal(f"a chain {name}: nothing is sent to it", liar.pieces, [])
    after_joining(family, true, code, reader)


def after_joining(family, true, code, reader):
    """A phone that is in: each lie at its next question stops it or is passed over, and its words stay."""
    operator = Keys()
    mother = reader.log.chain.statements[0].author
    last = reader.log.line_end(mother)
    forged = reader.envelope([diary(reader, "にせもの")], author=mother, sequence=last.sequence + 1, previous=last.hash())
    fake = resigned(Who(operator), forged, clock=last.clock).to_bytes()
    removal = Statement(reader.notebook, b"", mother, REMOVE,
                        {"target": reader.keys.name, "cutoff": [], "new_epoch": (bytes(32), [])})

    def remove(liar):
        removal.previous = Statement.from_bytes(liar.items[-1][1]).hash()
        liar.items.append((1, removal.sign(operator).to_bytes()))

    def add(kind, body):
        return lambda liar: liar.items.append((kind, body))

    def become(**what):
        return lambda liar: vars(liar).update(what)

    def says_gone(signer=None, pretends=False, notebook=None):
        def lie(liar):
            def instead(asked):
                by = signer or liar.keys
                named = liar.keys if pretends else by
                gone = Gone(named.public[:32], notebook or asked, FOR_CLOSED, time_ns() // 1_000_000, b"")
                gone.signature = by.sign("ayumi gone 2", gone.unsigned())
                return 410, gone.to_bytes()
            liar.instead = instead
        return lie

    gone = exchange.AGREES | exchange.GONE
    first = next(item for item in true if item[0] == exchange.ENVELOPE)
    # What it says, and as what the notebook stops; "" if it goes on.
    lies = {
        "another's words, signed by the operator": (add(2, fake), "envelope"),
        "words with a byte flipped": (add(2, flip(fake, 300)), "envelope"),
        "noise in the place of an envelope": (add(2, urandom(600)), "envelope"),
        "noise in the place of a statement": (add(1, urandom(300)), "chain"),
        "a removal that the operator signed": (remove, "chain"),
        "gone, and nothing shows it": (become(flags=gone), "chain"),
        "gone, by a removal that the operator signed": (lambda liar: (remove(liar), become(flags=gone)(liar)), "chain"),
        "an empty log": (become(items=[]), ""),
        "another store": (become(store=urandom(16)), ""),
        "another key of its own": (become(keys=Keys(), store=urandom(16)), "server"),
        "that no prefix agrees": (become(flags=0), ""),
        "the first envelope once more": (add(*first), ""),
        "closed, and no owner said so": (become(flags=exchange.AGREES | exchange.CLOSED), "chain"),
        "that it has no such notebook": (become(instead=lambda _: (404, b"no_notebook")), "missing"),
        "gone, and signs that": (says_gone(), ""),
        "gone, in the name of another server": (says_gone(signer=operator), ""),
        "gone, under its key's name and another's signature": (says_gone(signer=operator, pretends=True), ""),
        "gone, of another notebook": (says_gone(notebook=bytes(16)), ""),
    }
    for number, (name, (lie, stopped)) in enumerate(lies.items()):
        liar, phone = Liar(true, family.server.keys()), family.phone(f"中 {number}")
        liar.release = copied(family, code)
        with served(liar) as url:
            phone("join", code.partition("@")[0], "--server", url)
            before = shown(phone, family.notebook)
            lie(liar)
            report = json.loads(phone.run("sync").stdout)
        believed = report["outcome"] == "gone"
        equal(f"a server says: {name}; whether it is believed that the notebook is gone", believed, name == "gone, and signs that")
        equal(f"a server says: {name}; as what the notebook stops", "".join(s["why"] for s in report["stopped"]), stopped)
        equal(f"a server says: {name}; the phone shows what it showed", shown(phone, family.notebook), before)
        if name == "an empty log":
            equal("an empty log is filled again byte for byte", [item for item in true if item not in liar.items], [])


class Who:
    """Somebody who signs and is nobody's client."""

    def __init__(self, keys):
        self.keys = keys


def shown(phone, notebook):
    ran = phone.run("entry", "list", notebook)
    return [(row["id"], row["fields"]) for row in json.loads(ran.stdout)] if ran.returncode == 0 else ran.stderr
