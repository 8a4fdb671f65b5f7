package store

import (
	"strconv"
	"strings"
)

// Every statement of the store. Values are bound, never written into a text.
// Parameters are $1, $2; the rest is what SQLite and PostgreSQL both know.

// The writer's transaction: a savepoint for each job in a group.
const (
	sqlBegin      = `BEGIN IMMEDIATE`
	sqlCommit     = `COMMIT`
	sqlRollback   = `ROLLBACK`
	sqlSavepoint  = `SAVEPOINT job`
	sqlRollbackTo = `ROLLBACK TO job`
	sqlRelease    = `RELEASE job`
)

// What is kept in memory.
const (
	sqlNames   = `SELECT id, text FROM name`
	sqlNameID  = `SELECT id FROM name WHERE text = $1`
	sqlAddName = `INSERT INTO name (text) VALUES ($1) RETURNING id`
	sqlNewest  = `SELECT COALESCE((SELECT MAX(id) FROM message), 0),
		COALESCE((SELECT MAX(pk) FROM resource), 0)`
	sqlHeads = `SELECT p.destination, p.lane, p.message, d.state, d.attempts, d.retry_at
		FROM (SELECT destination, lane, MIN(message) AS message FROM pending GROUP BY destination, lane) p
		JOIN delivery d ON d.message = p.message AND d.destination = p.destination
		ORDER BY p.message`
)

// Messages and their deliveries.
const (
	sqlAddMessage = `INSERT INTO message (id, channel, lane, received, peer, control_id, sending_app, sending_fac,
		type, version, reused, refused, ack_code, ack, sha, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`
	sqlAddTwin = `INSERT INTO twin (h, sha, message) VALUES ($1, $2, $3)`
	sqlKnown   = `SELECT 1 FROM twin WHERE h = $1 LIMIT 1`
	sqlTwins   = `SELECT m.id, m.channel, m.sending_app, m.sending_fac, m.control_id, m.refused, m.sha, m.ack
		FROM twin t JOIN message m ON m.id = t.message WHERE t.h = $1 AND t.sha = $2 ORDER BY t.message`
	sqlNamesake = `SELECT m.channel, m.sending_app, m.sending_fac, m.control_id
		FROM twin t JOIN message m ON m.id = t.message WHERE t.h = $1 AND t.sha <> $2 AND m.refused = 0 LIMIT 1`
	sqlAddDelivery = `INSERT INTO delivery (message, destination, state, attempts, changed, retry_at, kind, place, text, steps)
		VALUES ($1, $2, $3, 0, $4, 0, $5, $6, $7, '')`
	sqlAddPending  = `INSERT INTO pending (destination, lane, message) VALUES ($1, $2, $3)`
	sqlPending     = `SELECT message FROM pending WHERE destination = $1 ORDER BY message`
	sqlDropPending = `DELETE FROM pending WHERE destination = $1 AND lane = $2 AND message = $3`
	sqlSettle      = `UPDATE delivery SET state = $3, attempts = $4, changed = $5, retry_at = $6,
		kind = $7, place = $8, text = $9, steps = steps || $10 WHERE message = $1 AND destination = $2`
	sqlNextInLane = `SELECT p.message, d.state, d.attempts, d.retry_at
		FROM pending p CROSS JOIN delivery d
		WHERE p.destination = $1 AND p.lane = $2 AND d.message = p.message AND d.destination = p.destination
		ORDER BY p.message LIMIT 1`
	sqlDeliveryState = `SELECT d.state, m.lane FROM delivery d JOIN message m ON m.id = d.message
		WHERE d.message = $1 AND d.destination = $2`
	sqlReplay = `UPDATE delivery SET state = 0, attempts = 0, changed = $3, retry_at = 0,
		kind = '', place = '', text = '', steps = steps || $4 WHERE message = $1 AND destination = $2`
	sqlTally = `INSERT INTO tally (destination, state, n) VALUES ($1, $2, $3)
		ON CONFLICT (destination, state) DO UPDATE SET n = tally.n + excluded.n`
	sqlSequence    = `SELECT next, last FROM sequence WHERE channel = $1 AND link = $2`
	sqlSetSequence = `INSERT INTO sequence (channel, link, next, last) VALUES ($1, $2, $3, $4)
		ON CONFLICT (channel, link) DO UPDATE SET next = excluded.next, last = excluded.last`
	sqlCounts = `SELECT state, SUM(n) FROM tally GROUP BY state`
)

