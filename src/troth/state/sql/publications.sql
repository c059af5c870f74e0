-- name: add
INSERT INTO publications (number, version, policy, published_at, position, pages)
VALUES (:number, :version, :policy, :at, :position, :pages);

-- name: last
SELECT number, version, policy, published_at, position, pages FROM publications ORDER BY number DESC LIMIT 1;

-- name: of
SELECT number, version, policy, published_at, position, pages FROM publications WHERE version = :version;

-- name: all
SELECT number, version, policy, published_at, position FROM publications ORDER BY number DESC;
