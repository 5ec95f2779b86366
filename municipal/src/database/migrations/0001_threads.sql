-- Threads of families with their municipality, and the slots of the roster that hold them up.
-- One text for SQLite and PostgreSQL: TEXT, BIGINT, BYTEA and CHECK are all it needs. Every key begins with the tenant.
-- Moments are milliseconds since 1970, ids 16 random bytes. No column holds a word that anybody wrote.

-- keeps slots: 1095 days after their end, as a working roster is kept (three years)
CREATE TABLE slots (
    tenant TEXT NOT NULL CHECK (tenant <> ''),
    staff BYTEA NOT NULL CHECK (length(staff) = 16),
    desk TEXT NOT NULL CHECK (desk <> ''),
    starts_at BIGINT NOT NULL CHECK (starts_at >= 0),
    ends_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, staff, desk, starts_at),
    -- What a thread is tied to: its holder's slot with its end.
    UNIQUE (tenant, staff, desk, starts_at, ends_at),
    CHECK (ends_at > starts_at)
);

CREATE INDEX slots_by_desk ON slots (tenant, desk, ends_at);

-- keeps threads: 1826 days after closing (the municipality's term, five years), then without its key
CREATE TABLE threads (
    tenant TEXT NOT NULL CHECK (tenant <> ''),
    id BYTEA NOT NULL CHECK (length(id) = 16),
    desk TEXT NOT NULL CHECK (desk <> ''),
    second_desk TEXT CHECK (second_desk <> '' AND second_desk <> desk),
    joined BIGINT NOT NULL CHECK (joined IN (0, 1)),
    place TEXT NOT NULL CHECK (place IN ('queued', 'held', 'answered', 'closed', 'sealed', 'destroyed')),
    -- A thread is never anywhere without an end.
    until BIGINT NOT NULL CHECK (until > 0),
    present_until BIGINT NOT NULL CHECK (present_until >= 0),
    queued_at BIGINT NOT NULL,
    -- When its clock must look at it next.
    due_at BIGINT NOT NULL,
    held_by BYTEA CHECK (length(held_by) = 16),
    held_desk TEXT,
    claimed_at BIGINT,
    slot_starts_at BIGINT,
    slot_ends_at BIGINT,
    left_at BIGINT,
    left_reader BYTEA CHECK (length(left_reader) = 16),
    left_was TEXT CHECK (left_was IN ('open', 'answered', 'closed')),
    left_closed_until BIGINT,
    urgency TEXT NOT NULL CHECK (urgency IN ('week', 'today', 'now')),
    waiting_since BIGINT,
    spent_ms BIGINT NOT NULL CHECK (spent_ms >= 0),
    counted_to BIGINT NOT NULL,
    escalated BIGINT NOT NULL CHECK (escalated IN (0, 1)),
    alarm_since BIGINT,
    alarm_why TEXT CHECK (alarm_why IN ('untold', 'limit', 'held_too_long')),
    alarm_steps BIGINT CHECK (alarm_steps BETWEEN 0 AND 255),
    alarm_still_until BIGINT,
    fetched BIGINT NOT NULL CHECK (fetched >= 0),
    fetch_by BIGINT NOT NULL,
    fetch_rung BIGINT NOT NULL CHECK (fetch_rung IN (0, 1)),
    contacted BIGINT CHECK (contacted IN (0, 1)),
    closes_at BIGINT,
    was_warned BIGINT NOT NULL CHECK (was_warned IN (0, 1)),
    review_at BIGINT NOT NULL,
    follow_up BIGINT,
    handoff_to TEXT,
    handoff_state TEXT CHECK (handoff_state IN ('asked', 'refused', 'agreed', 'sent', 'received', 'returned', 'withdrawn', 'expired')),
    handoff_by BIGINT,
    handoff_thread BYTEA CHECK (length(handoff_thread) = 16),
    origin BYTEA CHECK (length(origin) = 16),
    news BIGINT NOT NULL CHECK (news >= 0),
    acknowledged BIGINT NOT NULL CHECK (acknowledged >= 0),
    waiting_news BIGINT,
    opens_at BIGINT,
    opening_is_sure BIGINT NOT NULL CHECK (opening_is_sure IN (0, 1)),
    shown_until BIGINT NOT NULL,
    retelling_until BIGINT NOT NULL,
    PRIMARY KEY (tenant, id),
    -- A slot that becomes shorter takes its end along, and then "until" must fit; a slot with a thread in it does not go.
    FOREIGN KEY (tenant, held_by, held_desk, slot_starts_at, slot_ends_at)
        REFERENCES slots (tenant, staff, desk, starts_at, ends_at) ON UPDATE CASCADE,
    CHECK (joined = 0 OR second_desk IS NOT NULL),
    -- Somebody waits wherever nobody has answered.
    CHECK (place NOT IN ('queued', 'held') OR waiting_since IS NOT NULL),
    CHECK (place <> 'queued' OR until = present_until),
    CHECK (place <> 'answered' OR waiting_since IS NULL OR COALESCE(handoff_state, '') = 'sent'),
    CHECK (place IN ('queued', 'held', 'answered') OR alarm_since IS NULL),
    -- Held by somebody, at one of its desks, no longer than the slot.
    CHECK ((place = 'held') = (held_by IS NOT NULL)),
    CHECK ((held_by IS NULL) = (held_desk IS NULL) AND (held_by IS NULL) = (claimed_at IS NULL)),
    CHECK ((held_by IS NULL) = (slot_starts_at IS NULL) AND (held_by IS NULL) = (slot_ends_at IS NULL)),
    CHECK (place <> 'held' OR held_desk = desk OR (joined = 1 AND held_desk = COALESCE(second_desk, ''))),
    CHECK (place <> 'held' OR (until >= claimed_at AND until >= slot_starts_at AND until <= slot_ends_at)),
    -- What stands together.
    CHECK ((place = 'sealed') = (left_at IS NOT NULL)),
    CHECK ((left_at IS NULL) = (left_was IS NULL) AND (left_at IS NOT NULL OR left_reader IS NULL)),
    CHECK ((COALESCE(left_was, '') = 'closed') = (left_closed_until IS NOT NULL)),
    CHECK ((alarm_since IS NULL) = (alarm_why IS NULL) AND (alarm_since IS NULL) = (alarm_steps IS NULL)),
    CHECK ((alarm_since IS NULL) = (alarm_still_until IS NULL)),
    CHECK ((handoff_to IS NULL) = (handoff_state IS NULL) AND (handoff_to IS NULL) = (handoff_by IS NULL)),
    CHECK (handoff_to IS NOT NULL OR handoff_thread IS NULL)
);

CREATE INDEX threads_by_desk ON threads (tenant, desk) WHERE place IN ('queued', 'held', 'answered');
CREATE INDEX threads_due ON threads (tenant, due_at) WHERE place <> 'destroyed';

-- keeps thread_lines: with their thread
CREATE TABLE thread_lines (
    tenant TEXT NOT NULL CHECK (tenant <> ''),
    thread BYTEA NOT NULL,
    number BIGINT NOT NULL CHECK (number > 0),
    id BYTEA NOT NULL CHECK (length(id) = 16),
    -- Empty for the parent.
    staff BYTEA CHECK (length(staff) = 16),
    taken_at BIGINT NOT NULL CHECK (taken_at > 0),
    PRIMARY KEY (tenant, thread, number),
    -- However often a line is sent, it stands once.
    UNIQUE (tenant, thread, id),
    FOREIGN KEY (tenant, thread) REFERENCES threads (tenant, id) ON DELETE CASCADE
);

-- keeps thread_people: with their thread
CREATE TABLE thread_people (
    tenant TEXT NOT NULL CHECK (tenant <> ''),
    thread BYTEA NOT NULL,
    staff BYTEA NOT NULL CHECK (length(staff) = 16),
    relation TEXT NOT NULL CHECK (relation IN ('kept_from', 'acknowledged')),
    PRIMARY KEY (tenant, thread, staff, relation),
    FOREIGN KEY (tenant, thread) REFERENCES threads (tenant, id) ON DELETE CASCADE
);

-- keeps thread_stopped: until the reply is sent or thrown away, at most with their thread
CREATE TABLE thread_stopped (
    tenant TEXT NOT NULL CHECK (tenant <> ''),
    thread BYTEA NOT NULL,
    id BYTEA NOT NULL CHECK (length(id) = 16),
    staff BYTEA NOT NULL CHECK (length(staff) = 16),
    begun_at BIGINT NOT NULL CHECK (begun_at >= 0),
    -- In the order in which they were stopped.
    number BIGINT NOT NULL,
    PRIMARY KEY (tenant, thread, id),
    FOREIGN KEY (tenant, thread) REFERENCES threads (tenant, id) ON DELETE CASCADE
);
