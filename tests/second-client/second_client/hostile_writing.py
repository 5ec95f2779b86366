"""Hostile envelopes: refused by the server, or taken and shown by nobody."""

import json
from dataclasses import replace
from os import urandom

from . import codes, decisions, exchange, ids, small
from .batch import Change
from .check import check, equal
from .hostile import asked, joining, piece
from .keys import Keys
from .statement import WRITER

MINUTE = 60_000 << 16
# Changes of one entry by one author.
ENTRY_CHANGES = 1000
# Of the base point of Ed25519.
ORDER = 2**252 + 27742317777372353535851937790883648493


def sent(client, envelope, kind=exchange.ENVELOPE):
    """The answer to one envelope: a position, or the reason of a refusal."""
    return client.send((kind, envelope.to_bytes()))[0]


def diary(client, text, **other):
    return client.change("diary", {"n": {"on": "2024-11-09", "text": text}}, **other)


def resigned(client, envelope, **other):
    """The same envelope with something else in its frame, signed again."""
    new = replace(envelope, **other)
    new.signature = client.keys.sign("ayumi envelope 2", new.unsigned())
    return new


def envelopes(family):
    father, reader = family.father, family.reader
    father.read(), reader.read()
    state, last = father.log.chain.state, father.log.line_end(father.keys.name)
    good = father.envelope([diary(father, "ほんとう")])

    def refuses(name, reason, who=father, kind=exchange.ENVELOPE, **other):
        equal(name, sent(who, resigned(who, good, **other), kind), reason)

    equal("a reader writes", sent(reader, reader.envelope([diary(reader, "読む人も書く")])), "not_a_writer")
    refuses("a reader passes off a writer's envelope as its own", "not_a_writer", reader, author=reader.keys.name)
    other, mother = ids.from_text(family.other), father.log.chain.statements[0].author
    refuses("a writer writes into another notebook", "malformed", notebook=other)
    refuses("a writer carries into another notebook", "malformed", kind=exchange.CARRIED_ENVELOPE, notebook=other)
    refuses("a writer writes as the mother", "malformed", author=mother)
    refuses("a writer carries what the mother never signed", "signature", kind=exchange.CARRIED_ENVELOPE, author=mother)
    flipped = replace(good, signature=bytes([good.signature[0] ^ 1]) + good.signature[1:])
    equal("a byte of the signature is flipped", sent(father, flipped), "signature")
    greater = int.from_bytes(good.signature[32:], "little") + ORDER
    twin = replace(good, signature=good.signature[:32] + greater.to_bytes(32, "little"))
    equal("the other form of a good signature", sent(father, twin), "signature")
    equal("a byte of the ciphertext is flipped",
          asked(lambda: sent(father, FlippedBody(good))), "malformed")
    refuses("a head that is not of this chain", "forked", head=urandom(32))
    refuses("an epoch that is not that of the head", "old_epoch", epoch=state.epoch + 1)
    refuses("a clock reading eleven minutes ahead", "clock_ahead", clock=good.clock + 11 * MINUTE)
    refuses("a clock reading eleven minutes ahead, carried", "clock_ahead", kind=exchange.CARRIED_ENVELOPE, clock=good.clock + 11 * MINUTE)
    refuses("a clock reading after 2100", "clock_ahead", clock=4_102_444_800_001 << 16)
    refuses("a sequence that leaves a hole", "gap", sequence=good.sequence + 1)
    refuses("a sequence of zero", "sequence_taken", sequence=0)
    refuses("a sequence of zero with a great attempt", "sequence_taken", sequence=0, attempt=99, previous=bytes(32))
    refuses("the last sequence that there can be", "gap", sequence=2**63 - 1)
    refuses("a previous envelope that is not there", "chain", previous=urandom(32))
    refuses("a clock reading that falls", "chain", clock=last.clock - 1)
    check("the envelope itself is taken", isinstance(sent(father, good), int))
    refuses("a second tongue of the same attempt", "sequence_taken", salt=urandom(32))
    refuses("a lower attempt that comes later, as a new one", "chain", attempt=0, previous=urandom(32), sequence=good.sequence + 1)
    refuses("a second tongue of an earlier place", "sequence_taken", sequence=1, previous=bytes(32))
    father.read()
    family.mother_reads()
    equal("the first tongue counts", family.shown(father.log.read(father.epoch_keys())[0][-1][1].entry), {"text": "ほんとう"})
    equal("another's line cannot be carried on", sent(reader, resigned(father, father.envelope([]), previous=urandom(32)),
          exchange.CARRIED_ENVELOPE), "chain")
    equal("a reader puts a photo", asked(lambda: reader.blob(urandom(32), (small.PUT, 0, 1, b"x"))), "403 not_allowed")
    equal("a photo that is put with a hole", asked(lambda: father.blob(urandom(32), (small.PUT, 7, 3, b"x"))), "400 malformed")


