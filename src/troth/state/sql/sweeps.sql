-- name: start
INSERT INTO sweeps (id, plan, started_at, cursor, counts) VALUES (:id, :plan, :at, :cursor, :counts)
ON CONFLICT DO NOTHING;

-- name: unfinished_of
SELECT id, plan, started_at, ended_at, cursor, counts FROM sweeps WHERE plan = :plan AND ended_at IS NULL;

-- name: unfinished
SELECT id, plan, started_at, ended_at, cursor, counts FROM sweeps WHERE ended_at IS NULL ORDER BY started_at, id;

-- name: last
SELECT id, plan, started_at, ended_at, cursor, counts FROM sweeps ORDER BY started_at DESC, id DESC LIMIT :most;

-- name: get
SELECT id, plan, started_at, ended_at, cursor, counts FROM sweeps WHERE id = :id;

-- name: advance
UPDATE sweeps SET cursor = :cursor, counts = :counts WHERE id = :id AND ended_at IS NULL;

-- name: end
UPDATE sweeps SET ended_at = :at, counts = :counts WHERE id = :id AND ended_at IS NULL;
