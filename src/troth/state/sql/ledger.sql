-- name: head
SELECT size, root, last_at, signer FROM ledger_head WHERE only_row = 1;

-- name: first_head
INSERT INTO ledger_head (only_row, size, root, last_at, signer) VALUES (1, 0, :root, '', '')
ON CONFLICT DO NOTHING;

-- name: move_head
-- Conditional on what was read, so that a writer the lock did not stop changes nothing.
UPDATE ledger_head SET size = :size, root = :root, last_at = :last_at, signer = :signer
WHERE only_row = 1 AND size = :old_size AND root = :old_root;

-- name: count_after
SELECT count(*) FROM ledger_leaves WHERE position >= :size;

-- name: add_leaf
INSERT INTO ledger_leaves (position, data, hashes) VALUES (:position, :data, :hashes);

-- name: add_body
INSERT INTO ledger_bodies (position, salt, body, request) VALUES (:position, :salt, :body, :request);

-- name: hashes_sqlite
SELECT position, hashes FROM ledger_leaves WHERE position IN (SELECT value FROM json_each(:positions));

-- name: hashes_postgresql
SELECT position, hashes FROM ledger_leaves WHERE position = ANY(:positions);

-- name: store
-- PostgreSQL: a group, the head that it moves and its checkpoint in one statement and one binary message. Whoever finds
-- that nothing was moved undoes all of it.
WITH leaves AS (
    INSERT INTO ledger_leaves (position, data, hashes)
    SELECT * FROM unnest(:position::bigint[], :data::bytea[], :hashes::bytea[])
), bodies AS (
    INSERT INTO ledger_bodies (position, salt, body, request)
    SELECT * FROM unnest(:position::bigint[], :salt::bytea[], :body::bytea[], :request::text[])
), sealed AS (
    INSERT INTO ledger_checkpoints (size, note)
    SELECT :size::bigint, :note::text WHERE :note::text IS NOT NULL ON CONFLICT DO NOTHING
), moved AS (
    UPDATE ledger_head SET size = :size::bigint, root = :root::bytea, last_at = :last_at::text, signer = :signer::text
    WHERE only_row = 1 AND size = :old_size::bigint AND root = :old_root::bytea RETURNING 1
)
SELECT count(*) FROM moved;

-- name: leaf
SELECT data, hashes FROM ledger_leaves WHERE position = :position;

-- name: leaves
SELECT position, data, hashes FROM ledger_leaves WHERE position >= :start AND position < :end ORDER BY position;

-- name: bodies
SELECT position, salt, body FROM ledger_bodies WHERE position >= :start AND position < :end ORDER BY position;

-- name: redact
DELETE FROM ledger_bodies WHERE position = :position;

-- name: find
SELECT position FROM ledger_bodies WHERE request = :request ORDER BY position;

-- name: add_signer
INSERT INTO ledger_signers (position, vkey) VALUES (:position, :vkey);

-- name: signers
SELECT position, vkey FROM ledger_signers ORDER BY position;

-- name: add_checkpoint
INSERT INTO ledger_checkpoints (size, note) VALUES (:size, :note) ON CONFLICT DO NOTHING;

-- name: checkpoint
SELECT note FROM ledger_checkpoints WHERE size = :size;

-- name: checkpoints
SELECT size, note FROM ledger_checkpoints WHERE size > :after ORDER BY size LIMIT 1000;

-- name: checkpoint_covering
SELECT note FROM ledger_checkpoints WHERE size > :position ORDER BY size LIMIT 1;

-- name: last_checkpoint
SELECT note FROM ledger_checkpoints ORDER BY size DESC LIMIT 1;

-- name: of_request
SELECT b.position, l.data, l.hashes, b.salt, b.body FROM ledger_bodies AS b
LEFT JOIN ledger_leaves AS l ON l.position = b.position WHERE b.request = :request ORDER BY b.position;
