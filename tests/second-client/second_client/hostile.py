"""Hostile statements and strangers: each must be refused."""

from dataclasses import replace
from time import time_ns

from . import codes, decisions, exchange, ids, keys, small
from .chain import Refused
from .check import check, equal
from .client import Client, post
from .keys import WEAK_AGREE, WEAK_SIGN, Keys, P, random_key
from .statement import FOUND, INVITE, NOTHING, READER, Statement
from .wire import FormatError


def piece(statement):
    return exchange.STATEMENT, statement.to_bytes()


def asked(act):
    """What an act gives, or the reason why it was refused."""
    try:
        return act()
    except Refused as error:
        return str(error)


def believed(opener, state, data):
    """Whether a phone that holds the code takes these bytes for the invitation."""
    try:
        statement = Statement.from_bytes(data)
        state.after(statement)
    except (FormatError, Refused):
        return False
    return opener.proves(data)


def flipped_bytes(family):
    """Each byte of an invitation's statement, changed: the code's proof, the chain or the signature says so."""
    opener, _ = codes.invitation(family.invitation)
    chain = family.father.log.chain
    place = next(i for i, s in enumerate(chain.statements) if s.action == INVITE)
    data, before = chain.statements[place].to_bytes(), chain.states[place]
    check("the invitation as it is is believed", believed(opener, before, data))
    for at in range(len(data)):
        for bit in (1, 128):
            other = data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]
            # The proof is over all that stands before it, and is itself proven; the signature is the owner's.
            if (opener.proves(other) and at < len(data) - 64) or believed(opener, before, other):
                check("a flipped byte in the invitation is found", False, f"byte {at} to be found")
    check(f"each of {len(data)} flipped bytes of the invitation is found", True)


def joining(family, opener, chain, public, **other):
    """The answer to a join with these keys."""
    statement = decisions.join_statement(chain, opener, public, "?")
    statement.parts |= other
    statement.sign(opener.keys)
    return Client(family.server.url, opener.notebook, opener.keys).send(piece(statement))


