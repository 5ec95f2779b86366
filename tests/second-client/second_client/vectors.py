"""Every frozen vector: read, written again byte for byte, and what is signed in it checked."""

from pathlib import Path

from . import archive, batch, closing, envelope, erasing, exchange, feed, keys, label, small, snapshot, statement
from .check import check, equal
from .wire import u

FOLDER = Path(__file__).parents[3] / "fixtures" / "protocol"


def vector(name):
    lines = (FOLDER / f"{name}_2.hex").read_text().splitlines()
    return bytes.fromhex("".join(line for line in lines if not line.startswith("#")))


def filled(byte, length=32):
    return bytes([byte]) * length


def run():
    feed.run()
    forms = {
        "control": statement.Statement, "leave": statement.Statement, "erase": statement.Statement, "close": statement.Statement,
        "reopen": statement.Statement, "gone": closing.Gone, "envelope": envelope.Envelope, "sealed": envelope.Envelope,
        "request": exchange.Request, "reply": exchange.Reply, "challenge": exchange.Challenge,
        "blob_request": small.BlobRequest, "blob_reply": small.BlobReply,
        "gather_request": small.BlobRequest, "drawer_request": small.DrawerFill,
    }
    for name, form in forms.items():
        equal(f"vector {name}_2 comes back byte for byte", form.from_bytes(vector(name)).to_bytes(), vector(name))
    inside = batch.Batch.from_bytes(vector("batch"), filled(0, 16))
    equal("vector batch_2 comes back byte for byte", inside.to_bytes(), vector("batch"))
    equal("all vectors are known here", {f.name[:-6] for f in FOLDER.glob("*_2.hex")},
          set(forms) | {"batch", "end", "author_hash", "opening", "label", "snapshot", "archive"})

    receipts = exchange.Request.from_bytes(vector("request")).ends
    equal("request_2 shows a receipt for statements, and one for two items", [len(one.items) for one in receipts], [0, 2])
    check("from which its signed prefix does not follow", not receipts[1].proves())
    run = exchange.Receipt(receipts[1].server, vector("end"), bytes(16), [(filled(1), 5), (filled(2), 7)])
    prefix = keys.h("ayumi log 2", keys.h("ayumi log 2", bytes(16), filled(1), u(8, 5))[:16], filled(2), u(8, 7))[:16]
    end = exchange.End.from_bytes(run.signed)
    end.prefix = prefix
    run.signed = end.unsigned() + end.signature
    equal("one that it follows from proves both", run.proves(), [filled(1), filled(2)])

    blob = small.BlobReply.from_bytes(vector("blob_reply"))
    equal("blob_reply_2 has the hash over its chunks", small.hash_over(blob.chunks), blob.hash)

    challenge = exchange.Challenge.from_bytes(vector("challenge"))
    check("challenge_2 is signed by the key in it", challenge.is_genuine())
    equal("challenge_2 names the next key", challenge.next, exchange.server_key_hash(filled(6)))

    founding = statement.Statement.from_bytes(vector("control"))
    owner = founding.parts["holder"][0]
    check("control_2 is signed by the key in it", founding.signed_by(owner))
    equal("control_2 is by the name of its keys", founding.author, keys.name_of(owner))

    leaving = statement.Statement.from_bytes(vector("leave"))
    equal("leave_2 names the last of two lines", leaving.parts["cutoff"], [(2, 0, filled(2)), (3, 1, filled(3))])

    signer = keys.Keys(filled(5), filled(6))
    framed = envelope.Envelope.from_bytes(vector("envelope"))
    check("envelope_2 is signed", framed.signed_by(signer.public))
    end = exchange.End.from_bytes(vector("end"))
    equal("end_2 comes back byte for byte", end.unsigned() + end.signature, vector("end"))
    server = keys.Keys(filled(1), filled(1)).public[:32]
    check("end_2 is signed", keys.verifies(server, "ayumi end 2", end.unsigned(), end.signature))

    equal("label_2 is sealed alike",
          label.seal(filled(4), 1, filled(9, 16), signer.public, "母", label.CHILD, filled(7)), vector("label"))

    gone = closing.Gone.from_bytes(vector("gone"))
    check("gone_2 is that server's word about that notebook", gone.counts(signer.public[:32], filled(9, 16)))
    check("and about no other", not gone.counts(signer.public[:32], filled(8, 16)))
    check("and no other server's", not gone.counts(owner[:32], filled(9, 16)))
    for name in ("close", "reopen"):
        check(f"{name}_2 is signed by the founder of control_2", statement.Statement.from_bytes(vector(name)).signed_by(owner))

    sealed = envelope.Envelope.from_bytes(vector("sealed"))
    check("sealed_2 is signed", sealed.signed_by(signer.public))
    equal("sealed_2 is by the name of its keys", sealed.author, signer.name)
    content = sealed.content(filled(4))
    check("sealed_2 opens with its epoch key", len(content) > 0)
    again = sealed.sealed(signer, filled(4), content)
    equal("sealed_2 sealed again opens to the same", again.content(filled(4)), content)

    change = batch.Change("growth", filled(8, 16), u(8, 77) + u(8, 0xAA), b'{"n":{"weight":9.1}}')
    leaf = batch.leaf(filled(1, 16), 2, change)
    first = batch.next_hash(batch.author_start(filled(9, 16), filled(4, 16)), [leaf])
    equal("author_hash_2 is computed alike", leaf + first + batch.next_hash(first, []), vector("author_hash"))

    opened = vector("opening")
    opening = erasing.Opening.from_bytes(opened[:89])
    inside = erasing.Opened.from_bytes(opened[89:], filled(0xAA, 16))
    equal("opening_2 comes back byte for byte", opening.to_bytes() + inside.to_bytes(), opened)
    whole = [change for change in inside.changes if not isinstance(change, bytes)]
    equal("opening_2 holds two of three changes", (len(inside.changes), len(whole)), (3, 2))

    packed = snapshot.Snapshot.from_bytes(vector("snapshot"), filled(9, 16))
    equal("snapshot_2 comes back byte for byte", packed.to_bytes(), vector("snapshot"))
    equal("both parts of snapshot_2 prove themselves", [part.is_proven() for part in packed.parts], [True, True])
    kept = [change.read_body()["n"]["text"] for change in packed.parts[0].changes]
    equal("snapshot_2 lacks the erased word and has the others", kept, ["a", "c", "d"])
    packed.parts[0].changes[1].body = b'{"n":{"text":"x"}}'
    check("and with another word it proves nothing", not packed.parts[0].is_proven())

    mark, kept = vector("archive")[:32], archive.Archive.from_bytes(vector("archive")[32:])
    equal("archive_2 comes back byte for byte", mark + kept.to_bytes(), vector("archive"))
    equal("archive_2 has the mark before it", kept.mark(), mark)
    words = kept.words(mark)
    texts = sorted(change.read_body()["n"]["text"] for *_, change in words)
    equal("archive_2 proves four words and lacks the one that was erased", texts, ["a", "c", "d", "e"])
    equal("and each is stamped by its author", [change.stamp[8:] for *_, change in words], [author[:8] for author, *_ in words])
    equal("the words of the mother's second envelope stand there", {s for _, s, _, change in words if change.entry[0] == 2}, {2})
    check("under another mark it proves nothing", kept.words(filled(1)) is None)
    kept.parts[0].changes[0].body = b'{"n":{"text":"x"}}'
    check("and with another word it proves nothing", kept.words(mark) is None)
