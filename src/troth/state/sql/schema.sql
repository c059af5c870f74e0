-- The whole of Troth's own state. Written for SQLite; for PostgreSQL, BLOB is read as BYTEA and INTEGER as
-- BIGINT (see postgresql.py). Personal data is only ever in columns named sealed_*, encrypted by the vault,
-- or in columns named *_hash, keyed.

CREATE TABLE IF NOT EXISTS troth_schema (version INTEGER PRIMARY KEY);

-- The ledger ------------------------------------------------------------------------------------------
CREATE TABLE IF NOT EXISTS ledger_head (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    last_at TEXT NOT NULL,
    signer TEXT NOT NULL
);

-- hashes: those of the perfect subtrees which this leaf completes, level 0 first, 32 bytes each.
CREATE TABLE IF NOT EXISTS ledger_leaves (
    position INTEGER PRIMARY KEY,
    data BLOB NOT NULL,
    hashes BLOB NOT NULL
);

-- Deleting a row here is what redaction is.
CREATE TABLE IF NOT EXISTS ledger_bodies (
    position INTEGER PRIMARY KEY,
    salt BLOB NOT NULL,
    body BLOB NOT NULL,
    request TEXT
);
CREATE INDEX IF NOT EXISTS ledger_bodies_request ON ledger_bodies (request, position) WHERE request IS NOT NULL;

CREATE TABLE IF NOT EXISTS ledger_signers (position INTEGER PRIMARY KEY, vkey TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS ledger_checkpoints (size INTEGER PRIMARY KEY, note TEXT NOT NULL);

-- Erasures, so that a restored backup can be cleaned again ---------------------------------------------
CREATE TABLE IF NOT EXISTS erasures (
    request TEXT NOT NULL,
    store TEXT NOT NULL,
    step TEXT NOT NULL,
    at TEXT NOT NULL,
    epoch TEXT NOT NULL,
    sealed_scope BLOB NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('intended', 'done', 'failed')),
    ended_at TEXT,
    PRIMARY KEY (request, store, step)
);
CREATE TABLE IF NOT EXISTS erasure_hashes (
    digest_hash BLOB NOT NULL,
    epoch TEXT NOT NULL,
    kind TEXT NOT NULL,
    request TEXT NOT NULL,
    store TEXT NOT NULL,
    step TEXT NOT NULL,
    PRIMARY KEY (digest_hash, request, store, step),
    FOREIGN KEY (request, store, step) REFERENCES erasures (request, store, step) ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS erasure_hashes_erasure ON erasure_hashes (request, store, step);
CREATE INDEX IF NOT EXISTS erasure_hashes_epoch ON erasure_hashes (epoch);

-- Parts of an erasure that wait for their day ----------------------------------------------------------
CREATE TABLE IF NOT EXISTS deferred (
    request TEXT NOT NULL,
    store TEXT NOT NULL,
    step TEXT NOT NULL,
    due TEXT NOT NULL,
    sealed_payload BLOB,
    status TEXT NOT NULL CHECK (status IN ('waiting', 'done', 'cancelled')),
    ended_at TEXT,
    PRIMARY KEY (request, store, step)
);
CREATE INDEX IF NOT EXISTS deferred_due ON deferred (status, due);

-- Holds made by hand, restrictions (Article 18), refusals of a purpose (Articles 7(3) and 21) ------------
CREATE TABLE IF NOT EXISTS marks (
    id TEXT PRIMARY KEY,
    sort TEXT NOT NULL CHECK (sort IN ('hold', 'restriction', 'refusal')),
    ground TEXT NOT NULL,
    made_at TEXT NOT NULL,
    until TEXT,
    released_at TEXT,
    sealed_anchors BLOB,
    scope TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS mark_hashes (
    identifier_hash BLOB NOT NULL,
    mark TEXT NOT NULL REFERENCES marks (id) ON DELETE CASCADE,
    PRIMARY KEY (identifier_hash, mark)
);
CREATE INDEX IF NOT EXISTS mark_hashes_mark ON mark_hashes (mark);

-- Rows that a human has said not to be of whoever has an identifier ------------------------------------
CREATE TABLE IF NOT EXISTS rows_apart (
    identifier_hash BLOB NOT NULL,
    row_hash TEXT NOT NULL,
    PRIMARY KEY (identifier_hash, row_hash)
);

-- Runs of the retention rules --------------------------------------------------------------------------
CREATE TABLE IF NOT EXISTS sweeps (
    id TEXT PRIMARY KEY,
    plan TEXT NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT,
    cursor TEXT NOT NULL,
    counts TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS sweeps_unfinished ON sweeps (plan) WHERE ended_at IS NULL;

-- The archive: records out of daily use, each under a key of its own -------------------------------------
CREATE TABLE IF NOT EXISTS archive (
    id TEXT PRIMARY KEY,
    purpose TEXT NOT NULL,
    store TEXT NOT NULL,
    collection TEXT NOT NULL,
    until TEXT NOT NULL,
    sealed_key BLOB NOT NULL,
    sealed_record BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS archive_until ON archive (until);
CREATE INDEX IF NOT EXISTS archive_place ON archive (purpose, store, collection);
CREATE TABLE IF NOT EXISTS archive_hashes (
    identifier_hash BLOB NOT NULL,
    record TEXT NOT NULL REFERENCES archive (id) ON DELETE CASCADE,
    PRIMARY KEY (identifier_hash, record)
);
CREATE INDEX IF NOT EXISTS archive_hashes_record ON archive_hashes (record);

-- Published versions of the policy, as people read them: public texts, kept for ever -----------------------
CREATE TABLE IF NOT EXISTS publications (
    number INTEGER PRIMARY KEY,
    version TEXT NOT NULL UNIQUE,
    policy TEXT NOT NULL,
    published_at TEXT NOT NULL,
    position INTEGER NOT NULL,
    pages TEXT NOT NULL
);

-- What goes with a version: the text as PDF, the notice for machines, the pictures of its look. Only the look may be
-- put in anew; all of it can be made again from the pages.
CREATE TABLE IF NOT EXISTS publication_files (
    number INTEGER NOT NULL REFERENCES publications (number),
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (number, name)
);
