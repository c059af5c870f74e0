-- name: add
INSERT INTO publications (number, version, policy, published_at, position, pages)
VALUES (:number, :version, :policy, :at, :position, :pages);

-- name: last
SELECT number, version, policy, published_at, position, pages FROM publications ORDER BY number DESC LIMIT 1;

-- name: of
SELECT number, version, policy, published_at, position, pages FROM publications WHERE version = :version;

-- name: all
SELECT number, version, policy, published_at, position FROM publications ORDER BY number DESC;

-- name: put_file
INSERT INTO publication_files (number, name, kind, content) VALUES (:number, :name, :kind, :content);

-- name: drop_file
DELETE FROM publication_files WHERE number = :number AND name = :name;

-- name: file
SELECT kind, content FROM publication_files WHERE number = :number AND name = :name;

-- name: files
SELECT name, kind, content FROM publication_files WHERE number = :number ORDER BY name;

-- name: file_names
SELECT number, name FROM publication_files ORDER BY number, name;
