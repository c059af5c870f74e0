-- name: add
INSERT INTO rows_apart (identifier_hash, row_hash) VALUES (:identifier, :row) ON CONFLICT DO NOTHING;

-- name: drop
DELETE FROM rows_apart WHERE identifier_hash = :identifier AND row_hash = :row;

-- name: of
SELECT row_hash FROM rows_apart WHERE identifier_hash = :identifier;

-- name: all
SELECT row_hash, identifier_hash FROM rows_apart;