class FlippedBody:
    """An envelope whose ciphertext is not the one in its frame."""

    def __init__(self, envelope):
        data = envelope.to_bytes()
        self.data = data[:-1] + bytes([data[-1] ^ 1])

    def to_bytes(self):
        return self.data


def contents(family):
    """What only a reader can find out: the server takes it, and the mother's phone shows none of it."""
    father = family.father
    before = {entry: family.shown(entry) for entry in (family.diary, family.secret, family.notebook)}
    text = [c for _, c, _ in father.entries() if ids.text(c.entry) == family.diary][-1]

    def taken(name, envelope):
        check(f"taken: {name}", isinstance(sent(father, envelope), int))
        father.read()
        family.mother_reads()

    def honest(text):
        change = diary(father, text)
        taken(f"what is written after it ({text})", father.envelope([change]))
        equal(f"and it is shown ({text})", family.shown(change.entry), {"text": text})

    lie = diary(father, "別の人の言葉")
    taken("an author hash that does not fit", father.envelope([lie], author_hash=urandom(32)))
    equal("its words are not shown", family.shown(lie.entry), None)
    honest("一")

    far = ids.clock_now() + 365 * 24 * 60 * MINUTE
    body = {"f": {"text": {"v": "未来から", "r": [ids.stamp_text(text.stamp)]}}}
    taken("a stamp far ahead inside", father.envelope([father.change("diary", body, text.entry, far)], clock=ids.clock_now()))
    equal("it does not stand above the edit", family.shown(family.diary), before[family.diary])

    other = father.change("diary", {"n": {"on": "2024-11-05", "text": "書きかえた"}}, ids.from_text(family.secret))
    name = father.change("profile", {"n": {"name": "別の名", "born": "2020-01-01"}}, ids.from_text(family.other))
    taken("changes to entries of another notebook", father.envelope([other, name]))
    equal("the other notebook's entry is as it was", family.shown(f"{family.other}:{family.secret}"), before[family.secret])
    mine = family.shown(f"{family.notebook}:{family.secret}")
    equal("what has its id here is an entry of its own", mine, {"text": "書きかえた"})
    names = {n["id"]: n["name"] for n in family.mother("notebook", "list")}
    equal("and so is its name", names[family.other], "すみれ")
    honest("二")

    flood = father.envelope([])
    taken("a flood in a small envelope", flood.sealed(father.keys, father.epoch_keys()[flood.epoch], bytes(8_000_000)))
    many = [diary(father, str(n)) for n in range(2501)]
    taken("too many changes", father.envelope(many))
    equal("none of them is shown", family.shown(many[0].entry), None)
    for content in (b"", urandom(40), bytes(16) + b"\xff" * 10, b"\xff" * 200):
        nonsense = father.envelope([])
        taken(f"nonsense of {len(content)} bytes", nonsense.sealed(father.keys, father.epoch_keys()[nonsense.epoch], content))
    bad_bodies = [b"", b"{", b"null", b'{"n":1}', b'{"f":{"text":{"v":1,"r":["x"]}}}', b"[" * 5000, b"\xff\xfe", b'{"d":["z"]}']
    broken = [Change("diary", ids.new_entry(), diary(father, "").stamp, body) for body in bad_bodies]
    taken("bodies that are no bodies", father.envelope(broken))
    odd = father.envelope([diary(father, "x")], version=3, kind=9)
    taken("an envelope of another version and kind", odd)
    honest("三")
    equal("the mother's diary is as it was", family.shown(family.diary), before[family.diary])
    equal("the notebook's facts are as they were", family.mother("notebook", "list")[0]["name"] in ("さくら", "すみれ"), True)


