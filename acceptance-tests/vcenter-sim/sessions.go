package main

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// xSession answers logins: the name of the session is the one of the directory, whatever spelling the user gave.
type xSession struct{ *simulator.SessionManager }

func (m *xSession) Login(ctx *simulator.Context, req *types.Login) soap.HasFault {
	s := simOf(ctx)
	if !s.validLogin(req) {
		return &methods.LoginBody{Fault_: simulator.Fault("Cannot complete login due to an incorrect user name or password.", &types.InvalidLogin{})}
	}
	as := *req
	if req.UserName != s.internal.UserName { // the directory has decided: the simulator would not know the name
		as.UserName, _ = s.dir.resolve(req.UserName, false)
	}
	return m.SessionManager.Login(ctx, &as)
}

// adminContext is what calls on the session manager need that come from no session.
func (s *sim) adminContext() *simulator.Context {
	return &simulator.Context{
		Context: context.Background(),
		Map:     s.reg,
		Session: &simulator.Session{UserSession: types.UserSession{Key: "-"}, Registry: simulator.NewRegistry(), Map: s.reg},
	}
}

// sessions are the live SOAP sessions. The simulator returns them only to a session.
func (s *sim) sessions() []types.UserSession {
	ctx := s.adminContext()
	m, ok := ctx.Session.Get(s.reg.SessionManager().Self).(*simulator.SessionManager)
	if !ok {
		return nil
	}
	return m.SessionList
}

func (s *sim) terminate(id string) {
	s.reg.SessionManager().TerminateSession(s.adminContext(), &types.TerminateSession{SessionId: []string{id}})
}

// soapIdle ends SOAP sessions without a call for some time; one that waits for updates is not idle. The simulator
// looks at a fixed interval only and ends waiting sessions, too.
type soapIdle struct {
	mu   sync.Mutex
	busy map[string]int
	last map[string]time.Time
}

func (s *sim) sweepSOAP(i *soapIdle) {
	if s.sessionIdle <= 0 {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, u := range s.sessions() {
		last := u.LastActiveTime
		if t := i.last[u.Key]; t.After(last) {
			last = t
		}
		if u.UserName != s.internal.UserName && i.busy[u.Key] == 0 && time.Since(last) > s.sessionIdle {
			s.terminate(u.Key)
			delete(i.last, u.Key)
			delete(i.busy, u.Key)
		}
	}
}

// guard sweeps before each SOAP call and keeps account of the calls that run.
func (i *soapIdle) guard(s *sim, next http.Handler) http.Handler {
	i.busy, i.last = map[string]int{}, map[string]time.Time{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.sessionIdle <= 0 || r.Method != http.MethodPost || strings.HasPrefix(r.URL.Path, "/api") || strings.HasPrefix(r.URL.Path, "/rest") {
			next.ServeHTTP(w, r)
			return
		}
		s.sweepSOAP(i)
		if c, err := r.Cookie(soap.SessionCookieName); err == nil {
			i.mu.Lock()
			i.busy[c.Value]++
			i.mu.Unlock()
			defer func() {
				i.mu.Lock()
				i.busy[c.Value]--
				i.last[c.Value] = time.Now()
				i.mu.Unlock()
			}()
		}
		next.ServeHTTP(w, r)
	})
}

// liveSession is how /sim/sessions shows a session of any kind.
type liveSession struct {
	Kind     string    `json:"kind"` // soap, rest or sso
	ID       string    `json:"id"`
	User     string    `json:"user"`
	Agent    string    `json:"user_agent,omitempty"`
	Created  time.Time `json:"created"`
	Accessed time.Time `json:"accessed"`
}

func (s *sim) liveSessions() []liveSession {
	list := []liveSession{}
	for _, u := range s.sessions() {
		if u.UserName != s.internal.UserName {
			list = append(list, liveSession{"soap", u.Key, u.UserName, u.UserAgent, u.LoginTime, u.LastActiveTime})
		}
	}
	list = append(list, s.rest.list()...)
	return append(list, s.sso.list()...)
}

// expire ends all sessions of a kind, or of all kinds, as their time-out would.
func (s *sim) expire(kind string) int {
	n := 0
	if kind == "" || kind == "soap" {
		for _, u := range s.sessions() {
			if u.UserName != s.internal.UserName {
				s.terminate(u.Key)
				n++
			}
		}
	}
	if kind == "" || kind == "rest" {
		n += s.rest.expire()
	}
	if kind == "" || kind == "sso" {
		n += s.sso.expire()
	}
	return n
}
