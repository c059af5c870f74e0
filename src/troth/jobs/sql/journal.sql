-- What every step of every job goes through, in words of its own: composing such a statement anew each time costs three
-- times what the database needs for it. {clock}, {json:…}, {among:…}, {lock}, {skip} and {with_next} are each engine's own
-- words. {with_next}: its transaction reaches the disk with the next one that waits for the disk, and is undone by a crash
-- of the server alone. A step that is taken or ended twice is fenced or found done; and before anything that cannot be
-- undone ``hold`` waits for the disk, and so does the ledger.

-- name: free
-- The next step of one priority. On PostgreSQL what another worker is taking at this moment is passed over.
SELECT s.id, s.number, s.kind, s.stage, s.store, s.reference, s.state, s.attempt, s.tries, s.waits_for, s.progress,
    s.answer, j.id, j.ref, j.kind, j.key, j.plan, j.state
FROM jobs_step AS s JOIN jobs_job AS j ON j.id = s.job_id
WHERE s.priority = %(priority)s AND s.free_at <= {clock} AND s.kind {among:kinds}
ORDER BY s.free_at LIMIT 1 {skip};

-- name: take
UPDATE jobs_step SET state = 'claimed', attempt = attempt + 1, tries = tries + 1, claimed_by = %(worker)s,
    free_at = {clock} + %(lease)s, waits_for = ''
WHERE id = %(step)s AND attempt = %(attempt)s {with_next};

-- name: hold
UPDATE jobs_step SET free_at = {clock} + %(lease)s
WHERE id = %(step)s AND attempt = %(attempt)s AND claimed_by = %(worker)s AND state = 'claimed';

-- name: note
UPDATE jobs_step SET progress = {json:progress}, tries = 1, free_at = {clock} + %(lease)s
WHERE id = %(step)s AND attempt = %(attempt)s AND claimed_by = %(worker)s AND state = 'claimed';

-- name: lock_job
SELECT state FROM jobs_job WHERE id = %(job)s {lock};

-- name: settle
UPDATE jobs_step SET state = %(state)s, result = {json:result}, free_at = NULL, settled = {clock}, error = ''
WHERE id = %(step)s AND attempt = %(attempt)s AND claimed_by = %(worker)s AND state = 'claimed' {with_next};

-- name: rest
-- The steps of a job that are left, those of the next stage first: whether there is one, and one alone.
SELECT s.id, s.number, s.kind, s.stage, s.store, s.reference, s.state, s.attempt, s.tries, s.waits_for, s.progress,
    s.answer, j.id, j.ref, j.kind, j.key, j.plan, j.state
FROM jobs_step AS s JOIN jobs_job AS j ON j.id = s.job_id
WHERE s.job_id = %(job)s AND s.settled IS NULL ORDER BY s.stage LIMIT 2;

-- name: open_stage
UPDATE jobs_step SET state = 'ready', free_at = {clock} + %(pause)s
WHERE job_id = %(job)s AND settled IS NULL AND stage = %(stage)s AND state = 'waiting';

-- name: close_job
UPDATE jobs_job SET state = 'done', settled = {clock} WHERE id = %(job)s;

-- name: result
-- What the steps of one kind have left, whatever the version of their plan: the first of them.
SELECT s.result, s.settled FROM jobs_step AS s JOIN jobs_job AS j ON j.id = s.job_id
WHERE j.kind = %(kind)s AND j.key = %(key)s AND s.kind LIKE %(like)s ORDER BY s.number LIMIT 1;
