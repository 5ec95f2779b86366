"""Another past: a writer whose writing was ended puts other words in the place of those that count."""

from os import urandom

from . import decisions, exchange, ids, keys
from .batch import Change
from .check import check, equal, known
from .client import Client
from .hostile import piece
from .hostile_writing import diary, resigned, sent


def written(family):
    """A father who wrote twice, and whose words the mother has read."""
    father = decisions.join(family.invite("writer", "父"), "父")
    words = [diary(father, "はじめの言葉"), diary(father, "つぎの言葉")]
    for change in words:
        father.send((exchange.ENVELOPE, father.envelope([change]).to_bytes()))
        father.read()
    family.mother_reads()
    equal("the mother has the father's words", [family.shown(c.entry)["text"] for c in words], ["はじめの言葉", "つぎの言葉"])
    return father, words


def another_past(father, attempt=9):
    """Another first envelope, made today, dated back, with a greater attempt, or with that of the first one."""
    line = father.log.written.pop(father.keys.name)
    change = diary(father, "さしかえた言葉", clock=line[0].clock)
    envelope = father.envelope([change], epoch=line[0].epoch, head=line[0].head, attempt=attempt)
    father.log.written[father.keys.name] = line
    return change, envelope


def shows_the_same(family, words, change, who):
    family.mother_reads()
    shown = [(family.shown(c.entry) or {}).get("text") for c in words]
    equal(f"{who}: what the mother had read before stays", shown, ["はじめの言葉", "つぎの言葉"])
    check(f"{who}: what was made after it is shown nowhere", family.shown(change.entry) is None)


def by_an_accomplice(family):
    father, words = written(family)
    reader = decisions.join(family.invite("reader", "読む人"), "読む人")
    family.mother("member", "remove", family.notebook, father.keys.name.hex())
    reader.read()
    change, envelope = another_past(father)
    equal("removed, a reader carries another past: refused", sent(reader, envelope, exchange.CARRIED_ENVELOPE), "not_a_writer")
    shows_the_same(family, words, change, "removed")
    change, envelope = another_past(father, 0)
    taken = sent(reader, envelope, exchange.CARRIED_ENVELOPE)
    check("another line that could lead up to his last one is taken, and kept", isinstance(taken, int))
    shows_the_same(family, words, change, "removed, by the numbers alone")
    reader.read()
    texts = [body["n"].get("text") for author, _, body in reader.entries() if author == father.keys.name]
    equal("who counts what leads up to the cutoff's hash has the words as they were", texts, ["はじめの言葉", "つぎの言葉"])


def by_a_reader(family):
    father, words = written(family)
    family.mother("member", "role", family.notebook, father.keys.name.hex(), "--role", "reader")
    father.read()
    change, envelope = another_past(father)
    equal("made a reader, carries another past of its own: refused", sent(father, envelope, exchange.CARRIED_ENVELOPE), "not_a_writer")
    shows_the_same(family, words, change, "made a reader")


def by_a_writer(family):
    """A writer in good standing takes its own words back from everybody, and no version of them is left."""
    father, words = written(family)
    change, envelope = another_past(father)
    known("a writer puts another past in the place of what was taken: refused", not isinstance(sent(father, envelope), int))
    family.mother_reads()
    history = family.mother.run("entry", "show", ids.text(words[0].entry), "--history")
    known("what a writer wrote stays in the history", history.returncode == 0)


def two_tongues(family):
    """A key that signs two envelopes for one place: both count, everybody shows the same of them, and it says nothing more."""
    father = decisions.join(family.invite("writer", "父"), "父")
    reader = decisions.join(family.invite("reader", "読む人"), "読む人")
    entry, clock = ids.new_entry(), ids.clock_now()
    words = [[diary(father, text, entry=entry, clock=clock), diary(father, text + "だけ")] for text in ("はい", "いいえ")]
    one, other = (father.envelope(said) for said in words)
    check("the first is taken", isinstance(sent(father, one), int))
    equal("the second is not", sent(father, other), "sequence_taken")
    check("unless somebody has it from a log", isinstance(sent(reader, other, exchange.CARRIED_ENVELOPE), int))
    father.read()
    equal("then the key writes no more", sent(father, father.envelope([diary(father, "まだ")])), "sequence_taken")
    check("whose log says so", father.log.two_tongues(father.keys.name))
    family.mother_reads()
    reader.read()
    shown = {change.entry: body["n"]["text"] for author, change, body in reader.entries() if author == father.keys.name}
    equal("three words of both lines count", len(shown), 3)
    equal("and the program shows the same", {e: family.shown(e)["text"] for e in shown}, shown)
    family.mother("member", "remove", family.notebook, father.keys.name.hex())
    reader.read()
    ends = [last for *_, last in reader.log.chain.statements[-1].parts["cutoff"]]
    equal("the cut names both lines' last", sorted(ends), sorted([one.hash(), other.hash()]))
    equal("and nothing of them is lost", len([a for a, *_ in reader.entries() if a == father.keys.name]), 3)
    carried = sent(reader, resigned(father, one, salt=urandom(32)), exchange.CARRIED_ENVELOPE)
    equal("a third one that is made afterwards comes too late", carried, "not_a_writer")


