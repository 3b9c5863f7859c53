// Package sdk holds the adapters of chat models to the official SDKs of their providers: what
// docsift sends must be what an SDK would send, and what it reads what an SDK reads. It is a
// module of its own, so that docsift itself does not depend on the SDKs.
//
// Run it with "go test ./..." in this folder.
package sdk
