//go:build !race

package limit_test

const histories = 3000
