//go:build linux

package postgres_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift/internal/pgtest"
	"github.com/docsift/docsift/internal/store/storetest"
)

// days is over how many days a log is spread.
const days = 10

// fill adds n classifications of the last days, of 100 tenants, as they are once they are answered.
const fill = `
INSERT INTO classifications SELECT at / 86400000000, id, 't' || i %% 100, 'completed', 'async', '', at, at, at + 400000,
	lpad(to_hex(i), 64, '0'), 'scan ' || i || '.pdf', 'application/pdf', 48213, '{"taxonomy":"finance","priority":1}',
	(array['invoice', 'receipt', 'bank_statement', 'unknown'])[1 + i %% 4], 0.93, (array['local', 'openai', 'google'])[1 + i %% 3], 'gpt-6-luna', 'finance', 'default',
	CASE WHEN i %% 20 = 0 THEN 'low_confidence' ELSE '' END, '', false, false, false, false, 52000, true, 4000000, 0, 380000,
	'{"id":"' || id || '","status":"completed","document":{"sha256":"' || repeat('ab', 32) || '"},"attempts":[' || repeat('{"stage":"text","model":"gpt"},', 20) || '{}]}'
FROM (
	SELECT i, at, substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-7' || substr(h, 13, 3) || '-8' || substr(h, 16, 3) || '-' || substr(h, 19, 12) AS id
	FROM (SELECT i, at, lpad(to_hex(at / 1000), 12, '0') || md5(i::text) AS h
		FROM (SELECT i, (%d - (i %% %d)) * 86400000000 + (i / %d) %% 3600000000 AS at FROM generate_series(1::bigint, %d) i) moments) hexes
) ids;
ANALYZE classifications;`

func grown(t *testing.T, server *pgtest.Server, name string, rows int) storetest.Grown {
	t.Helper()
	server.Do("postgres", "CREATE DATABASE "+name)
	s := open(t, server.URL(name))
	db, err := sql.Open("pgx", server.URL(name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	today := int(time.Now().Unix() / 86400)
	for d := today - days; d < today-1; d++ {
		server.Do(name, fmt.Sprintf("CREATE TABLE classifications_%d PARTITION OF classifications FOR VALUES FROM (%d) TO (%d)", d, d, d+1))
	}
	server.Do(name, fmt.Sprintf(fill, today, days, days, rows))
	ids := server.Do(name, "SELECT id FROM classifications WHERE tenant = 't7' ORDER BY sha256 LIMIT 2000")
	return storetest.Grown{Store: s, DB: db, IDs: strings.Fields(ids)}
}

// A log of millions does not make anything slower that is done for a document.
func TestGrownLog(t *testing.T) {
	rows := storetest.GrownRows(t)
	server := pgtest.Start(t, "fsync = off", "max_wal_size = 8GB", "shared_buffers = 512MB")
	start := time.Now()
	full := grown(t, server, "grown", rows)
	t.Logf("%d rows in %v, %s", rows, time.Since(start).Round(time.Second), server.Do("grown", "SELECT pg_size_pretty(pg_database_size('grown'))"))
	storetest.CompareGrown(t, grown(t, server, "fresh", 1000), full)
	for _, query := range []string{
		"SELECT result FROM classifications c WHERE c.day = 20783 AND c.id = 'x' AND c.tenant = 't7'",
		"SELECT id FROM classifications WHERE tenant = 't7' ORDER BY day DESC, id DESC LIMIT 50",
		"SELECT id FROM classifications WHERE tenant = 't7' AND review <> '' ORDER BY day DESC, id DESC LIMIT 50",
		"SELECT id FROM classifications WHERE tenant = 't7' AND sha256 = 'x' ORDER BY day DESC, id DESC LIMIT 1",
	} {
		t.Logf("%s\n%s", query, server.Do("grown", "EXPLAIN "+query))
	}
}
