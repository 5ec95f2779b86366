"""One line for each check; the first that fails ends the run."""

import sys

done = 0
# How many of them say that a known weakness stands.
weaknesses = 0


def check(name, holds, wanted="yes"):
    global done
    if not holds:
        print(f"FAILED  {name}: expected {wanted}")
        sys.exit(1)
    done += 1
    print(f"ok  {name}", flush=True)


def known(name, holds):
    """A weakness that is known: what should hold does not. Once it does, the run ends here, and this becomes an ordinary check."""
    global weaknesses
    check(f"a known weakness stands: {name}", not holds, "it not to hold; now it does, so check it like the rest")
    weaknesses += 1


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
