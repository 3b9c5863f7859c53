// Package crash kills the processes of a whole service again and again while documents come in, and
// then asks whether all that was accepted was done, once. 'make crash' runs it.
package crash
