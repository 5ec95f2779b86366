"""The honest story: the program is the mother's phone, this client is everybody else."""

import hashlib
import json
import struct
import zlib
from time import time_ns

from . import codes, decisions, exchange, ids, label, photo, small, words
from .check import check, equal, refused
from .client import Client
from .keys import Keys, random_key
from .statement import EPOCH, INVITE, JOIN, READER, WRITER

DAY = 86_400_000


def picture():
    """A small PNG in colours."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"".join(bytes((x * 4, y * 4, x ^ y)) for x in range(64)) for y in range(64))
    head = struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


class Family:
    """What the parts of the story hand on to each other."""

    def __init__(self, server, mother, folder):
        self.server, self.mother, self.folder = server, mother, folder
        (folder / "smile.png").write_bytes(picture())
        add = ("notebook", "add", "child", "--sex", "female", "--born", "2024-05-03", "--name")
        self.notebook, self.other = mother(*add, "さくら")["id"], mother(*add, "すみれ")["id"]
        self.diary = mother("entry", "add", self.notebook, "diary", "--on", "2024-11-05", "text=はじめて笑った")["id"]
        self.photo = mother("entry", "add", self.notebook, "photo", "--photo", folder / "smile.png")["id"]
        self.secret = mother("entry", "add", self.other, "diary", "--on", "2024-11-05", "text=ないしょ")["id"]
        mother("sync", "--server", server.url)

    def invite(self, role, name):
        return self.mother("member", "invite", self.notebook, "--role", role, "--name", name)["code"]

    def mother_reads(self, waits=None):
        """The mother's sync; nothing that others do may stop her. `waits` says why something of hers is not sent."""
        report = self.mother("sync")
        whys = [notebook.get("why") for notebook in report["notebooks"]]
        if report["outcome"] != ("more" if waits else "done") or report["stopped"] or (waits and waits not in whys):
            check("the mother's sync ends well", False, f"{waits or 'done'}, found {report}")
        return report

    def shown(self, entry):
        """The fields that the mother's phone shows, or nothing."""
        ran = self.mother.run("entry", "show", ids.text(entry) if isinstance(entry, bytes) else entry)
        return None if ran.returncode else json.loads(ran.stdout)["fields"]


def join_and_read(family):
    family.invitation = family.invite("writer", "父")
    father = family.father = decisions.join(family.invitation, "父")
    chain = father.log.chain
    named = codes.invitation(family.invitation)[0].server
    check("the code names the server's key", exchange.server_key_hash(father.server).startswith(named) and len(named) == 10)
    equal("the code's proof holds and the join is taken", [s.action for s in chain.statements][-2:], [INVITE, JOIN])
    equal("all epochs unwrap and fit their commitments", sorted(father.epoch_keys()), list(range(1, chain.state.epoch + 1)))
    mother = chain.statements[0].author
    names = {n: label.opened(father.epoch_keys(), father.notebook, chain.state.nonce, h) for n, h in chain.state.holders.items()}
    equal("the members' names can be read", names, {mother: "母", father.keys.name: "父"})
    entries, aside = father.entries(), father.log.read(father.epoch_keys())[1]
    equal("every author hash fits", aside, [])
    texts = {ids.text(change.entry): body["n"] for _, change, body in entries}
    equal("the mother's diary is read", texts[family.diary]["text"], "はじめて笑った")
    equal("the notebook's own facts are an entry with its id", texts[family.notebook]["name"], "さくら")
    check("server and client name the log alike", father.sync().flags & exchange.AGREES)
    refused("a join by a code that was used", lambda: decisions.join(family.invitation, "またね"), "gone")
    wrong = father.sync(prefix=bytes(15) + b"\1")
    equal("with another prefix nothing is given", (wrong.flags, wrong.items), (exchange.STATED, []))
    joined = chain.statements[-1]
    check("the join is not confirmed by what was there before", not father.is_confirmed(joined))
    family.mother_reads()
    father.read()
    check("the mother's phone confirms the join", father.is_confirmed(joined))


def write(family):
    father = family.father
    change = father.change("diary", {"n": {"on": "2024-11-07", "text": "パパと散歩"}})
    sent = (exchange.ENVELOPE, father.envelope([change]).to_bytes())
    first = father.send(sent)
    check("an envelope is taken", isinstance(first[0], int), f"a position, found {first}")
    equal("the same envelope again gets the same place", father.send(sent), first)
    father.read()
    family.mother_reads()
    equal("the mother's phone shows what this client wrote", family.shown(change.entry), {"text": "パパと散歩"})
    text = next(c for _, c, _ in father.entries() if ids.text(c.entry) == family.diary)
    edit = {"f": {"text": {"v": "はじめて声を出して笑った", "r": [ids.stamp_text(text.stamp)]}}}
    edited = father.change("diary", edit, text.entry)
    father.send((exchange.ENVELOPE, father.envelope([edited]).to_bytes()))
    father.read()
    family.mother_reads()
    equal("an edit replaces what it names", family.shown(family.diary), {"text": "はじめて声を出して笑った"})


