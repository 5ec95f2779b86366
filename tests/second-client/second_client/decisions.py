"""Statements that this client makes: coming in by a code, and what an owner decides."""

import json

from . import codes, exchange, ids, keys, label, photo, small
from .chain import INVITATION, SHEET, Chain, Refused
from .client import Client, post
from .statement import EPOCH, FOUND, INVITE, JOIN, NOTHING, RECOVER, REKEY, REMOVE, Statement


def chain_by_code(url, opener):
    """The chain as the code's own key gets it, proven by the code: its maker saw exactly this one."""
    asker = Client(url, opener.notebook, opener.keys, opener.server)
    reply = asker.sync(flags=exchange.CONTROL_ONLY)
    if reply.flags & exchange.GONE:
        raise Refused("gone")
    chain, proven = Chain(opener.notebook), False
    for _, _, kind, body in reply.items:
        if kind == exchange.STATEMENT:
            statement = Statement.from_bytes(body)
            chain.take(statement)
            mine = "proof" in statement.parts and keys.name_of(statement.parts["holder"][0]) == opener.keys.name
            proven |= mine and opener.proves(body)
    if not proven:
        raise Refused("a chain that the code does not prove")
    opener.keys.release = asker.released()
    return chain


def wraps(public, epoch_keys, notebook, author):
    return [(n, keys.wrap(public, key, notebook, n, author)) for n, key in sorted(epoch_keys.items())]


def new_epoch(chain, stay, author, key, releases=None):
    """A new key wrapped for exactly these holders: {name: public keys}; for a code under its release key."""
    epoch, under = chain.state.epoch + 1, releases or {}
    wrapped = [
        (name, keys.under(under.get(name), keys.wrap(stay[name], key, chain.notebook, epoch, author)))
        for name in sorted(stay)
    ]
    return keys.commitment(key, chain.notebook, epoch), wrapped


def join_statement(chain, opener, public, name):
    known = chain.epoch_keys(opener.keys)
    epoch = chain.state.epoch
    sealed = label.seal(known[epoch], epoch, chain.notebook, public, name)
    parts = {"holder": (public, sealed), "epochs": wraps(public, known, chain.notebook, opener.keys.name)}
    return Statement(chain.notebook, chain.state.head, opener.keys.name, JOIN, parts).sign(opener.keys)


def join(code, name):
    """Joins by an invitation's code; what a phone of one's own does then is to read from the beginning."""
    opener, url = codes.invitation(code)
    chain = chain_by_code(url, opener)
    client = Client(url, opener.notebook, named=opener.server)
    statement = join_statement(chain, opener, client.keys.public, name)
    taken = client.send((exchange.STATEMENT, statement.to_bytes()))
    if not isinstance(taken[0], int):
        raise Refused(taken[0])
    client.read()
    return client


def drawer(url, sheet):
    """The notebooks that a recovery sheet opens."""
    status, body = post(url, "/v1/drawer", small.drawer_look(small.drawer_name(sheet.drawer.public[:32])))
    if status != 200:
        raise Refused(str(status))
    _, sealed = small.read_drawer(body)
    return [ids.from_text(text) for text in json.loads(photo.opened({1: sheet.drawer_key}, bytes(32), [sealed]))]


def recover(url, code, name):
    """A new owner device in each notebook of the sheet, and a new epoch."""
    sheet, clients = codes.Recovery(code), []
    for notebook in drawer(url, sheet):
        opener, client = sheet.opener(notebook), Client(url, notebook)
        chain = chain_by_code(url, opener)
        known, author, new = chain.epoch_keys(opener.keys), opener.keys.name, keys.random_key()
        stay = {n: h.public for n, h in chain.state.holders.items() if h.what != INVITATION and n != author}
        stay[client.keys.name] = client.keys.public
        sealed = label.seal(known[chain.state.epoch], chain.state.epoch, notebook, client.keys.public, name)
        parts = {
            "holder": (client.keys.public, sealed),
            "epochs": wraps(client.keys.public, known, notebook, author),
            "left_out": [],
            "new_epoch": new_epoch(chain, stay, author, new),
        }
        statement = Statement(notebook, chain.state.head, author, RECOVER, parts).sign(opener.keys)
        taken = client.send((exchange.STATEMENT, statement.to_bytes()))
        if not isinstance(taken[0], int):
            raise Refused(taken[0])
        client.read()
        clients.append(client)
    return clients


