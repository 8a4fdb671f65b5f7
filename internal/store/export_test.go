package store

import "context"

// Lower returns o with another level of synchronous, to show what it loses.
func Lower(o Options, synchronous string) Options {
	o.synchronous = synchronous
	return o
}

// Tight returns o so that a store does early what it else does when it is big:
// checkpoints after so many pages, and walks an index for more than so many
// candidates.
func Tight(o Options, logPages int64, few int) Options {
	o.logPages, o.few = logPages, few
	return o
}

// Plan is how the database would run a statement, one step a line.
func (s *Store) Plan(ctx context.Context, query string, args []any) ([]string, error) {
	rows, err := s.db.read.QueryContext(ctx, "EXPLAIN QUERY PLAN "+s.db.text(query), args...)
	if err != nil {
		return nil, err
	}
	var steps []string
	err = scanAll(rows, func(scan func(...any) error) error {
		var id, parent, unused int
		var step string
		err := scan(&id, &parent, &unused, &step)
		steps = append(steps, step)
		return err
	})
	return steps, err
}

// Statements are the statements that look something up, by name.
var Statements = map[string]string{
	"sqlNewest": sqlNewest, "sqlNameID": sqlNameID, "sqlKnown": sqlKnown, "sqlTwins": sqlTwins, "sqlNamesake": sqlNamesake,
	"sqlDropPending": sqlDropPending, "sqlPending": sqlPending, "sqlSettle": sqlSettle, "sqlNextInLane": sqlNextInLane,
	"sqlDeliveryState": sqlDeliveryState, "sqlReplay": sqlReplay, "sqlSequence": sqlSequence,
	"sqlCurrent": sqlCurrent, "sqlKeepVersion": sqlKeepVersion, "sqlReplace": sqlReplace, "sqlKeepVersionOf": sqlKeepVersionOf, "sqlReplaceState": sqlReplaceState, "sqlSetState": sqlSetState,
	"sqlReferrers": sqlReferrers, "sqlHolders": sqlHolders,
	"sqlRead": sqlRead, "sqlReadLive": sqlReadLive, "sqlReadVersion": sqlReadVersion, "sqlHistory": sqlHistory,
	"sqlDropHash": sqlDropHash, "sqlDropDate": sqlDropDate, "sqlDropText": sqlDropText,
	"sqlMessage": sqlMessage, "sqlMessageDetail": sqlMessageDetail, "sqlProduced": sqlProduced,
	"sqlMessagesNewest": sqlMessages + sqlMessagesNewest, "sqlMessagesOldest": sqlMessages + sqlMessagesOldest,
	"sqlStateNewest": sqlMessages + sqlStateNewest, "sqlStateOldest": sqlMessages + sqlStateOldest,
}
