package main

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/vmware/govmomi/vim25/types"
)

const (
	sessionHeader = "vmware-api-session-id"
	restSession   = "/rest/com/vmware/cis/session"
	apiSession    = "/api/session"
)

type restSessionInfo struct {
	User     string    `json:"user"`
	Created  time.Time `json:"created_time"`
	Accessed time.Time `json:"last_accessed_time"`
	Path     string    `json:"-"` // where it was opened
	busy     int
}

// restSessions guards the REST trees. The simulator opens sessions under /rest only, its list is private, and handlers
// under /api do not ask for a session at all.
type restSessions struct {
	mu   sync.Mutex
	sim  *sim
	open map[string]*restSessionInfo
}

func newRESTSessions(s *sim) *restSessions {
	return &restSessions{sim: s, open: map[string]*restSessionInfo{}}
}

func token(r *http.Request) string {
	if t := r.Header.Get(sessionHeader); t != "" {
		return t
	}
	if c, err := r.Cookie(sessionHeader); err == nil {
		return c.Value
	}
	return ""
}

// user of the session of a request; handlers are only reached with one.
func (s *restSessions) user(r *http.Request) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.open[token(r)]; i != nil {
		return i.User
	}
	return ""
}

func (s *restSessions) sweep() {
	if s.sim.sessionIdle <= 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, i := range s.open {
		if i.busy == 0 && time.Since(i.Accessed) > s.sim.sessionIdle {
			delete(s.open, id)
		}
	}
}

func (s *restSessions) expire() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.open)
	clear(s.open)
	return n
}

// list without the sessions the simulator holds with itself.
func (s *restSessions) list() []liveSession {
	s.sweep()
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []liveSession{}
	for id, i := range s.open {
		if i.User != s.sim.internal.UserName {
			list = append(list, liveSession{Kind: "rest", ID: id, User: i.User, Created: i.Created, Accessed: i.Accessed})
		}
	}
	return list
}

// guard rejects requests without a session. The simulator's own handlers see a session of their own, opened once and
// never shown to a client.
func (s *restSessions) guard(next http.Handler) http.Handler {
	var inner struct {
		sync.Mutex
		token string
		used  time.Time
	}
	innerToken := func() string {
		inner.Lock()
		defer inner.Unlock()
		idle := time.Since(inner.used) > 10*time.Minute // the simulator's own sessions end, too
		inner.used = time.Now()
		if inner.token == "" || idle {
			r, _ := http.NewRequest(http.MethodPost, restSession, nil)
			r.SetBasicAuth(s.sim.internal.UserName, s.sim.internal.Password)
			w := &bufWriter{h: http.Header{}}
			next.ServeHTTP(w, r)
			var v struct{ Value string }
			_ = json.Unmarshal(w.b.Bytes(), &v)
			inner.token = v.Value
		}
		return inner.token
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := strings.TrimSuffix(r.URL.Path, "/")
		api := strings.HasPrefix(path, "/api")
		if !api && !strings.HasPrefix(path, "/rest") {
			next.ServeHTTP(w, r)
			return
		}
		if path == apiSession && s.sim.dialect == "rest" && s.sim.version < "7" {
			// What a JSON-RPC endpoint has against a request without a body. A guess: what 6.7 says there is not known.
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid Request."},"id":null}`)
			return
		}
		if s.sim.dialect == "early" && strings.HasPrefix(path, apiTagging) {
			http.NotFound(w, r)
			return
		}
		if path == restSession && s.sim.dialect == "api" || path == apiSession && s.sim.dialect == "rest" ||
			strings.HasPrefix(path, restTagging) && s.sim.dialect == "api" || strings.HasPrefix(path, apiTagging) && s.sim.dialect == "rest" {
			http.NotFound(w, r)
			return
		}
		if path == restSession || path == apiSession {
			s.serve(w, r, api)
			return
		}
		s.sweep()
		id := token(r)
		s.mu.Lock()
		i := s.open[id]
		if i != nil {
			i.Accessed = time.Now()
			i.busy++
		}
		s.mu.Unlock()
		switch {
		case i != nil:
			defer func() {
				s.mu.Lock()
				i.busy--
				i.Accessed = time.Now()
				s.mu.Unlock()
			}()
			if !strings.HasPrefix(path+"/", restTagging) && !strings.HasPrefix(path+"/", apiTagging) {
				r.Header.Set(sessionHeader, innerToken())
			}
		case path == "/api" && r.Method == http.MethodPost: // JSON-RPC opens its own sessions
		case strings.HasPrefix(path, "/rest/com/vmware/cis/data/"): // up- and downloads carry the id of their transfer session
		default:
			switch s.sim.restLost {
			case "403":
				errUnauthorized("System.Anonymous").write(w, api)
			case "400": // reported of services whose internal certificate has expired
				bad := errUnauthenticated()
				bad.status = http.StatusBadRequest
				bad.write(w, false)
			default:
				errUnauthenticated().write(w, api)
			}
			return
		}
		next.ServeHTTP(w, r)
	})
}

// serve opens, shows and closes sessions: /rest wraps the token and answers 200, /api answers 201 with a bare string.
func (s *restSessions) serve(w http.ResponseWriter, r *http.Request, api bool) {
	s.sweep()
	reply := func(status int, v any) {
		w.Header().Set("Content-Type", "application/json")
		if !api {
			if status != http.StatusNoContent {
				v = map[string]any{"value": v}
			}
			status = http.StatusOK
		}
		w.WriteHeader(status)
		if v != nil {
			_ = json.NewEncoder(w).Encode(v)
		}
	}
	id := token(r)
	method := r.Method
	if !api && r.URL.Query().Get("~action") == "get" {
		method = http.MethodGet
	}
	s.mu.Lock()
	info := s.open[id]
	s.mu.Unlock()
	switch method {
	case http.MethodPost:
		name, password, ok := r.BasicAuth()
		switch {
		case ok:
			ok = s.sim.validLogin(&types.Login{UserName: name, Password: password})
			if name != s.sim.internal.UserName {
				name, _ = s.sim.dir.resolve(name, false)
			}
		case strings.HasPrefix(r.Header.Get("Authorization"), "SIGN "), strings.HasPrefix(r.Header.Get("Authorization"), "Bearer "):
			name, ok = adminUser, true // SAML tokens are not verified
		}
		if !ok {
			errUnauthenticated().write(w, api)
			return
		}
		id = randomID()
		now := time.Now().UTC()
		s.mu.Lock()
		s.open[id] = &restSessionInfo{User: name, Created: now, Accessed: now}
		s.mu.Unlock()
		if r.Header.Get("vmware-use-header-authn") == "" {
			tree := "/rest"
			if api {
				tree = "/api"
			}
			http.SetCookie(w, &http.Cookie{Name: sessionHeader, Value: id, Path: tree, HttpOnly: true, Secure: true})
		}
		reply(http.StatusCreated, id)
	case http.MethodGet:
		if info == nil {
			errUnauthenticated().write(w, api)
			return
		}
		s.mu.Lock()
		info.Accessed = time.Now()
		v := *info
		s.mu.Unlock()
		reply(http.StatusOK, v)
	case http.MethodDelete:
		if info == nil {
			errUnauthenticated().write(w, api)
			return
		}
		s.mu.Lock()
		delete(s.open, id)
		s.mu.Unlock()
		reply(http.StatusNoContent, nil)
	default:
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}
