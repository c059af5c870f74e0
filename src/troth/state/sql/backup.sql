-- name: head
SELECT size, root, last_at, signer FROM ledger_head;

-- name: leaves
SELECT position, data, hashes FROM ledger_leaves ORDER BY position;

-- name: signers
SELECT position, vkey FROM ledger_signers ORDER BY position;

-- Packages of the site's database that wait to be fetched: the files that belong to it.
-- name: packages
SELECT name FROM desk_package ORDER BY name;

-- name: has_packages_sqlite
SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'desk_package';

-- name: tables_sqlite
SELECT name FROM sqlite_schema WHERE type = 'table';

-- A worker of the time of the backup that still lives somewhere holds nothing any more.
-- name: fence_steps
UPDATE jobs_step SET state = 'ready', attempt = attempt + 1, claimed_by = '' WHERE state = 'claimed';

-- name: open_requests
SELECT count(*) FROM desk_file WHERE settled IS NULL;

-- What was ended or used up since the backup would be good again.
-- name: end_sessions
DELETE FROM accounts_session;

-- name: end_letters
DELETE FROM accounts_letter;

-- name: accounts
SELECT count(*) FROM accounts_user;

-- name: staff
SELECT count(*) FROM console_staff WHERE ended IS NULL AND user_id IS NOT NULL;

-- name: tokens
SELECT count(*) FROM api_token WHERE ended IS NULL AND (expires IS NULL OR expires > CURRENT_TIMESTAMP);

-- name: columns
SELECT column_name FROM information_schema.columns
WHERE table_schema = current_schema() AND table_name = :name AND is_generated = 'NEVER' ORDER BY ordinal_position;

-- name: identities
SELECT column_name FROM information_schema.columns
WHERE table_schema = current_schema() AND table_name = :name AND (is_identity = 'YES' OR column_default LIKE 'nextval(%%');
