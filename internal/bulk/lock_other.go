//go:build !unix

package bulk

import "os"

func lock(*os.File) (bool, error) { return true, nil } // nothing here keeps others away
func isFull(error) bool           { return false }
func syncFolder(string) error     { return nil } // folders cannot be synced here
