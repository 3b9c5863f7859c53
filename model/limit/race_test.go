//go:build race

package limit_test

const histories = 200 // the race detector takes ten times as long
