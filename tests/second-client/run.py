"""Plays the second client against the real program: python run.py PATH_TO_AYUMI"""

import sys
import tempfile
from pathlib import Path

from second_client import (
    begun_anew, check, closing, hostile, hostile_erasing, hostile_past, hostile_writing, lying, story, vectors,
)
from second_client.program import Phone, Server

PARTS = (
    story.join_and_read, story.write, story.photos, story.thumbnails,
    hostile.statements, hostile.strangers, hostile_writing.envelopes, hostile_writing.contents, hostile_writing.apart,
    hostile_writing.odd,
    story.recover, story.own, story.found, hostile_writing.after_a_new_epoch,
    story.removed, hostile_writing.after_removal, hostile_writing.at_the_end,
)
# Each of these has a family of its own.
ALONE = (*hostile_past.PARTS, *hostile_erasing.PARTS, lying.lying, closing.closing, begun_anew.begun_anew)


def main(program):
    vectors.run()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        server = Server(program, folder)
        try:
            families = [PARTS, *((part,) for part in ALONE)]
            for number, parts in enumerate(families):
                family = story.Family(server, Phone(program, folder / f"mother {number}", "母"), folder)
                family.phone = lambda name: Phone(program, folder / name, name)
                for part in parts:
                    part(family)
        finally:
            server.end()
    print(f"{check.done} checks, all ok; {check.weaknesses} of them say that a known weakness stands")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(str(Path(sys.argv[1]).resolve()))
