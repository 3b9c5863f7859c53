package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/docsift/docsift/model"
)

// Memory remembers what models have answered in a run until its job is finished, so that who does
// it again after a crash need not pay again. Where the database does not answer it knows nothing.
func (s *Store) Memory(log *slog.Logger) *Memory { return &Memory{s, log} }

// Memory is that of a store.
type Memory struct {
	store *Store
	log   *slog.Logger
}

// Recall returns what was answered in a run to what the key stands for.
func (m *Memory) Recall(ctx context.Context, run, key string) (r model.Response, found bool) {
	err := m.store.read(ctx, func(row *sql.Rows) error {
		var response []byte
		if err := row.Scan(&response); err != nil {
			return err
		}
		found = true
		return json.Unmarshal(response, &r)
	}, `SELECT response FROM answers WHERE run = $1 AND key = $2`, run, key)
	if err != nil {
		m.log.Debug("what was answered before is not known", "run", run, "error", err)
	}
	return r, found && err == nil
}

// Keep remembers an answer. It outlives the process when Keep returns.
func (m *Memory) Keep(ctx context.Context, run, key string, r model.Response) {
	response, err := json.Marshal(r)
	if err == nil {
		err = m.store.write(context.WithoutCancel(ctx), lazily, func(t *tx) error {
			_, err := t.exec(`INSERT INTO answers (run, key, response) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, run, key, string(response))
			return err
		})
	}
	if err != nil {
		m.log.Debug("an answer is not remembered", "run", run, "error", err)
	}
}

func (t *tx) forgetAnswers(run string) error {
	_, err := t.exec(`DELETE FROM answers WHERE run = $1`, run)
	return err
}

// firstID returns the id before all those made from a moment on.
func firstID(at time.Time) string {
	var u uuid.UUID
	binary.BigEndian.PutUint64(u[:8], uint64(max(0, at.UnixMilli()))<<16)
	u[6], u[8] = 0x70, 0x80 // version 7
	return u.String()
}
