package mail

// UnpackRTF is what the tests call on its own.
var UnpackRTF = unpackRTF
