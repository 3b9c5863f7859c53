package sqlite_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/docsift/docsift/internal/store/storetest"
)

// fill adds classifications of the last ten days, of 100 tenants, as they are once they are answered.
const fill = `
INSERT INTO classifications WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %[2]d)
SELECT at / 86400000000, substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-7' || substr(h, 13, 3) || '-8' || substr(h, 16, 3) || '-' || substr(h, 19, 12),
	't' || (i %% 100), 'completed', 'async', '', at, at, at + 400000, printf('%%064x', i), 'scan ' || i || '.pdf', 'application/pdf', 48213,
	'{"taxonomy":"finance","priority":1}', 'invoice', 0.93, 'local', 'gpt-6-luna', 'finance', 'default',
	CASE WHEN i %% 20 = 0 THEN 'low_confidence' ELSE '' END, '', 0, 0, 0, 0, 52000, 1, 4000000, 0, 380000,
	'{"id":"x","status":"completed","attempts":[' || replace(hex(zeroblob(250)), '00', '{"a"},') || '{}]}'
FROM (SELECT i, at, printf('%%012x', at / 1000) || lower(hex(randomblob(10))) AS h
	FROM (SELECT i, (%[1]d - i %% 10) * 86400000000 + (i / 10) %% 3600000000 AS at FROM n))`

func grown(t *testing.T, rows int) storetest.Grown {
	t.Helper()
	path := filepath.Join(t.TempDir(), "docsift.db")
	s := open(t, path)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.ExecContext(t.Context(), fmt.Sprintf(fill, time.Now().Unix()/86400, rows)); err != nil {
		t.Fatal(err)
	}
	g := storetest.Grown{Store: s, DB: db}
	r, err := db.QueryContext(t.Context(), "SELECT id FROM classifications WHERE tenant = 't7' ORDER BY sha256 LIMIT 2000")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for r.Next() {
		var id string
		if err := r.Scan(&id); err != nil {
			t.Fatal(err)
		}
		g.IDs = append(g.IDs, id)
	}
	return g
}

// A log of a million does not make anything slower that is done for a document.
func TestGrownLog(t *testing.T) {
	rows := storetest.GrownRows(t)
	start := time.Now()
	full := grown(t, rows)
	t.Logf("%d rows in %v", rows, time.Since(start).Round(time.Second))
	storetest.CompareGrown(t, grown(t, 1000), full)
}