def found(own, name, founded_for=label.CHILD):
    """The statement that begins a notebook, and its first key."""
    # The nonce stands where the notebook would be bound: its id follows from the whole.
    key, nonce = keys.random_key(), keys.random_key()[:16]
    parts = {
        "nonce": nonce, "person": keys.random_key()[:16],
        "holder": (own.public, label.seal(key, 1, nonce, own.public, name, founded_for)),
        "new_epoch": new_epoch(Chain(nonce), {own.name: own.public}, own.name, key),
    }
    statement = Statement(nonce, NOTHING, own.name, FOUND, parts).sign(own)
    statement.notebook = ids.notebook_of(statement.to_bytes())
    return statement.sign(own)


def invite(owner, role, end, name, release=None):
    """An invitation's statement and its code, with the proof that ties the code to this chain."""
    secret = keys.random_key()[:16]
    opener = codes.Opener(owner.notebook, secret, "invite")
    known, epoch = owner.epoch_keys(), owner.log.chain.state.epoch
    parts = {
        "holder": (opener.keys.public, label.seal(known[epoch], epoch, owner.notebook, opener.keys.public, name, release=release or bytes(32))),
        "person": keys.random_key()[:16], "role": role, "end": end,
        "epochs": [
            (n, keys.under(release, wrap)) for n, wrap in wraps(opener.keys.public, known, owner.notebook, owner.keys.name)
        ],
        "proof": bytes(32),
    }
    statement = Statement(owner.notebook, owner.log.chain.state.head, owner.keys.name, INVITE, parts)
    parts["proof"] = keys.proof(secret, owner.notebook, "ayumi invite proof 2", statement.before_proof())
    code = codes.write("J", owner.notebook + secret) + "@" + owner.url
    return statement.sign(owner.keys), code


def opens(owner, statement, code, release):
    """Sends an invitation's statement, and what lets its code open."""
    taken = owner.send((exchange.STATEMENT, statement.to_bytes()))
    if isinstance(taken[0], int):
        opener, _ = codes.invitation(code)
        owner.release(opener.keys.name, release)
    return taken


def remove(owner, target):
    """Takes a member out; with a member go all codes, so the new key is for the members who stay."""
    chain = owner.log.chain
    stay = {n: h.public for n, h in chain.state.holders.items() if h.what not in (INVITATION, SHEET) and n != target}
    parts = {
        "target": target, "cutoff": owner.log.cutoff(target),
        "new_epoch": new_epoch(chain, stay, owner.keys.name, keys.random_key()),
    }
    return Statement(owner.notebook, chain.state.head, owner.keys.name, REMOVE, parts).sign(owner.keys)


def rekey(client, new, countersigned_by=None):
    """Puts new keys into a client's place; the new ones sign, too."""
    chain, known = client.log.chain, client.epoch_keys()
    epoch = chain.state.epoch
    parts = {
        "holder": (new.public, label.seal(known[epoch], epoch, client.notebook, new.public, "?")),
        "epochs": wraps(new.public, known, client.notebook, client.keys.name),
        "cutoff": client.log.cutoff(client.keys.name), "new_signature": bytes(64),
    }
    statement = Statement(client.notebook, chain.state.head, client.keys.name, REKEY, parts)
    return statement.countersign(countersigned_by or new).sign(client.keys)


def renew(owner):
    """A new key for members and the sheet."""
    chain = owner.log.chain
    stay = {n: h.public for n, h in chain.state.holders.items() if h.what != INVITATION}
    known = owner.epoch_keys()
    releases = {
        n: label.release_of(known, owner.notebook, chain.state.nonce, h)
        for n, h in chain.state.holders.items() if h.what == SHEET
    }
    parts = {"new_epoch": new_epoch(chain, stay, owner.keys.name, keys.random_key(), releases)}
    return Statement(owner.notebook, chain.state.head, owner.keys.name, EPOCH, parts).sign(owner.keys)
