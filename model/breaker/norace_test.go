//go:build !race

package breaker_test

const histories = 100_000
