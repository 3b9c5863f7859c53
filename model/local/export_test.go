package local

// Prepare makes the built-in phrases ready anew.
func Prepare() { newBuiltinStock() }