// Resources.
const (
	sqlCurrent = `SELECT pk, version, deleted, body FROM resource WHERE type = $1 AND id = $2`
	sqlCreate  = `INSERT INTO resource (pk, type, id, version, updated, deleted, message, body, state)
		VALUES ($1, $2, $3, 1, $4, 0, $5, $6, $7) ON CONFLICT DO NOTHING`
	sqlKeepVersion = `INSERT INTO version (pk, version, updated, deleted, message, body)
		SELECT pk, version, updated, deleted, message, body FROM resource WHERE pk = $1 AND version = $2`
	sqlKeepVersionOf = sqlKeepVersion + ` AND state IS NOT DISTINCT FROM $3`
	sqlReplace       = `UPDATE resource SET version = version + 1, updated = $3, deleted = $4, message = $5, body = $6
		WHERE pk = $1 AND version = $2`
	sqlReplaceState = `UPDATE resource SET version = version + 1, updated = $3, deleted = $4, message = $5, body = $6,
		state = $7 WHERE pk = $1 AND version = $2`
	sqlSetState = `UPDATE resource SET state = $4
		WHERE type = $1 AND id = $2 AND version = $3 AND state IS NOT DISTINCT FROM $5`
	sqlReferrers = `SELECT r.type, r.id FROM ix_hash x JOIN resource r ON r.pk = x.pk
		WHERE x.sp = $1 AND x.h = $2 AND r.deleted = 0 ORDER BY x.pk`
	sqlHolders = `SELECT r.pk, r.id, r.body FROM ix_hash x JOIN resource r ON r.pk = x.pk
		WHERE x.sp = $1 AND x.h = $2 AND r.deleted = 0`
	sqlAddProduced = `INSERT INTO produced (message, pk, version) VALUES ($1, $2, $3)`
	sqlRead        = `SELECT version, updated, deleted, body FROM resource WHERE type = $1 AND id = $2`
	sqlReadLive    = `SELECT version, updated, body FROM resource WHERE pk = $1 AND deleted = 0`
	sqlReadVersion = `SELECT v.version, v.updated, v.deleted, v.body
		FROM resource r JOIN version v ON v.pk = r.pk WHERE r.type = $1 AND r.id = $2 AND v.version = $3`
	sqlHistory = `SELECT version, updated, deleted, body FROM resource WHERE type = $1 AND id = $2 AND version < $3
		UNION ALL
		SELECT v.version, v.updated, v.deleted, v.body
		FROM resource r JOIN version v ON v.pk = r.pk WHERE r.type = $1 AND r.id = $2 AND v.version < $3
		ORDER BY 1 DESC LIMIT $4`
)

// The search index.
const (
	sqlAddDate  = `INSERT INTO ix_date (sp, lo, hi, pk) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`
	sqlDropHash = `DELETE FROM ix_hash WHERE sp = $1 AND h = $2 AND pk = $3`
	sqlDropDate = `DELETE FROM ix_date WHERE sp = $1 AND lo = $2 AND hi = $3 AND pk = $4`
	sqlDropText = `DELETE FROM ix_string WHERE sp = $1 AND norm = $2 AND pk = $3`
)

// Pages for people. A list is sqlMessages with one of the four ends: by id
// through all, or by id through one state.
const (
	sqlMessage = `SELECT id, channel, lane, received, peer, control_id, sending_app, sending_fac, type, version,
		reused, ack_code, ack, body FROM message WHERE id = $1`
	sqlMessageColumns = `SELECT m.id, m.channel, m.lane, m.received, m.peer, m.control_id, m.sending_app, m.sending_fac,
		m.type, m.version, m.reused, m.ack_code,
		d.destination, d.state, d.attempts, d.changed, d.retry_at, d.kind, d.place, d.text`
	sqlMessages = sqlMessageColumns + ` FROM message m JOIN delivery d ON d.message = m.id
		WHERE d.message > $1 AND d.message < $2 AND ($3 = '' OR m.type = $3) AND ($4 = '' OR m.control_id = $4)`
	sqlMessagesNewest = ` AND d.state IN ($6, $7, $8, $9, $10) ORDER BY d.message DESC LIMIT $5`
	sqlMessagesOldest = ` AND d.state IN ($6, $7, $8, $9, $10) ORDER BY d.message LIMIT $5`
	sqlStateNewest    = ` AND d.state = $6 AND d.state <> 3 ORDER BY d.message DESC LIMIT $5`
	sqlStateOldest    = ` AND d.state = $6 AND d.state <> 3 ORDER BY d.message LIMIT $5`
	sqlMessageDetail  = sqlMessageColumns + `, d.steps, m.ack, m.body
		FROM message m JOIN delivery d ON d.message = m.id WHERE m.id = $1 ORDER BY d.destination LIMIT 1`
	sqlProduced = `SELECT r.type, r.id, p.version FROM produced p JOIN resource r ON r.pk = p.pk
		WHERE p.message = $1 ORDER BY p.pk, p.version`
)

// Statements of several rows are made once, from a constant for one row.
var (
	sqlAddHashes = batches(`INSERT INTO ix_hash (sp, h, pk) VALUES `, ` ON CONFLICT DO NOTHING`, 3)
	sqlAddTexts  = batches(`INSERT INTO ix_string (sp, norm, pk) VALUES `, ` ON CONFLICT DO NOTHING`, 3)
	sqlReadMany  = `WITH w (type, id) AS (VALUES ` + tuples(readMany, 2) + `)
		SELECT r.type, r.id, r.state, r.version, r.updated, r.deleted, r.body
		FROM w CROSS JOIN resource r ON r.type = w.type AND r.id = w.id`
)

func batches(before, after string, columns int) []batch {
	var all []batch
	for _, rows := range []int{16, 4, 1} {
		all = append(all, batch{rows, before + tuples(rows, columns) + after})
	}
	return all
}

// tuples writes "($1, $2), ($3, $4)" for two rows of two columns.
func tuples(rows, columns int) string {
	var b strings.Builder
	for i := range rows * columns {
		switch {
		case i == 0:
			b.WriteString("(")
		case i%columns == 0:
			b.WriteString("), (")
		default:
			b.WriteString(", ")
		}
		b.WriteString("$" + strconv.Itoa(i+1))
	}
	return b.String() + ")"
}
