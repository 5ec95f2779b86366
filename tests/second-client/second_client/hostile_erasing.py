"""Words that are erased, and who may not erase them."""

from dataclasses import replace
from os import urandom

from . import decisions, exchange, ids
from .batch import author_start
from .check import check, equal
from .erasing import Opened, Remnant, remnant
from .hostile import piece
from .hostile_writing import diary
from .statement import ERASE, Statement
from .wire import FormatError


def erase(client, words_of, named):
    chain = client.log.chain
    parts = {"words_of": words_of, "erased": named}
    return Statement(client.notebook, chain.state.head, client.keys.name, ERASE, parts).sign(client.keys)


def put(client, remnant):
    return client.send((exchange.REMNANT, remnant.to_bytes()))[0]


def texts(client):
    return [body["n"].get("text") for _, _, body in client.entries() if "text" in body.get("n", {})]


def story(family):
    """A writer erases one of two words of an envelope; the other is proven by what is left."""
    father = decisions.join(family.invite("writer", "父"), "父")
    reader = decisions.join(family.invite("reader", "読む人"), "読む人")
    father.read()
    envelope = father.envelope([diary(father, "けすことば"), diary(father, "のこることば")])
    place = father.send((exchange.ENVELOPE, envelope.to_bytes()))[0]
    father.read(), reader.read()
    batch = envelope.batch(father.epoch_keys()[envelope.epoch])
    me, mother = father.keys.name, father.log.chain.statements[0].author
    early = remnant(father.log.chain, father.epoch_keys(), envelope, batch, {0})
    equal("a remnant of what nobody erased", put(father, early), "not_erased")
    equal("a writer erases the mother's words", father.send(piece(erase(father, mother, [(1, 0, [0])]))), ["not_allowed"])
    equal("a reader erases a writer's words", reader.send(piece(erase(reader, me, [(1, 0, [0])]))), ["not_allowed"])
    equal("a reader erases words that it never wrote",
          reader.send(piece(erase(reader, reader.keys.name, [(1, 0, [0])]))), ["no_such_holder"])
    equal("more than a statement erases",
          father.send(piece(erase(father, me, [(1, 0, list(range(1000))), (2, 0, [])]))), ["limit"])
    equal("places that fall", father.send(piece(erase(father, me, [(1, 0, [1, 0])]))), ["malformed"])
    check("a writer erases his own", isinstance(father.send(piece(erase(father, me, [(envelope.sequence, 0, [0])])))[0], int))
    father.read(), reader.read()
    equal("what was erased is shown no more, though the ciphertext is still there", "けすことば" in texts(reader), False)
    equal("a remnant from before the statement", put(father, early), "not_erased")
    made = remnant(father.log.chain, father.epoch_keys(), envelope, batch, {0})
    equal("what is left takes the envelope's place", put(father, made), place)
    equal("the ciphertext is answered as before", father.send((exchange.CARRIED_ENVELOPE, envelope.to_bytes())), [place])
    junk = Remnant.of(envelope, replace(made.opening, salt=urandom(32)))
    equal("a reader's junk is answered", put(reader, junk), place)
    new = decisions.join(family.invite("reader", "あとから"), "あとから")
    item = next(body for position, _, kind, body in new.sync(after=0, prefix=bytes(16)).items
                if position == place and kind == exchange.REMNANT)
    equal("and pushes out nothing", item, made.to_bytes())
    shown = texts(new)
    equal("a newcomer reads what stands, proven by what is left", ("けすことば" in shown, "のこることば" in shown), (False, True))
    alter(new, envelope, made)
    reader.read()
    family.mother_reads()
    here = [ids.text(change.entry) for change in batch.changes]
    equal("the program shows what stands, and not what was erased",
          [(family.shown(entry) or {}).get("text") for entry in here], [None, "のこることば"])


def alter(client, envelope, made):
    """Each byte inside of an opening that is changed gives another author hash, or cannot be read."""
    before = client.log.seen.get(envelope.previous)
    start = before.author_hash if before else author_start(envelope.notebook, envelope.author)
    content = made.opening.content(client.epoch_keys()[made.opening.epoch], envelope.hash())
    inside = Opened.from_bytes(content, envelope.author)
    # What stands before the changes proves nothing.
    for at in range(2 + 32 * bool(inside.former) + 44 * len(inside.peers), len(content)):
        other = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
        try:
            Opened.from_bytes(other, envelope.author).proven(start, envelope.author_hash, {0})
        except (FormatError, UnicodeDecodeError):
            continue
        check("a flipped byte in an opening is found", False, f"byte {at} to be found")
    check("each flipped byte in an opening is found", True)


def by_the_program(family):
    """The program erases; this client reads what stands, and shows what was erased no more."""
    reader = decisions.join(family.invite("reader", "読む人"), "読む人")
    family.mother("entry", "add", family.notebook, "diary", "--on", "2024-11-06", "text=プログラムのことば")
    gone = family.mother("entry", "add", family.notebook, "diary", "--on", "2024-11-06", "text=プログラムがけす")["id"]
    family.mother_reads()
    reader.read()
    check("the word is there before", "プログラムがけす" in texts(reader))
    family.mother("entry", "erase", gone, "--yes")
    new = decisions.join(family.invite("reader", "あとから"), "あとから")
    kinds = {kind for _, _, kind, _ in new.sync(after=0, prefix=bytes(16)).items}
    check("the server has a remnant", exchange.REMNANT in kinds)
    for client in (reader, new):
        client.read()
        shown, aside = client.log.read(client.epoch_keys())
        words = texts(client)
        equal("erased by the program", ("プログラムがけす" in words, "プログラムのことば" in words), (False, True))
        equal("and nothing is put aside", aside, [])
    family.mother_reads()
    equal("the mother's phone shows it no more", family.shown(gone), None)


PARTS = (story, by_the_program)
