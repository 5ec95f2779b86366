"""The control chain: the same function on every side, statement by statement."""

from copy import copy
from dataclasses import dataclass, field, replace

from . import ids, keys
from .statement import (
    CLOSE, EPOCH, ERASE, FOUND, INVITE, JOIN, LEAVE, NOTHING, OWNER, PRINT, READER, RECOVER, REKEY, REMOVE, REOPEN, ROLE,
)

MEMBER, INVITATION, SHEET = "member", "invitation", "sheet"
STATEMENTS, PROTECTING, HOLDERS, LABEL, WRAP = 4096, 64, 64, 512, 256
ERASED, OWN_ERASURES = 1000, 256


class Refused(Exception):
    """A statement or an envelope that does not follow; its text is the reason in docs/protocol.md."""


@dataclass(frozen=True)
class Holder:
    public: bytes
    label: bytes
    what: str
    role: int
    person: bytes
    end: int = 0
    by: bytes = b""


@dataclass
class State:
    notebook: bytes
    head: bytes = NOTHING
    count: int = 0
    epoch: int = 0
    holders: dict = field(default_factory=dict)
    used: frozenset = frozenset()
    # What the founding's wrap and label, and the first epoch's commitment, are bound to.
    nonce: bytes = b""
    # What is cut off: (author, the last envelopes as (sequence, attempt, hash), place of the statement in the chain).
    cutoffs: tuple = ()
    commitments: tuple = ()
    # Where it is closed: (server, owner) and whether at once, in their order.
    closed: tuple = ()
    # Who could ever write, and what was erased: (author, sequence, attempt, places or nothing for all, place of the statement).
    wrote: frozenset = frozenset()
    erased: tuple = ()
    # Persons who erased or took new keys while being no owner, once for each statement.
    by_others: tuple = ()
    # Whose each key is or was.
    persons: dict = field(default_factory=dict)
    # Person and place of each owner.
    owners: dict = field(default_factory=dict)

    def role(self, name):
        holder = self.holders.get(name)
        return holder.role if holder and holder.what == MEMBER else 0

    def may_write(self, name):
        return self.role(name) in (2, OWNER)

    def after(self, s):
        """The state behind a statement, or the reason why it does not follow."""
        new = copy(self)
        new.holders = dict(self.holders)
        if s.notebook != self.notebook:
            raise Refused("other_notebook")
        if s.previous != self.head:
            raise Refused("head_moved")
        holder = s.parts.get("holder")
        if s.action == FOUND:
            author = Holder(holder[0], holder[1], MEMBER, OWNER, s.parts["person"])
            if self.count or s.author != keys.name_of(holder[0]):
                raise Refused("not_allowed")
            if not ids.notebook_fits(s.to_bytes()):
                raise Refused("other_notebook")
        else:
            author = self.holders.get(s.author)
        if not author:
            raise Refused("not_a_holder")
        if not s.signed_by(author.public) or (s.action == REKEY and not s.countersigned()):
            raise Refused("signature")
        wanted = {JOIN: INVITATION, RECOVER: SHEET}.get(s.action, MEMBER)
        if author.what != wanted or (wanted == MEMBER and s.action not in (LEAVE, ERASE, REKEY) and author.role != OWNER):
            raise Refused("not_allowed")
        room = STATEMENTS - (0 if s.action in (REMOVE, EPOCH, RECOVER, LEAVE, REKEY, CLOSE, REOPEN) else PROTECTING)
        if self.count >= room:
            raise Refused("limit")
        if holder:
            new.come(s, *holder)
        getattr(new, "do_" + NAMES[s.action])(s, author)
        owners = [h.person for h in new.holders.values() if h.what == MEMBER and h.role == OWNER]
        if not owners:
            raise Refused("last_owner")
        new.owners = {person: self.owners.get(person, self.count) for person in owners}
        if len(new.holders) > HOLDERS:
            raise Refused("limit")
        if "new_epoch" in s.parts:
            new.begin_epoch(s)
        new.wrote |= {name for name in new.holders if new.may_write(name)}
        new.persons = self.persons | {name: h.person for name, h in new.holders.items()}
        new.count, new.head = self.count + 1, s.hash()
        return new

    def come(self, s, public, label):
        """New keys: strong ones, never used here before, with a wrap of every epoch."""
        if keys.weak(public):
            raise Refused("weak_keys")
        marks = {b"s" + public[:32], b"a" + public[32:], b"n" + keys.name_of(public)[:8]}
        if marks & self.used:
            raise Refused("known_keys")
        if len(label) > LABEL:
            raise Refused("limit")
        self.used |= marks
        if "epochs" in s.parts and [epoch for epoch, _ in s.parts["epochs"]] != list(range(1, self.epoch + 1)):
            raise Refused("wraps")
        if any(len(wrap) > WRAP for _, wrap in s.parts.get("epochs", [])):
            raise Refused("wraps")

    def begin_epoch(self, s):
        # Every new epoch ends all open invitations.
        self.end_codes(lambda holder: holder.what == INVITATION)
        commitment, wraps = s.parts["new_epoch"]
        if [holder for holder, _ in wraps] != sorted(self.holders) or any(len(wrap) > WRAP for _, wrap in wraps):
            raise Refused("wraps")
        self.epoch += 1
        self.commitments += (commitment,)

    def senior(self, author, held):
        """Whether a holder's person became an owner before the author's."""
        if held.what == INVITATION or held.person == author.person:
            return False
        return self.owners.get(held.person, STATEMENTS) < self.owners.get(author.person, STATEMENTS)

    def end_codes(self, which=lambda holder: holder.what != MEMBER):
        self.holders = {name: holder for name, holder in self.holders.items() if not which(holder)}

    def cut(self, name, cutoff):
        self.cutoffs += ((name, tuple(cutoff), self.count),)

    def bound_to(self, epoch):
        return self.nonce if epoch == 1 else self.notebook

    def do_found(self, s, author):
        self.nonce = s.parts["nonce"]
        self.used |= {b"p" + s.parts["person"]}
        self.holders[s.author] = author

    def do_invite(self, s, author):
        public, label = s.parts["holder"]
        person = s.parts["person"]
        if person != author.person:
            if b"p" + person in self.used:
                raise Refused("not_allowed")
            self.used |= {b"p" + person}
        new = Holder(public, label, INVITATION, s.parts["role"], person, s.parts["end"], s.author)
        self.holders[keys.name_of(public)] = new

    def do_join(self, s, author):
        public, label = s.parts["holder"]
        del self.holders[s.author]
        self.holders[keys.name_of(public)] = Holder(public, label, MEMBER, author.role, author.person)

    def do_print(self, s, author):
        public, label = s.parts["holder"]
        self.end_codes(lambda holder: holder.what == SHEET and holder.person == author.person)
        self.holders[keys.name_of(public)] = Holder(public, label, SHEET, OWNER, author.person)

    def do_recover(self, s, author):
        public, label = s.parts["holder"]
        for name, cutoff in s.parts["left_out"]:
            gone = self.holders.get(name)
            if not gone or gone.what != MEMBER:
                raise Refused("no_such_holder")
            if self.senior(author, gone):
                raise Refused("senior")
            del self.holders[name]
            self.cut(name, cutoff)
            self.end_codes()
        self.holders.pop(s.author, None)
        self.holders[keys.name_of(public)] = Holder(public, label, MEMBER, OWNER, author.person)

    def do_remove(self, s, author):
        gone = self.holders.pop(s.parts["target"], None)
        if not gone:
            raise Refused("no_such_holder")
        if self.senior(author, gone):
            raise Refused("senior")
        if gone.what == MEMBER:
            self.cut(s.parts["target"], s.parts["cutoff"])
            self.end_codes()

    def do_leave(self, s, author):
        del self.holders[s.author]
        self.cut(s.author, s.parts["cutoff"])
        self.end_codes(lambda holder: holder.what == SHEET or holder.by == s.author)

    def do_rekey(self, s, author):
        public, label = s.parts["holder"]
        self.count_own(author)
        del self.holders[s.author]
        self.cut(s.author, s.parts["cutoff"])
        now = keys.name_of(public)
        self.holders[now] = replace(author, public=public, label=label)
        self.holders = {n: replace(h, by=now) if h.by == s.author else h for n, h in self.holders.items()}

    def do_epoch(self, s, author):
        pass

    def do_role(self, s, author):
        target, role = s.parts["target"], s.parts["role"]
        before = self.holders.get(target)
        if not before or before.what != MEMBER:
            raise Refused("no_such_holder")
        if before.role == role:
            raise Refused("not_allowed")
        if role < before.role and self.senior(author, before):
            raise Refused("senior")
        if before.role == OWNER:
            self.end_codes()
        self.holders[target] = replace(before, role=role)
        if role == READER:
            self.cut(target, s.parts["cutoff"])


    def count_own(self, author):
        if author.role != OWNER:
            self.by_others += (author.person,)
            if self.by_others.count(author.person) > OWN_ERASURES:
                raise Refused("limit")

    def closing_at(self, server):
        """Who closed it at a server first and whether it goes at once, or nothing."""
        here = [(by, at_once) for (name, by), at_once in self.closed if name in (server, NOTHING)]
        owners = [name for name, holder in self.holders.items() if holder.what == MEMBER and holder.role == OWNER]
        return (here[0][0], all((owner, 1) in here for owner in owners)) if here else None

    def do_close(self, s, author):
        name, closed = (s.parts["server"], s.author), dict(self.closed)
        if closed.get(name, -1) >= s.parts["at_once"]:
            raise Refused("not_allowed")
        closed[name] = s.parts["at_once"]
        self.closed = tuple(closed.items())

    def do_reopen(self, s, author):
        left = tuple(word for word in self.closed if word[0][0] != s.parts["server"])
        if left == self.closed:
            raise Refused("not_allowed")
        self.closed = left

    def do_erase(self, s, author):
        words_of, named = s.parts["words_of"], s.parts["erased"]
        if words_of not in self.wrote:
            raise Refused("no_such_holder")
        if author.role != OWNER and author.person != self.persons[words_of]:
            raise Refused("not_allowed")
        if sum(max(1, len(places)) for *_, places in named) > ERASED:
            raise Refused("limit")
        self.count_own(author)
        self.erased += tuple((words_of, *one, self.count + 1) for one in named)


