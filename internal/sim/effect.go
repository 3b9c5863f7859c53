package sim

import (
	"bytes"
	"cmp"
	"net"
	"net/http"
	"strconv"
	"time"
)

// hugeBody is how many bytes of white space stand before a huge reply.
const hugeBody = 100 << 20

// play answers an accepted call under an effect.
func (x *exchange) play(q *query, e Effect) {
	t := x.server.compose(q, e)
	billed := !e.failing() && e.Status < 400
	if e.Billed != nil {
		billed = *e.Billed
	}
	x.server.ledger.update(x.seq, func(r *Request) {
		r.PromptTokens, r.Billed = t.billed.prompt, billed
		if !e.failing() {
			r.CompletionTokens = t.billed.output()
		}
	})
	if !x.wait(x.server.latency() + e.Delay) {
		x.close(0, "gone", "the client left before the reply")
		return
	}
	u := t.usage
	if e.failing() {
		u = usage{}
	}
	x.server.meter.settle(q.model, q.key, x.taken, u)
	switch {
	case e.Hang:
		<-x.r.Context().Done()
		x.close(0, "hung", "")
	case e.failing():
		p := e.failure(q.provider)
		x.fail(p)
		x.close(p.status, "failed", p.describe())
	case e.Cut == "before", e.Cut == "reset":
		x.close(0, "cut", e.Cut)
		x.hangUp(e.Cut == "reset")
	case e.Body != "":
		x.dialect.stamp(x.w.Header(), x.id)
		status := cmp.Or(e.Status, http.StatusOK)
		x.send(status, []byte(e.Body), e)
		x.close(status, "spoiled", "scripted body")
	default:
		x.answer(q, t, e)
	}
}

// answer sends a 200, spoiled as the effect says.
func (x *exchange) answer(q *query, t turn, e Effect) {
	h := x.w.Header()
	x.dialect.stamp(h, x.id)
	x.dialect.limits(h, x.server.meter.left(q.model, q.key))
	h.Set("Content-Type", "application/json")
	body := marshal(x.dialect.reply(q, t))
	if q.choices != nil {
		body = unmarked(body)
	}
	outcome := "answered"
	if e.Garbage != "" || e.Empty != "" || e.Finish != "" {
		outcome = "spoiled"
	}
	switch e.Garbage {
	case "not_json":
		body = []byte("upstream connect error or disconnect before headers")
	case "truncated":
		body = body[:len(body)/2]
	case "html":
		h.Set("Content-Type", "text/html")
		body = htmlPage(http.StatusOK)
	case "blank":
		body = nil
	case "bom":
		body = append([]byte("\xef\xbb\xbf"), body...)
	case "gzip":
		h.Set("Content-Encoding", "gzip")
	case "huge":
		if !x.sendBlanks() {
			x.close(http.StatusOK, "gone", "the client left in the middle of the body")
			return
		}
	}
	if e.Cut == "middle" {
		x.close(http.StatusOK, "cut", "middle")
		x.sendHalf(body)
		return
	}
	if !x.send(http.StatusOK, body, e) {
		x.close(http.StatusOK, "gone", "the client left in the middle of the body")
		return
	}
	x.close(http.StatusOK, outcome, cmp.Or(e.Garbage, e.Empty, e.Finish))
}

// send writes a whole body, a byte at a time where the effect drips, and reports whether it got through.
func (x *exchange) send(status int, body []byte, e Effect) bool {
	if e.Garbage != "huge" {
		x.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		x.w.WriteHeader(status)
	}
	if e.Drip == 0 {
		_, err := x.w.Write(body)
		return err == nil
	}
	for i := range body {
		if i > 0 && !x.wait(e.Drip) {
			return false
		}
		if _, err := x.w.Write(body[i : i+1]); err != nil || !x.flushed() {
			return false
		}
	}
	return true
}

// sendBlanks writes the white space before a huge reply.
func (x *exchange) sendBlanks() bool {
	x.w.WriteHeader(http.StatusOK)
	blanks := bytes.Repeat([]byte(" "), 1<<20)
	for range hugeBody / len(blanks) {
		if _, err := x.w.Write(blanks); err != nil {
			return false
		}
	}
	return true
}

// sendHalf announces the whole body, writes half and hangs up.
func (x *exchange) sendHalf(body []byte) {
	x.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	x.w.WriteHeader(http.StatusOK)
	if _, err := x.w.Write(body[:len(body)/2]); err == nil {
		x.flushed()
	}
	x.hangUp(false)
}

func (x *exchange) flushed() bool {
	return http.NewResponseController(x.w).Flush() == nil
}

// hangUp closes the connection without another byte; reset sends a TCP reset where the connection allows it.
func (x *exchange) hangUp(reset bool) {
	if !reset {
		panic(http.ErrAbortHandler)
	}
	conn, _, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer conn.Close()
	raw := conn
	if t, ok := conn.(interface{ NetConn() net.Conn }); ok {
		raw = t.NetConn()
	}
	if tcp, ok := raw.(*net.TCPConn); ok {
		tcp.SetLinger(0) // best effort: without it the client sees the connection end
	}
}

// wait pauses and reports whether the client is still there.
func (x *exchange) wait(d time.Duration) bool {
	if d <= 0 {
		return x.r.Context().Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-x.r.Context().Done():
		return false
	}
}