def photos(family):
    father = family.father
    known, entry = father.epoch_keys(), ids.from_text(family.photo)
    fields = next(body["n"] for _, change, body in father.entries() if change.entry == entry)

    def fetched(name, slot):
        """All chunks that lie in a slot, or none."""
        chunks, reply = [], father.blob(name, (small.GET, slot, 0))
        while reply.chunks:
            chunks += reply.chunks
            reply = father.blob(name, (small.GET, slot, len(chunks)))
        return chunks if len(chunks) == reply.of else []

    def find(entry, sha256):
        for epoch in known:
            name = photo.name(known[1], father.notebook, entry, epoch)
            for slot in father.log.chain.members():
                chunks = fetched(name, slot)
                data = photo.opened(known, name, chunks) if chunks else b""
                if hashlib.sha256(data).hexdigest() == sha256:
                    return data
        return None

    jpeg = find(entry, fields["sha256"])
    check("the mother's photo is read and has its SHA-256", jpeg and jpeg[:2] == b"\xff\xd8")
    # A comment of its own and some chunks of noise make it another photo.
    mine = jpeg[:-2] + bytes(time_ns() >> i & 255 for i in range(64)) * 5000 + jpeg[-2:]
    told = fields | {"sha256": hashlib.sha256(mine).hexdigest(), "bytes": len(mine)}
    change = father.change("photo", {"n": told})
    epoch = father.log.chain.state.epoch
    name = photo.name(known[1], father.notebook, change.entry, epoch)
    chunks = photo.seal(known[epoch], epoch, name, mine)
    for number, chunk in enumerate(chunks):
        reply = father.blob(name, (small.PUT, number, len(chunks), chunk))
    equal("a photo of several chunks is put", (reply.of, reply.there), (len(chunks), len(chunks)))
    equal("the server's hash over it is this client's", reply.hash, small.hash_over(chunks))
    equal("it is read again from its slot", find(change.entry, told["sha256"]), mine)
    father.send((exchange.ENVELOPE, father.envelope([change]).to_bytes()))
    father.read()
    family.mother_reads()
    out = family.folder / "out.jpg"
    family.mother("entry", "photo", ids.text(change.entry), "--out", out)
    equal("the mother's phone has this client's photo", out.read_bytes(), mine)


def thumbnails(family):
    father = family.father
    known, entry = father.epoch_keys(), ids.from_text(family.photo)
    fields = next(body["n"] for _, change, body in father.entries() if change.entry == entry)

    def gathered(entry, sha256):
        """The thumbnail that an entry names, from whichever place has it, with one question."""
        names = [photo.thumbnail_name(known[1], father.notebook, entry, epoch) for epoch in known]
        places = [(name, slot) for name in names for slot in father.log.chain.members()]
        (name, slot), more = places[0], places[1:]
        reply = father.blob(name, (small.GATHER, slot, more))
        equal("each place is answered", (reply.of, reply.there, len(reply.chunks)), (len(places),) * 3)
        for (name, _), chunk in zip(places, reply.chunks):
            data = photo.opened(known, name, [chunk]) if chunk else b""
            if hashlib.sha256(data).hexdigest() == sha256:
                return data, len(chunk)
        return None, 0

    small_jpeg, length = gathered(entry, fields["thumb_sha256"])
    check("the mother's thumbnail is read and has its SHA-256", small_jpeg and small_jpeg[:2] == b"\xff\xd8")
    equal("it is as long as any other", length, 1 + 4 + 32 + photo.THUMBNAIL + 16)
    # A comment makes it another one; then one that is no JPEG at all, though its entry names it.
    mine = small_jpeg[:2] + b"\xff\xfe\0\x06mine" + small_jpeg[2:]
    epoch = father.log.chain.state.epoch
    for text, shown in ((mine, 1), (b"no picture", 0)):
        change = father.change("photo", {"n": fields | {"thumb_sha256": hashlib.sha256(text).hexdigest()}})
        name = photo.thumbnail_name(known[1], father.notebook, change.entry, epoch)
        chunk = photo.seal_thumbnail(known[epoch], epoch, name, text)
        equal("a thumbnail is put", father.blob(name, (small.PUT, 0, 1, chunk)).hash, small.hash_over([chunk]))
        father.send((exchange.ENVELOPE, father.envelope([change]).to_bytes()))
        father.read()
        report = family.mother_reads()
        equal("the mother's phone takes a thumbnail, and nothing else for one", report["thumbnails_pulled"], shown)


