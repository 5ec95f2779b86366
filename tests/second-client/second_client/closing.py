"""A notebook that is closed at a server, and what the server says when it is gone."""

from dataclasses import dataclass
from time import time_ns

from . import decisions, exchange
from .check import check, equal
from .client import Client, post
from .keys import Keys, random_key, verifies
from .statement import CLOSE, NOTHING, REOPEN, WRITER, Statement
from .wire import FormatError, Reader, u

FOR_CLOSED, FORGOTTEN, EXPIRED = 1, 2, 3


@dataclass
class Gone:
    server: bytes
    notebook: bytes
    why: int
    when: int
    signature: bytes

    def unsigned(self):
        return u(1, 2) + self.server + self.notebook + u(1, self.why) + u(8, self.when)

    def to_bytes(self):
        return self.unsigned() + self.signature

    def counts(self, server, notebook):
        """Whether it is this server's word about this notebook."""
        mine = (self.server, self.notebook) == (server, notebook)
        return mine and verifies(server, "ayumi gone 2", self.unsigned(), self.signature)

    @classmethod
    def from_bytes(cls, data):
        r = Reader(data)
        r.expect(1, 2)
        gone = cls(r.take(32), r.take(16), r.number(1), r.number(8), r.take(64))
        if gone.why not in (FOR_CLOSED, FORGOTTEN, EXPIRED):
            raise FormatError("why")
        r.end()
        return gone


def says(who, action, previous=None, **parts):
    statement = Statement(who.notebook, previous or who.log.chain.state.head, who.keys.name, action, parts)
    return statement.sign(who.keys)


def closing(family):
    """This client founds a notebook, closes it at the program's server, opens it, and lets it go."""
    founder = Keys()
    founding = decisions.found(founder, "祖父")
    owner = Client(family.server.url, founding.notebook, founder)
    owner.send((exchange.STATEMENT, founding.to_bytes()))
    owner.read()
    child = {"notebook_type": "child", "name": "つむぎ", "sex": "male", "born": "2025-01-02"}
    owner.send((exchange.ENVELOPE, owner.envelope([owner.change("profile", {"n": child}, owner.notebook)]).to_bytes()))
    owner.read()

    def tell(statement):
        return owner.sync([(exchange.STATEMENT, statement.to_bytes())])

    release = random_key()
    invitation, code = decisions.invite(owner, WRITER, time_ns() // 1_000_000 + 3_600_000, "父", release)
    decisions.opens(owner, invitation, code, release)
    writer = decisions.join(code, "父")
    owner.read(), writer.read()
    for name, action, parts in (("closes", CLOSE, {"at_once": 0}), ("closes at once", CLOSE, {"at_once": 1}), ("opens", REOPEN, {})):
        statement = says(writer, action, server=owner.server, **parts)
        equal(f"a writer {name}", writer.send((exchange.STATEMENT, statement.to_bytes())), ["not_allowed"])
    elsewhere = says(owner, CLOSE, server=bytes([3]) * 32, at_once=1)
    check("closed at another server it goes on here", not tell(elsewhere).flags & exchange.CLOSED)
    owner.read()
    shutting = says(owner, CLOSE, server=owner.server, at_once=0)
    here = tell(shutting)
    check("closed here the reply says so", here.flags & exchange.CLOSED)
    check("and gives nothing but statements", all(kind in (exchange.STATEMENT, 4) for _, _, kind, _ in here.items))
    check("an owner's own chain says so, too", owner.log.chain.state.after(shutting).closing_at(owner.server))
    words = (exchange.ENVELOPE, owner.envelope([owner.change("diary", {"n": {"on": "2025-02-01", "text": "x"}})]).to_bytes())
    shut = owner.sync([words])
    equal("words wait", exchange.refusal_text(*shut.answers[0][1:]), "not_tried")
    check("nothing is read", shut.flags & exchange.CLOSED and not [kind for _, _, kind, _ in shut.items if kind == exchange.ENVELOPE])
    check("opened again it goes on", not tell(says(owner, REOPEN, shutting.hash(), server=owner.server)).flags & exchange.CLOSED)
    owner.read()
    check("and takes the words", isinstance(owner.send(words)[0], int))
    owner.read()
    tell(says(owner, CLOSE, server=NOTHING, at_once=1))
    for name, pieces in (("a question", []), ("its founding", [(exchange.STATEMENT, founding.to_bytes())])):
        request = exchange.Request(owner.notebook, owner.keys.name, ("token", owner.token), pieces=pieces)
        status, body = post(owner.url, "/v1/sync", request.to_bytes())
        equal(f"the only owner lets it go at once: {name}", status, 410)
        gone = Gone.from_bytes(body)
        check("with the server's signed word", gone.counts(owner.server, owner.notebook) and gone.why == FOR_CLOSED)