def statements(family):
    flipped_bytes(family)
    url, father = family.server.url, family.father
    code = family.invite("reader", "読む人")
    opener, _ = codes.invitation(code)
    chain = decisions.chain_by_code(url, opener)
    asker = Client(url, opener.notebook, opener.keys)
    equal("an invitation's key gets statements only", {item[2] for item in asker.sync().items}, {exchange.STATEMENT})
    equal("and no photo", asked(lambda: asker.blob(bytes(32), (small.GET, chain.statements[0].author, 0))), "403 not_allowed")
    good, mother = Keys().public, chain.statements[0].parts["holder"][0]
    for sign in sorted(WEAK_SIGN):
        equal(f"a join with the signing key {sign.hex()[:8]}…{sign.hex()[-2:]} of low order",
              joining(family, opener, chain, sign + good[32:], holder=(sign + good[32:], b"")), ["weak_keys"])
    # Besides points of low order: other forms of a good key.
    other_forms = [P.to_bytes(32, "little"), (P + 1).to_bytes(32, "little"), (P + 9).to_bytes(32, "little"),
                   good[32:63] + bytes([good[63] | 128])]
    for agree in [*sorted(WEAK_AGREE), *other_forms]:
        equal(f"a join with the agreement key {agree.hex()[:8]}…{agree.hex()[-2:]}",
              joining(family, opener, chain, good[:32] + good[32:], holder=(good[:32] + agree, b"")), ["weak_keys"])
    equal("a join with the mother's signing key", joining(family, opener, chain, mother[:32] + good[32:]), ["known_keys"])
    equal("a join with the mother's agreement key", joining(family, opener, chain, good[:32] + mother[32:]), ["known_keys"])
    equal("a join without the wraps", joining(family, opener, chain, good, epochs=[]), ["wraps"])
    forged = [statement.to_bytes() for statement in forged_statements(opener)]
    equal("a chain forged around the invitation's keys is not proven", [opener.proves(data) for data in forged], [False, False])
    equal("a founding with a signing key that anybody's signature fits", asked(lambda: founding(url)), "404 no_notebook")

    father.read()
    statement, _ = decisions.invite(father, READER, time_ns() // 1_000_000 + 1000, "友")
    equal("a writer's invitation", father.send(piece(statement)), ["not_allowed"])
    mother_name = chain.statements[0].author
    equal("a writer takes the owner out", father.send(piece(decisions.remove(father, mother_name))), ["not_allowed"])
    forged = replace(statement, author=mother_name).sign(father.keys)
    equal("a writer signs as the owner", father.send(piece(forged)), ["signature"])
    old = replace(statement, previous=chain.statements[0].hash()).sign(father.keys)
    equal("a second statement at an old head", father.send(piece(old)), ["head_moved"])
    equal("a statement of another notebook",
          father.send(piece(replace(statement, notebook=ids.from_text(family.other)).sign(father.keys))), ["malformed"])
    family.reader = decisions.join(code, "読む人")
    role = family.reader.log.chain.state.role(family.reader.keys.name)
    equal("after all of that the invitation still lets its holder in", role, READER)
    father.read()


def forged_statements(opener):
    """An operator's own notebook around the public keys of an open invitation."""
    owner = Keys()
    first, chain = random_key(), decisions.Chain(opener.notebook)
    epoch = decisions.new_epoch(chain, {owner.name: owner.public}, owner.name, first)
    found = Statement(opener.notebook, NOTHING, owner.name, FOUND,
                      {"nonce": bytes(16), "person": bytes(16), "holder": (owner.public, b""), "new_epoch": epoch})
    found.parts["random"] = bytes(16)
    parts = {"holder": (opener.keys.public, b""), "person": random_key()[:16], "role": READER, "end": 1 << 60, "proof": random_key(),
             "epochs": decisions.wraps(opener.keys.public, {1: first}, opener.notebook, owner.name)}
    invitation = Statement(opener.notebook, found.hash(), owner.name, INVITE, parts)
    return [found.sign(owner), invitation.sign(owner)]


class Neutral(Keys):
    """A signing key that is the neutral point: this signature fits whatever is signed."""

    def __init__(self):
        super().__init__()
        self.public = (1).to_bytes(32, "little") + self.public[32:]
        self.name = keys.name_of(self.public)

    def sign(self, purpose, data):
        return self.public[:32] + bytes(32)


def founding(url):
    """Founds a notebook with a key for which anybody can sign."""
    own = Neutral()
    statement = decisions.found(own, "?")
    return Client(url, statement.notebook, own).send(piece(statement))


def strangers(family):
    url, father, reader = family.server.url, family.father, family.reader
    stranger = Client(url, father.notebook)
    equal("a stranger asks", asked(stranger.sync), "403 not_a_holder")
    equal("a stranger asks for a photo", asked(lambda: stranger.blob(bytes(32), (small.ASK,))), "403 not_a_holder")
    request = exchange.Request(father.notebook, reader.keys.name, ("token", father.token))
    equal("a token of another", post(url, "/v1/sync", request.to_bytes())[0], 401)
    request = exchange.Request(ids.from_text(family.other), father.keys.name, ("token", father.token))
    equal("a token of another notebook", post(url, "/v1/sync", request.to_bytes())[0], 401)
    equal("a member of one notebook asks for another", asked(Client(url, ids.from_text(family.other), father.keys).sync),
          "403 not_a_holder")
    bare = exchange.Request(father.notebook, father.keys.name)
    status, body = post(url, "/v1/sync", bare.to_bytes())
    equal("a question without proof gets a challenge", status, 401)

    def signed(own, origin, **other):
        challenge = exchange.Challenge.from_bytes(post(url, "/v1/sync", bare.to_bytes())[1])
        told = replace(challenge, **other)
        signature = own.sign("ayumi session 2", told.signed_bytes(origin, father.notebook, father.keys.name))
        proof = ("signed", challenge.challenge, origin, signature)
        return post(url, "/v1/sync", replace(bare, proof=proof).to_bytes())[0]

    equal("a session in the father's name under another key", signed(stranger.keys, url.encode()), 403)
    equal("a session that was signed for another server", signed(father.keys, b"https://ayumi.example:443"), 421)
    equal("a session that was signed for a meeting of two devices", signed(father.keys, b""), 421)
    equal("a session that was signed for another server's key", signed(father.keys, url.encode(), server=bytes(32)), 403)
    equal("a session that was signed for another store", signed(father.keys, url.encode(), store=bytes(16)), 403)
    equal("a session as it should be", signed(father.keys, url.encode()), 200)
    equal("bytes that are no request", post(url, "/v1/sync", b"\2" + bytes(40))[0], 400)
    drawers(url)


def drawers(url):
    """Only the key of a drawer fills it, and never backwards."""
    own = Keys()

    def fill(edition, content, signer=own):
        fill = small.DrawerFill(own.public[:32], edition, content)
        fill.signature = signer.sign("ayumi drawer 2", fill.signed_bytes())
        return post(url, "/v1/drawer", fill.to_bytes())[0]

    def look():
        return small.read_drawer(post(url, "/v1/drawer", small.drawer_look(small.drawer_name(own.public[:32])))[1])

    equal("a drawer is filled", (fill(5, b"five"), look()), (200, (5, b"five")))
    fill(4, b"four")
    equal("a lower edition changes nothing", look(), (5, b"five"))
    fill(5, b"other")
    equal("the same edition changes nothing", look(), (5, b"five"))
    status = fill(6, b"six", Keys())
    equal("another key changes nothing", (status >= 400, look()), (True, (5, b"five")))
