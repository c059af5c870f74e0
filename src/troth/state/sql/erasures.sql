-- name: add
INSERT INTO erasures (request, store, step, at, epoch, sealed_scope, status)
VALUES (:request, :store, :step, :at, :epoch, :scope, 'intended') ON CONFLICT DO NOTHING;

-- name: intend_again
UPDATE erasures SET status = 'intended', at = :at, ended_at = NULL, sealed_scope = :scope
WHERE request = :request AND store = :store AND step = :step AND status <> 'done';

-- name: add_hash
INSERT INTO erasure_hashes (digest_hash, epoch, kind, request, store, step)
VALUES (:digest, :epoch, :kind, :request, :store, :step) ON CONFLICT DO NOTHING;

-- name: finish
UPDATE erasures SET status = :status, ended_at = :at
WHERE request = :request AND store = :store AND step = :step AND status <> 'done';

-- name: get
SELECT request, store, step, at, epoch, sealed_scope, status, ended_at FROM erasures
WHERE request = :request AND store = :store AND step = :step;

-- name: of_request
SELECT request, store, step, at, epoch, sealed_scope, status, ended_at FROM erasures
WHERE request = :request ORDER BY at, store, step;

-- name: after
SELECT request, store, step, at, epoch, sealed_scope, status, ended_at FROM erasures
WHERE (request, store, step) > (:request, :store, :step) AND (:status = '' OR status = :status)
ORDER BY request, store, step LIMIT 500;

-- name: hashes
SELECT epoch, kind, digest_hash FROM erasure_hashes
WHERE request = :request AND store = :store AND step = :step ORDER BY kind, digest_hash;

-- name: known
SELECT request, store, step FROM erasure_hashes WHERE digest_hash = :digest AND kind = :kind;

-- name: of_kind
SELECT DISTINCT digest_hash, epoch FROM erasure_hashes WHERE kind = :kind AND digest_hash > :after
ORDER BY digest_hash LIMIT 5000;

-- name: requests_of_kind
SELECT DISTINCT digest_hash, request FROM erasure_hashes WHERE kind = :kind;

-- name: forget_epoch
DELETE FROM erasure_hashes WHERE epoch = :epoch;
