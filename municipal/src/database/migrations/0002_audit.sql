-- Who looked at what, in chains that only grow; where each chain ends; what the office signed of them.
-- A row's meaning stands in its bytes alone, which are frozen; the columns beside them are its place.

-- keeps audit: 3653 days (ten years: proof of who read and why), only grows
CREATE TABLE audit (
    tenant TEXT NOT NULL CHECK (tenant <> ''),
    tree TEXT NOT NULL CHECK (tree IN ('common', 'danger')),
    -- Counts all rows of the tree, without a gap.
    place BIGINT NOT NULL CHECK (place > 0),
    chain BYTEA NOT NULL CHECK (length(chain) = 16),
    -- Counts the rows of the chain, without a gap.
    number BIGINT NOT NULL CHECK (number > 0),
    hash BYTEA NOT NULL CHECK (length(hash) = 32),
    body BYTEA NOT NULL CHECK (length(body) BETWEEN 60 AND 4096),
    PRIMARY KEY (tenant, tree, place),
    UNIQUE (tenant, tree, chain, number),
    UNIQUE (tenant, hash)
);

-- keeps audit_heads: as long as audit, whose ends they are
CREATE TABLE audit_heads (
    tenant TEXT NOT NULL CHECK (tenant <> ''),
    tree TEXT NOT NULL CHECK (tree IN ('common', 'danger')),
    chain BYTEA NOT NULL CHECK (length(chain) = 16),
    number BIGINT NOT NULL CHECK (number > 0),
    hash BYTEA NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (tenant, tree, chain)
);

-- keeps office_heads: as long as audit, only grows
CREATE TABLE office_heads (
    tenant TEXT NOT NULL CHECK (tenant <> ''),
    number BIGINT NOT NULL CHECK (number > 0),
    -- As it was signed.
    body BYTEA NOT NULL CHECK (length(body) BETWEEN 100 AND 2048),
    danger_through BIGINT NOT NULL CHECK (danger_through >= 0),
    -- The random leaf before the danger tree's own.
    blind BYTEA NOT NULL CHECK (length(blind) = 32),
    PRIMARY KEY (tenant, number)
);