def by_anothers_stamp(family):
    """A change with the stamp of one of the mother's, taken back again: her own words must stay."""
    father, _ = written(family)
    hers = next(c for author, c, _ in father.entries() if ids.text(c.entry) == family.diary)
    copy = Change(hers.kind, hers.entry, hers.stamp, diary(father, "すりかえ").body)
    sent(father, father.envelope([copy], clock=ids.clock_now()))
    father.read()
    family.mother_reads()
    equal("a change with the mother's stamp changes nothing", family.shown(family.diary), {"text": "はじめて笑った"})
    _, envelope = another_past(father)
    sent(father, envelope)
    family.mother_reads()
    equal("and takes nothing of hers away when it is taken back", family.shown(family.diary), {"text": "はじめて笑った"})


def by_an_owner(family):
    """An owner takes the mother out, who was one before, and a writer, naming no envelope of theirs that counts."""
    writer, _ = written(family)
    owner = decisions.join(family.invite("owner", "おば"), "おば")
    mother = decisions.remove(owner, owner.log.chain.statements[0].author)
    equal("an owner who came later takes the mother out", owner.send(piece(mother)), ["senior"])
    carried = owner.send((exchange.CARRIED_STATEMENT, mother.to_bytes()))
    equal("the same statement, brought as if from a log", carried, ["senior"])
    statement = decisions.remove(owner, writer.keys.name)
    statement.parts["cutoff"] = []
    statement.sign(owner.keys)
    equal("a removal that cuts off what the server has", owner.send(piece(statement)), ["head_moved"])
    carried = owner.send((exchange.CARRIED_STATEMENT, statement.to_bytes()))
    known("the same statement, brought as if from a log", not isinstance(carried[0], int))


def new_keys(family):
    """New keys in a writer's place: not without their own signature, and everybody goes on."""
    writer, new = written(family)[0], keys.Keys()
    alone = decisions.rekey(writer, new, writer.keys)
    equal("new keys that only the old ones signed", writer.send(piece(alone)), ["signature"])
    taken = decisions.rekey(writer, new)
    check("new keys that both signed", isinstance(writer.send(piece(taken))[0], int))
    family.mother_reads()
    again = Client(writer.url, writer.notebook, new)
    again.read()
    change = diary(again, "新しい鍵の言葉")
    check("words under the new keys are taken", isinstance(sent(again, again.envelope([change])), int))
    family.mother_reads()
    equal("and read", family.shown(change.entry)["text"], "新しい鍵の言葉")


def another_key(family):
    """An owner wraps another key for one member: it is not used, and the member says who lied."""
    owner = decisions.join(family.invite("owner", "父"), "父")
    family.mother_reads()
    mother = owner.log.chain.statements[0].author
    statement = decisions.renew(owner)
    committed, wraps = statement.parts["new_epoch"]
    public = owner.log.chain.state.holders[mother].public
    lie = keys.wrap(public, keys.random_key(), owner.notebook, owner.log.chain.state.epoch + 1, owner.keys.name)
    statement.parts["new_epoch"] = committed, [(n, lie if n == mother else w) for n, w in wraps]
    check("an owner's statement with another key for one member is taken",
          isinstance(owner.send(piece(statement.sign(owner.keys)))[0], int))
    owner.read()
    lied = owner.log.chain.state.epoch
    kept = owner.change("diary", {"n": {"on": "2026-04-02", "text": "かくした言葉"}})
    sent(owner, owner.envelope([kept]))
    owner.read()
    entry = family.mother("entry", "add", family.notebook, "diary", "text=それでも")["id"]
    family.mother_reads("no_key")
    owner.read()
    equal("the mother, an owner, makes the next key herself", owner.log.chain.state.epoch, lied + 1)
    equal("and writes under it", entry in [ids.text(change.entry) for _, change, _ in owner.entries()], True)
    shown = [row["id"] for row in family.mother("entry", "list", family.notebook)]
    equal("what was written under the key that she was not given waits", ids.text(kept.entry) in shown, False)
    sent(owner, owner.envelope([owner.change("diary", {"n": {"on": "2026-04-03", "text": "つぎの言葉"}})]))
    family.mother_reads()
    shown = [row["id"] for row in family.mother("entry", "list", family.notebook)]
    equal("until the first envelope of the next epoch tells it", ids.text(kept.entry) in shown, True)


PARTS = (by_an_accomplice, by_a_reader, by_a_writer, two_tongues, by_anothers_stamp, by_an_owner, new_keys, another_key)