def apart(family):
    """What may not stand in the notebook: kept, counted by the mother's program, shown to nobody."""
    father, book = family.father, ids.from_text(family.notebook)
    before = family.mother_reads()["apart"]
    good = diary(father, "りんご")
    bad = [
        father.change("growth", {"n": {"weight": 9100}}), father.change("growth", {"n": {"weight": "9.1"}}),
        father.change("prenatal_visit", {"n": {}}), father.change("horoscope", {"n": {"sign": "lion"}}),
        diary(father, "\x1b[2J"), father.change("diary", {"n": {"weight": 9.1}}),
        father.change("profile", {"n": {"notebook_type": "private"}}, book), father.change("profile", {"d": []}, book),
    ]
    check("taken: what may not stand there", isinstance(sent(father, father.envelope([good, *bad])), int))
    father.read()
    equal("it is counted", family.mother_reads()["apart"] - before, len(bad))
    equal("what may stand beside it is shown", family.shown(good.entry), {"text": "りんご"})
    equal("of the others nothing is", [family.shown(change.entry) for change in bad[:6]], [None] * 6)
    types = {n["id"]: n["type"] for n in family.mother("notebook", "list")}
    equal("the notebook is what it was founded for", types[family.notebook], "child")

    entry, clock = ids.new_entry(), ids.clock_now()
    many = [diary(father, str(n), entry=entry, clock=clock + n) for n in range(ENTRY_CHANGES + 5)]
    check("taken: one entry changed without end", isinstance(sent(father, father.envelope(many, clock=clock + len(many))), int))
    father.read()
    equal("what is beyond the limit is counted", family.mother_reads()["apart"] - before, len(bad) + 5)
    equal("what came before it is shown", family.shown(entry), {"text": str(ENTRY_CHANGES - 1)})
    honest = diary(father, "四")
    check("who did so writes on", isinstance(sent(father, father.envelope([honest])), int))
    father.read(), family.mother_reads()
    equal("and is shown", family.shown(honest.entry), {"text": "四"})


def odd(family):
    """Two bodies under one stamp, and stamps below earlier ones: every client shows the same."""
    father = family.father
    before = family.mother_reads()["apart"]
    for number in range(4):
        entry, clock = ids.new_entry(), ids.clock_now()
        two = [diary(father, text, entry=entry, clock=clock) for text in ("はい", "いいえ")]
        check(f"taken: two bodies under one stamp ({number})", isinstance(sent(father, father.envelope(two)), int))
        father.read()
        mine = [body["n"]["text"] for _, change, body in father.entries() if change.entry == entry]
        equal("one of them counts", len(mine), 1)
        equal("it is counted", family.mother_reads()["apart"] - before, number + 1)
        equal("and the program shows the same one", family.shown(entry), {"text": mine[0]})
    below = diary(father, "前に")
    check("taken: what is before it", isinstance(sent(father, father.envelope([diary(father, "先に")])), int))
    father.read()
    late = diary(father, "後に")
    check("taken: a stamp below an earlier one", isinstance(sent(father, father.envelope([below, late])), int))
    father.read()
    told = family.mother_reads()
    equal("it is counted", told["apart"] - before, 5)
    equal("and told", [one["back_dated"] for one in told["odd"]], [1])
    equal("and shown to nobody", family.shown(below.entry), None)
    equal("by no client", [change.entry for _, change in father.log.read(father.epoch_keys())[0]].count(below.entry), 0)
    equal("what is beside it is shown", family.shown(late.entry), {"text": "後に"})


