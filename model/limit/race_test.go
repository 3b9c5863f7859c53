//go:build race

package limit_test

const histories = 300 // the race detector takes ten times as long
