"""One line for each check; the first that fails ends the run."""

import sys

done = 0
# What is known not to hold yet: told, counted, and no end of the run.
still_open = []


def check(name, holds, wanted="yes"):
    global done
    if not holds:
        print(f"FAILED  {name}: expected {wanted}")
        sys.exit(1)
    done += 1
    print(f"ok  {name}", flush=True)


def known(name, holds):
    """A weakness that is known: once it is mended, this check becomes an ordinary one."""
    if holds:
        check(name, True)
    else:
        still_open.append(name)
        print(f"open  {name}", flush=True)


def equal(name, found, wanted):
    check(name, found == wanted, f"{wanted!r}, found {found!r}")


def refused(name, act, reason):
    """The act must fail with this reason."""
    from .chain import Refused
    from .wire import FormatError

    try:
        act()
    except Refused as error:
        equal(name, str(error), reason)
    except FormatError:
        equal(name, "malformed", reason)
    else:
        check(name, False, f"a refusal: {reason}")
