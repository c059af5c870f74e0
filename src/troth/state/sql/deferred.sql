-- name: add
INSERT INTO deferred (request, store, step, due, sealed_payload, status)
VALUES (:request, :store, :step, :due, :payload, 'waiting') ON CONFLICT DO NOTHING;

-- name: due
SELECT request, store, step, due, sealed_payload, status, ended_at FROM deferred
WHERE status = 'waiting' AND due <= :as_of AND (due, request, store, step) > (:due, :request, :store, :step)
ORDER BY due, request, store, step LIMIT 500;

-- name: get
SELECT request, store, step, due, sealed_payload, status, ended_at FROM deferred
WHERE request = :request AND store = :store AND step = :step;

-- name: of_request
SELECT request, store, step, due, sealed_payload, status, ended_at FROM deferred
WHERE request = :request ORDER BY due, store, step;

-- name: move
UPDATE deferred SET due = :due
WHERE request = :request AND store = :store AND step = :step AND status = 'waiting';

-- name: finish
UPDATE deferred SET status = :status, ended_at = :at, sealed_payload = NULL
WHERE request = :request AND store = :store AND step = :step AND status = 'waiting';
