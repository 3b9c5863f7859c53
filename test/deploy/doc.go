// Package deploy holds what docsift is deployed with to the tools that will read it: the Dockerfiles to BuildKit's
// parser and linter, compose.yaml to compose's loader, the chart to Helm and to the schemas of Kubernetes, the units
// to systemd. It is a module of its own so that docsift needs none of these.
package deploy
