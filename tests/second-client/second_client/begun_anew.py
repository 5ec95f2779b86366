"""A notebook that the program began anew: this client fetches its archive, and checks who said what before."""

import hashlib

from . import archive, decisions, ids, label, photo, small
from .check import check, equal
from .keys import h
from .statement import Statement
from .wire import FormatError


def fetched(client, slot):
    """All chunks of the archive that lie in a slot."""
    name, chunks = archive.name(client.notebook), []
    reply = client.blob(name, (small.GET, slot, 0))
    while reply.chunks:
        chunks += reply.chunks
        reply = client.blob(name, (small.GET, slot, len(chunks)))
    return chunks if len(chunks) == reply.of else []


def mark_of(client):
    """What the founder's label says of the archive; nothing if the notebook did not begin anew."""
    state, known = client.log.chain.state, client.epoch_keys()
    founder = client.log.chain.statements[0].author
    inside = label.unsealed(known, client.notebook, state.nonce, state.holders[founder])
    return founder, inside[-32:] if any(inside[-32:]) else None


def begun_anew(family):
    mother = family.mother
    mother("entry", "edit", family.diary, "text=はじめて声を出して笑った")
    family.mother_reads()
    old = family.notebook
    family.notebook = mother("notebook", "begin-anew", old, "--yes")["notebook"]
    family.mother_reads()
    father = decisions.join(family.invite("writer", "父"), "父")
    founder, mark = mark_of(father)
    check("the founder's label names an archive", mark is not None)
    chunks = fetched(father, founder)
    check("the archive lies in the founder's slot", len(chunks) > 0)
    found = archive.opened(father.epoch_keys(), father.notebook, chunks)
    equal("it is of the notebook before", ids.text(found.notebook), old)
    equal("and fits the mark", found.mark(), mark)
    words = found.words(mark)
    check("every author of it signed what stands in it", words is not None)
    proven = {(author, sequence, leaf): change for author, sequence, leaf, change in words}
    # Each value of before names where it stood: the archive has just this word there.
    told = [(change, one) for _, change, body in father.entries() for one in body.get("h", ()) if "o" in one]
    check("what was said before is told with where it stood", len(told) >= 2, f"two versions, found {told}")
    for change, one in told:
        author, sequence, leaf = one["o"].split("-")
        word = proven.get((bytes.fromhex(author), int(sequence, 16), bytes.fromhex(leaf)))
        same = word is not None and word.kind == change.kind and ids.stamp_text(word.stamp) == one["s"]
        check("the archive proves who said it", same, f"a word of the archive, found {one}")
    # The first statement gives the old notebook's id; another byte of anything proves nothing.
    equal("its first statement gives the old id", Statement.from_bytes(found.statements[0]).notebook, found.notebook)
    equal("under another mark it proves nothing", found.words(hashlib.sha256(mark).digest()), None)
    for at in (40, len(chunks[0]) // 2, len(chunks[0]) - 1):
        other = [chunks[0][:at] + bytes((chunks[0][at] ^ 1,)) + chunks[0][at + 1 :], *chunks[1:]]
        try:
            archive.opened(father.epoch_keys(), father.notebook, other)
            refused = False
        except FormatError:
            refused = True
        check("an archive with another byte is none", refused)
    stored = photo.stored_under(founder, archive.name(father.notebook))
    equal("its place follows from the slot and the name", stored, h("ayumi blob slot 2", founder, archive.name(father.notebook)))
