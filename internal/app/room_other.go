//go:build !unix

package app

// roomOf is not known here.
func roomOf(string) room { return room{} }