def after_a_new_epoch(family):
    father, owner = family.father, family.owner
    old_state = next(s for s in reversed(father.log.chain.states) if s.epoch == 1)
    father.read()
    new = father.log.chain.state
    equal("an old epoch at the old head", sent(father, father.envelope([diary(father, "古い鍵")], epoch=1, head=old_state.head)), "old_epoch")
    equal("an old epoch at the new head", sent(father, father.envelope([diary(father, "古い鍵")], epoch=1)), "old_epoch")
    check("the epoch has moved since", new.epoch > 1)
    statement, code = decisions.invite(owner, WRITER, 1, "遅い人")
    check("an invitation that has ended already is taken", isinstance(owner.send(piece(statement))[0], int))
    opener, _ = codes.invitation(code)
    chain = decisions.chain_by_code(family.server.url, opener)
    equal("and lets nobody in", joining(family, opener, chain, Keys().public), ["expired"])
    owner.read()
    family.open_code = family.invite("writer", "あとで")


def after_removal(family):
    father, reader, url = family.father, family.reader, family.server.url
    chain = father.log.chain
    place = next(i for i, s in enumerate(chain.states) if i and father.keys.name not in s.holders
                 and father.keys.name in chain.states[i - 1].holders)
    before = chain.states[place - 1]
    reader.read()
    late = father.envelope([diary(father, "まだいるよ")], epoch=before.epoch, head=before.head)
    last = father.log.line_end(father.keys.name)
    # Who was removed is told so, and no piece is looked at.
    gone = father.sync([(exchange.ENVELOPE, late.to_bytes())])
    check("a removed writer's envelope is not taken", gone.flags & exchange.GONE and all(a[0] == 2 for a in gone.answers))
    equal("a member carries it, dated back", sent(reader, late, exchange.CARRIED_ENVELOPE), "not_a_writer")
    instead = resigned(father, last, attempt=last.attempt + 1, salt=urandom(32))
    equal("a member carries one in the place of the last that counts", sent(reader, instead, exchange.CARRIED_ENVELOPE), "not_a_writer")
    equal("a member carries what counts: it is there", isinstance(sent(reader, last, exchange.CARRIED_ENVELOPE), int), True)
    equal("a removed member asks for a photo", asked(lambda: father.blob(bytes(32), (small.ASK,))), "403 not_a_holder")
    refusal = asked(lambda: decisions.join(family.open_code, "もどった"))
    equal("a code from before the removal", refusal, "gone")
    opener, _ = codes.invitation(family.invite("writer", "?"))
    again = decisions.chain_by_code(url, opener)
    equal("a removed member's keys come again", joining(family, opener, again, father.keys.public), ["known_keys"])


def at_the_end(family):
    """After all of it, everybody who stayed sees one handbook."""
    family.mother_reads()
    owner, reader = family.owner, family.reader
    owner.read(), reader.read()
    equal("owner and reader name the log alike", owner.log.prefix, reader.log.prefix)
    equal("and read the same", owner.entries(), reader.entries())
    grandmother = family.phone("二人目の祖母")
    grandmother("join", family.invite("reader", "二人目の祖母"))

    def seen(phone):
        # The id that is known from another notebook shows on phones that do not have that one: docs/threat-model.md.
        rows = [row for row in phone("entry", "list", family.notebook) if row["id"] != family.secret]
        return sorted(json.dumps([row["id"], row["kind"], row["fields"]]) for row in rows)

    equal("a phone that joins late shows what the mother's shows", seen(grandmother), seen(family.mother))
    check("the mother's file is sound", family.mother.run("doctor").returncode == 0)
