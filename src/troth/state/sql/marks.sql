-- name: add
INSERT INTO marks (id, sort, ground, made_at, until, sealed_anchors, scope)
VALUES (:id, :sort, :ground, :made_at, :until, :anchors, :scope) ON CONFLICT DO NOTHING;

-- name: add_hash
INSERT INTO mark_hashes (identifier_hash, mark) VALUES (:hash, :mark) ON CONFLICT DO NOTHING;

-- name: get
SELECT id, ground, made_at, until, released_at, sealed_anchors, scope FROM marks WHERE id = :id AND sort = :sort;

-- name: all
SELECT id, ground, made_at, until, released_at, sealed_anchors, scope FROM marks
WHERE sort = :sort ORDER BY made_at, id;

-- name: active
SELECT id, ground, made_at, until, released_at, sealed_anchors, scope FROM marks
WHERE sort = :sort AND released_at IS NULL AND (until IS NULL OR until >= :as_of) ORDER BY made_at, id;

-- name: matching
SELECT m.id, m.ground, m.made_at, m.until, m.released_at, m.sealed_anchors, m.scope
FROM marks m JOIN mark_hashes h ON h.mark = m.id
WHERE h.identifier_hash = :hash AND m.sort = :sort AND m.released_at IS NULL
  AND (m.until IS NULL OR m.until >= :as_of)
ORDER BY m.made_at, m.id;

-- name: marked
SELECT 1 FROM marks m JOIN mark_hashes h ON h.mark = m.id
WHERE h.identifier_hash = :hash AND m.sort = :sort AND m.released_at IS NULL
  AND (m.until IS NULL OR m.until >= :as_of)
LIMIT 1;

-- name: hashes
SELECT DISTINCT h.identifier_hash FROM marks m JOIN mark_hashes h ON h.mark = m.id
WHERE m.sort = :sort AND m.released_at IS NULL AND (m.until IS NULL OR m.until >= :as_of);

-- name: dated_hashes
SELECT h.identifier_hash, m.scope, m.made_at FROM marks m JOIN mark_hashes h ON h.mark = m.id
WHERE m.sort = :sort AND m.released_at IS NULL AND (m.until IS NULL OR m.until >= :as_of);

-- name: named_hashes
SELECT h.identifier_hash, m.id, m.scope, m.made_at FROM marks m JOIN mark_hashes h ON h.mark = m.id
WHERE m.sort = :sort AND m.released_at IS NULL AND (m.until IS NULL OR m.until >= :as_of)
ORDER BY m.made_at, m.id;

-- name: ended
SELECT id, ground, made_at, until, released_at, sealed_anchors, scope FROM marks
WHERE sort = :sort AND released_at IS NULL AND until < :as_of ORDER BY made_at, id;

-- name: beside
SELECT DISTINCT m.id, m.ground, m.made_at, m.until, m.released_at, m.sealed_anchors, m.scope
FROM marks m JOIN mark_hashes h ON h.mark = m.id JOIN mark_hashes o ON o.identifier_hash = h.identifier_hash
WHERE o.mark = :id AND m.id <> :id AND m.sort = :sort AND m.released_at IS NULL
ORDER BY m.made_at, m.id;

-- name: others
SELECT m.id, m.ground, m.made_at, m.until, m.released_at, m.sealed_anchors, m.scope
FROM marks m JOIN mark_hashes h ON h.mark = m.id
WHERE h.identifier_hash = :hash AND m.id <> :id AND m.sort = :sort AND m.released_at IS NULL
ORDER BY m.made_at, m.id;

-- name: hashes_of
SELECT identifier_hash FROM mark_hashes WHERE mark = :id;

-- name: rewrite
UPDATE marks SET sealed_anchors = :anchors WHERE id = :id AND sort = :sort AND released_at IS NULL;

-- name: release
UPDATE marks SET released_at = :at, sealed_anchors = NULL WHERE id = :id AND sort = :sort AND released_at IS NULL;

-- name: forget_hashes
DELETE FROM mark_hashes WHERE mark = :id;