def recover(family):
    code = family.mother("recovery", "print")["code"]
    found = decisions.recover(family.server.url, code, "母の新しい電話")
    equal("the drawer names the mother's notebooks", {ids.text(c.notebook) for c in found}, {family.notebook, family.other})
    owner = family.owner = next(c for c in found if ids.text(c.notebook) == family.notebook)
    texts = [body["n"].get("text") for _, _, body in owner.entries() if isinstance(body.get("n"), dict)]
    check("the recovered device reads everything from the first epoch on", "はじめて笑った" in texts and "パパと散歩" in texts)
    refused("a sheet that was used", lambda: decisions.recover(family.server.url, code, "?"), "gone")
    family.mother_reads()
    listed = {m["id"]: m for m in family.mother("member", "list", family.notebook)}
    equal("the mother's list shows the new owner by name", listed[owner.keys.name.hex()]["name"], "母の新しい電話")
    later = family.mother("entry", "add", family.notebook, "diary", "text=新しい鍵で")["id"]
    family.mother_reads()
    for client, who in ((owner, "the recovered device"), (family.father, "the father")):
        client.read()
        check(f"{who} reads what was written in the new epoch", later in [ids.text(c.entry) for _, c, _ in client.entries()])


def own(family):
    """This client as an owner: it invites the program's phone, and renews the key."""
    owner = family.owner
    release = random_key()
    statement, code = decisions.invite(owner, WRITER, time_ns() // 1_000_000 + DAY, "祖母", release)
    check("an owner's invitation is taken", isinstance(decisions.opens(owner, statement, code, release)[0], int))
    owner.read()
    grandmother = family.phone("祖母")
    joined = grandmother("join", code)
    texts = [entry["fields"].get("text") for entry in grandmother("entry", "list", family.notebook, "--kind", "diary")]
    check("the program joins by this client's code and reads", "パパと散歩" in texts, f"it, found {texts}")
    owner.read()
    newest = owner.log.chain.statements[-1]
    waits = ("waiting", "母の新しい電話", words.of(newest.hash()))
    equal("it waits for this client's word, with the join's six words", (joined["state"], joined["for"], joined["words"]), waits)
    hers = grandmother("entry", "add", family.notebook, "diary", "--on", "2024-11-08", "text=おばあちゃんより")["id"]
    family.father.read()
    family.father.send((exchange.ENVELOPE, family.father.envelope([]).to_bytes()))
    told = grandmother("sync")["notebooks"][0]
    equal("a writer's word on top of the join confirms nothing", (told["outcome"], told.get("why"), told["waiting"]),
          ("more", "not_confirmed", 1))
    owner.read()
    check("an empty envelope is taken", isinstance(owner.send((exchange.ENVELOPE, owner.envelope([]).to_bytes()))[0], int))
    equal("with the word of the code's maker it sends", grandmother("sync")["outcome"], "done")
    owner.read()
    check("what was written meanwhile comes then", hers in [ids.text(change.entry) for _, change, _ in owner.entries()])
    epoch = decisions.renew(owner)
    check("a new epoch is taken", isinstance(owner.send((exchange.STATEMENT, epoch.to_bytes()))[0], int))
    owner.read()
    equal("the chain ends in it", owner.log.chain.statements[-1].action, EPOCH)
    after = owner.change("diary", {"n": {"on": "2024-11-08", "text": "みんなで"}})
    owner.send((exchange.ENVELOPE, owner.envelope([after]).to_bytes()))
    owner.read()
    grandmother("sync")
    family.mother_reads()
    equal("the program reads what was sealed under it", family.shown(after.entry), {"text": "みんなで"})


def found(family):
    """This client founds a notebook: statement and first words in one request, and the program joins."""
    founder = Keys()
    statement = decisions.found(founder, "祖父")
    owner = Client(family.server.url, statement.notebook, founder)
    owner.log.chain.take(statement)
    child = {"notebook_type": "child", "name": "つむぎ", "sex": "male", "born": "2025-01-02"}
    first = owner.envelope([owner.change("profile", {"n": child}, statement.notebook)])
    answers = owner.send((exchange.STATEMENT, statement.to_bytes()), (exchange.ENVELOPE, first.to_bytes()))
    equal("a founding and the first words are taken in one request", answers, [1, 2])
    owner = Client(family.server.url, statement.notebook, founder)
    owner.read()
    invitation, code = decisions.invite(owner, READER, time_ns() // 1_000_000 + DAY, "父")
    check("its invitation, too", isinstance(owner.send((exchange.STATEMENT, invitation.to_bytes()))[0], int))
    guest = family.phone("父")
    guest("join", code)
    equal("the program has the notebook", [(n["name"], n["role"]) for n in guest("notebook", "list")], [("つむぎ", "reader")])


def removed(family):
    father, mother = family.father, family.mother
    father.read()
    mother_name = father.log.chain.statements[0].author
    mother("member", "remove", family.notebook, father.keys.name.hex())
    equal("who was removed finds it out", father.read(), False)
    gone = father.log.chain.statements[-1]
    equal("by the mother's own statement", (gone.author, gone.parts["target"]), (mother_name, father.keys.name))
    last = father.log.line_end(father.keys.name)
    equal("its cutoff is the last envelope", gone.parts["cutoff"], [(last.sequence, last.attempt, last.hash())])
    check("the new key is not for who was removed", father.log.chain.state.epoch not in father.epoch_keys())
