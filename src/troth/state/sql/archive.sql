-- name: add
INSERT INTO archive (id, purpose, store, collection, until, sealed_key, sealed_record)
VALUES (:id, :purpose, :store, :collection, :until, :key, :record) ON CONFLICT DO NOTHING;

-- name: add_hash
INSERT INTO archive_hashes (identifier_hash, record) VALUES (:hash, :record) ON CONFLICT DO NOTHING;

-- name: get
SELECT id, purpose, store, collection, until FROM archive WHERE id = :id;

-- name: sealed
SELECT sealed_key, sealed_record FROM archive WHERE id = :id;

-- name: matching
SELECT a.id, a.purpose, a.store, a.collection, a.until
FROM archive a JOIN archive_hashes h ON h.record = a.id WHERE h.identifier_hash = :hash ORDER BY a.id;

-- name: ending
SELECT id, purpose, store, collection, until FROM archive WHERE until <= :until AND id > :after ORDER BY id LIMIT 500;

-- name: counts
SELECT purpose, store, collection, count(*), min(until), max(until) FROM archive
GROUP BY purpose, store, collection ORDER BY purpose, store, collection;

-- name: destroy
-- Its hashes go with it, by the foreign key.
DELETE FROM archive WHERE id = :id;
