package main

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"bytes"
)

// rule describes a fault to inject. Which requests it hits: those whose SOAP method is Method, or whose "VERB path" has
// the prefix HTTP; of these the first Skip pass, then Count are hit (1 if not given, all if negative).
type rule struct {
	Method  string `json:"method,omitempty"`   // SOAP method, * for any
	HTTP    string `json:"http,omitempty"`     // such as "POST /api/session"
	Object  string `json:"object,omitempty"`   // value of the object the method is called on
	Match   string `json:"match,omitempty"`    // text the request body has to contain
	Skip    int    `json:"skip,omitempty"`     //
	Count   int    `json:"count,omitempty"`    //
	Run     string `json:"run,omitempty"`      // run this command in a shell first: the change of another client at that moment
	Delay   int    `json:"delay_ms,omitempty"` // wait first
	Fault   string `json:"fault,omitempty"`    // answer with this SOAP fault ...
	Message string `json:"message,omitempty"`  // ... this message
	Detail  string `json:"detail,omitempty"`   // ... and this XML in it
	Status  int    `json:"status,omitempty"`   // answer with this HTTP status ...
	Body    string `json:"body,omitempty"`     // ... and this body
	Drop    bool   `json:"drop,omitempty"`     // cut the connection
	Read    int64  `json:"read,omitempty"`     // read so many bytes of the request body first
	After   bool   `json:"after,omitempty"`    // carry the request out first: what is lost is the answer
	Hits    int    `json:"hits"`               // how often it has struck
}

func (r *rule) matches(verb, path, method, object string, body []byte) bool {
	if r.Method == "" && r.HTTP == "" {
		return false
	}
	return (r.Method == "" || r.Method == "*" && method != "" || r.Method == method) &&
		(r.HTTP == "" || strings.HasPrefix(verb+" "+path, r.HTTP)) &&
		(r.Object == "" || r.Object == object) &&
		(r.Match == "" || bytes.Contains(body, []byte(r.Match)))
}

// admin is what tests use to look behind the scenes: live sessions, calls, faults. It is not a part of vCenter.
type admin struct {
	sim   *sim
	mu    sync.Mutex
	rules []*rule
	calls []callRec
	file  *os.File
}

func newAdmin(s *sim) *admin { return &admin{sim: s} }

func (a *admin) logTo(f *os.File) { a.file = f }

func (a *admin) close() {
	if a.file != nil {
		_ = a.file.Close()
	}
}

func (a *admin) record(rec callRec) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.calls) < 100_000 {
		a.calls = append(a.calls, rec)
	}
	if a.file != nil {
		j, _ := json.Marshal(&rec)
		_, _ = a.file.Write(append(j, '\n'))
	}
}

// pick returns the rule that strikes a request.
func (a *admin) pick(verb, path, method, object string, body []byte) *rule {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, r := range a.rules {
		if !r.matches(verb, path, method, object, body) {
			continue
		}
		if r.Skip > 0 {
			r.Skip--
			continue
		}
		if r.Count == 0 {
			continue
		}
		if r.Count > 0 {
			r.Count--
		}
		r.Hits++
		c := *r
		return &c
	}
	return nil
}

func (a *admin) injectFaults(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		none := len(a.rules) == 0
		a.mu.Unlock()
		if none {
			next.ServeHTTP(w, r)
			return
		}
		var body []byte
		var method, object string
		if ct := r.Header.Get("Content-Type"); strings.Contains(ct, "xml") || strings.Contains(ct, "json") {
			body, _ = io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			if m := reMethod.FindSubmatch(body); m != nil {
				method = string(m[1])
			}
			if t := reThis.FindSubmatch(body); t != nil {
				object = string(t[2])
			}
		}
		f := a.pick(r.Method, r.URL.Path, method, object, body)
		if f == nil {
			next.ServeHTTP(w, r)
			return
		}
		if f.Run != "" {
			if out, err := exec.Command("sh", "-c", f.Run).CombinedOutput(); err != nil {
				log.Printf("%s: %v\n%s", f.Run, err, out)
			}
		}
		if f.Delay > 0 {
			time.Sleep(time.Duration(f.Delay) * time.Millisecond)
		}
		if f.Fault == "" && f.Status == 0 && !f.Drop {
			next.ServeHTTP(w, r)
			return
		}
		if f.Read > 0 {
			_, _ = io.CopyN(io.Discard, r.Body, f.Read)
		}
		if f.After {
			next.ServeHTTP(&bufWriter{h: http.Header{}}, r)
		}
		switch {
		case f.Drop:
			panic(http.ErrAbortHandler)
		case f.Fault != "":
			message := f.Message
			if message == "" {
				message = f.Fault
			}
			writeFault(w, f.Fault, message, f.Detail)
		default:
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(f.Status)
			_, _ = io.WriteString(w, f.Body)
		}
	})
}

var reURN = regexp.MustCompile(`id:[^/?]+|urn:[^/?]+`)

// endpoints serves /sim/ without authentication: the simulator has no secrets.
func (a *admin) endpoints(next http.Handler) http.Handler {
	reply := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /sim/sessions", func(w http.ResponseWriter, r *http.Request) { reply(w, a.sim.liveSessions()) })
	mux.HandleFunc("POST /sim/expire", func(w http.ResponseWriter, r *http.Request) {
		reply(w, map[string]int{"expired": a.sim.expire(r.URL.Query().Get("kind"))})
	})
	mux.HandleFunc("GET /sim/calls", func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		calls := slices.Clone(a.calls)
		a.mu.Unlock()
		if r.URL.Query().Get("summary") == "" {
			reply(w, calls)
			return
		}
		count := map[string]int{}
		for _, c := range calls {
			name := c.SOAP
			if name == "" {
				name = c.HTTP + " " + reURN.ReplaceAllString(c.Path, "{id}")
				if c.Query != "" {
					name += "?" + c.Query
				}
			}
			count[name]++
		}
		reply(w, count)
	})
	mux.HandleFunc("DELETE /sim/calls", func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		a.calls = nil
		a.mu.Unlock()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /sim/privileges", func(w http.ResponseWriter, r *http.Request) { reply(w, a.sim.authz.askedFor()) })
	mux.HandleFunc("GET /sim/fault", func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		defer a.mu.Unlock()
		reply(w, append([]*rule{}, a.rules...))
	})
	mux.HandleFunc("POST /sim/fault", func(w http.ResponseWriter, r *http.Request) {
		f := &rule{Count: 1}
		if err := json.NewDecoder(r.Body).Decode(f); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if f.Method == "" && f.HTTP == "" {
			http.Error(w, "method or http is needed", http.StatusBadRequest)
			return
		}
		a.mu.Lock()
		a.rules = append(a.rules, f)
		a.mu.Unlock()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("DELETE /sim/fault", func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		a.rules = nil
		a.mu.Unlock()
		w.WriteHeader(http.StatusNoContent)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/sim/") {
			mux.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}