NAMES = dict(zip((FOUND, INVITE, JOIN, PRINT, RECOVER, REMOVE, LEAVE, EPOCH, ROLE, CLOSE, REOPEN, ERASE, REKEY),
                 "found invite join print recover remove leave epoch role close reopen erase rekey".split()))


class Chain:
    """All statements of a notebook and the state behind each."""

    def __init__(self, notebook):
        self.notebook = notebook
        self.statements, self.states, self.places = [], [State(notebook)], {}

    @property
    def state(self):
        return self.states[-1]

    def take(self, statement):
        self.states.append(self.state.after(statement))
        self.statements.append(statement)
        self.places[statement.hash()] = len(self.statements)

    def at(self, head):
        """The state behind the statement with this hash."""
        return self.states[self.places[head]] if head in self.places else None

    def erased(self, e):
        """What is erased of an envelope: its places, or everything (None), and the place of the last statement that did so."""
        named = self.places[e.head]
        of = [(places, at) for author, sequence, attempt, places, at in self.state.erased
              if (author, sequence, attempt) == (e.author, e.sequence, e.attempt) and at > named]
        if not of:
            return set(), 0
        whole = any(not places for places, _ in of)
        return None if whole else {place for places, _ in of for place in places}, max(at for _, at in of)

    def members(self):
        """All who are or were members."""
        return {name: None for state in self.states for name, holder in state.holders.items() if holder.what == MEMBER}

    def epoch_keys(self, own):
        """The keys of all epochs that were wrapped for these keys and that the statements committed to."""
        found = {}
        for place, s in enumerate(self.statements):
            holder = s.parts.get("holder")
            wraps = s.parts.get("epochs", []) if holder and keys.name_of(holder[0]) == own.name else []
            wraps = list(wraps) + [
                (self.states[place + 1].epoch, wrap)
                for name, wrap in s.parts.get("new_epoch", (b"", []))[1] if name == own.name
            ]
            for epoch, wrap in wraps:
                state = self.states[place + 1]
                key = keys.unwrap(own, wrap, state.nonce if s.action == FOUND else self.notebook, epoch, s.author)
                if key and keys.commitment(key, state.bound_to(epoch), epoch) == state.commitments[epoch - 1]:
                    found[epoch] = key
        return found
