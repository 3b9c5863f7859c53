//go:build race

package breaker_test

const histories = 10_000 // the race detector takes ten times as long
