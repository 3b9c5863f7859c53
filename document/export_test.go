package document

// Unreadable lets tests meet errors that a privileged user cannot provoke.
var Unreadable = unreadable

// Detect lets benchmarks leave out reading and hashing.
var Detect = detect
