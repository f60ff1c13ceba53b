package main

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"
)

func TestLogin(t *testing.T) {
	w := newWorld(t, directoryFile(t))
	for _, c := range []struct {
		user, password, name string
	}{
		{"ann@vsphere.local", "a", `VSPHERE.LOCAL\ann`},
		{`vsphere.local\BOB`, "b", `VSPHERE.LOCAL\Bob`},
		{"ann@vsphere.local", "wrong", ""},
		{"unknown@vsphere.local", "x", ""},
	} {
		client, err := govmomi.NewClient(w.ctx, w.url(c.user, c.password), true)
		status, _ := w.http("POST", "/api/session", c.user+":"+c.password, "", nil)
		if c.name == "" {
			fails[types.InvalidLogin](w, err)
			equal(w, status, 401)
			continue
		}
		w.ok(err)
		s, err := client.SessionManager.UserSession(w.ctx)
		w.ok(err)
		equal(w, s.UserName, c.name)
		equal(w, status, 201)
	}
}

func TestMessages(t *testing.T) {
	w := newWorld(t)
	_, err := w.authz().AddRole(w.ctx, "x", []string{"no"})
	if err == nil || !strings.Contains(err.Error(), "A specified parameter was not correct") {
		t.Error(err)
	}
	f, err := w.folder("vm").CreateFolder(w.ctx, "f")
	w.ok(err)
	_, err = w.folder("vm").CreateFolder(w.ctx, "f")
	if err == nil || !strings.Contains(err.Error(), "The name already exists") {
		t.Error(err)
	}
	if err = w.wait(f.MoveInto(w.ctx, []types.ManagedObjectReference{f.Reference()})); err == nil || !strings.Contains(err.Error(), "destination folder") {
		t.Error(err)
	}
	other := newWorld(t)
	if w.client.ServiceContent.About.InstanceUuid == other.client.ServiceContent.About.InstanceUuid {
		t.Error("two vCenters with one id")
	}
}

func TestUsernameFlag(t *testing.T) {
	w := newWorld(t, func(c *config) { c.user, c.password = "user", "pass" })
	for _, c := range [][2]string{{"user", "x"}, {"another", "pass"}, {"administrator@vsphere.local", "pass"}} {
		_, err := govmomi.NewClient(w.ctx, w.url(c[0], c[1]), true)
		fails[types.InvalidLogin](w, err)
	}
	_, err := w.authz().AddRole(w.ctx, "r", nil)
	w.ok(err)
}

func (w *world) live() []liveSession {
	w.Helper()
	var list []liveSession
	w.http("GET", "/sim/sessions", "", "", &list)
	return list
}

func TestSessionsEnd(t *testing.T) {
	w := newWorld(t)
	m := w.tags()
	equal(w, len(w.live()), 2)
	w.http("POST", "/sim/expire?kind=rest", "", "", nil)
	if _, err := m.ListCategories(w.ctx); err == nil || !strings.Contains(err.Error(), "401") {
		t.Fatal(err)
	}
	w.http("POST", "/sim/expire?kind=soap", "", "", nil)
	_, err := w.authz().AddRole(w.ctx, "r", nil)
	fails[types.NotAuthenticated](w, err)
	equal(w, len(w.live()), 0)
	c := w.login("user", "pass")
	equal(w, len(w.live()), 1)
	w.ok(c.Logout(w.ctx))
	equal(w, len(w.live()), 0)
}

func TestIdleSessionsEnd(t *testing.T) {
	w := newWorld(t, func(c *config) { c.sessionIdle = 2 * time.Second })
	m := w.tags()
	for range 4 { // busy
		time.Sleep(600 * time.Millisecond)
		_, err := methods.GetCurrentTime(w.ctx, w.client)
		w.ok(err)
		_, err = m.ListCategories(w.ctx)
		w.ok(err)
	}
	time.Sleep(3 * time.Second)
	_, err := methods.GetCurrentTime(w.ctx, w.client)
	fails[types.NotAuthenticated](w, err)
	if _, err = m.ListCategories(w.ctx); err == nil {
		t.Error("the REST session lives")
	}
}

func TestFaults(t *testing.T) {
	w := newWorld(t)
	inject := func(rule string) {
		t.Helper()
		status, _ := w.http("POST", "/sim/fault", "", rule, nil)
		equal(w, status, 204)
	}
	inject(`{"method":"AddAuthorizationRole","fault":"NoPermission","skip":1,"detail":"<object type=\"Folder\">group-d1</object><privilegeId>Authorization.ModifyRoles</privilegeId>"}`)
	_, err := w.authz().AddRole(w.ctx, "a", nil)
	w.ok(err)
	_, err = w.authz().AddRole(w.ctx, "b", nil)
	equal(w, fails[types.NoPermission](w, err).PrivilegeId, "Authorization.ModifyRoles")
	_, err = w.authz().AddRole(w.ctx, "b", nil)
	w.ok(err)

	inject(`{"method":"AddAuthorizationRole","drop":true,"after":true}`) // the role is there, the answer is not
	if _, err = w.authz().AddRole(w.ctx, "c", nil); err == nil {
		t.Fatal("no error")
	}
	roles, err := w.authz().RoleList(w.ctx)
	w.ok(err)
	if roles.ByName("c") == nil {
		t.Error("the role is not there")
	}
	inject(`{"http":"POST /api/session","status":503,"count":2}`)
	for _, want := range []int{503, 503, 201} {
		status, _ := w.http("POST", "/api/session", "user:pass", "", nil)
		equal(w, status, want)
	}
	inject(`{"method":"CurrentTime","delay_ms":200}`)
	start := time.Now()
	_, err = methods.GetCurrentTime(w.ctx, w.client)
	w.ok(err)
	if time.Since(start) < 200*time.Millisecond {
		t.Error("no delay")
	}
	var rules []rule
	w.http("GET", "/sim/fault", "", "", &rules)
	equal(w, len(rules), 4)
	w.http("DELETE", "/sim/fault", "", "", nil)
	var calls map[string]int
	w.http("GET", "/sim/calls?summary=1", "", "", &calls)
	equal(w, calls["AddAuthorizationRole"], 4)
}

func TestGzip(t *testing.T) {
	for _, c := range []struct {
		on     bool
		accept string
		want   string
	}{{true, "gzip", "gzip"}, {true, "identity", ""}, {false, "gzip", ""}} {
		w := newWorld(t, func(cfg *config) { cfg.gzip = c.on })
		req, err := http.NewRequest("POST", w.sim.server.URL.String(), strings.NewReader(
			`<?xml version="1.0"?><Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><RetrieveServiceContent xmlns="urn:vim25"><_this type="ServiceInstance">ServiceInstance</_this></RetrieveServiceContent></Body></Envelope>`))
		w.ok(err)
		req.Header.Set("Accept-Encoding", c.accept)
		res, err := w.sim.server.Client().Do(req)
		w.ok(err)
		equal(w, res.Header.Get("Content-Encoding"), c.want)
		body := io.Reader(res.Body)
		if c.want == "gzip" {
			body, err = gzip.NewReader(res.Body)
			w.ok(err)
		}
		b, err := io.ReadAll(body)
		w.ok(err)
		res.Body.Close()
		if !strings.Contains(string(b), "RetrieveServiceContentResponse") {
			t.Errorf("%s", b)
		}
	}
}

// Requests no client should send must not take the server down, nor lock it up.
func TestBadRequests(t *testing.T) {
	w := newWorld(t)
	var token string
	w.http("POST", "/api/session", "user:pass", "", &token)
	envelope := func(s string) string {
		return `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body>` + s + `</Body></Envelope>`
	}
	for _, c := range [][3]string{
		{"POST", "/sdk", "no xml"},
		{"POST", "/sdk", envelope("")},
		{"POST", "/sdk", envelope(`<NoSuchMethod xmlns="urn:vim25"><_this type="Folder">group-d1</_this></NoSuchMethod>`)},
		{"POST", "/sdk", envelope(`<SetEntityPermissions xmlns="urn:vim25"><_this type="AuthorizationManager">AuthorizationManager</_this></SetEntityPermissions>`)},
		{"POST", "/api/cis/tagging/category", "{"},
		{"POST", "/api/cis/tagging/tag-association?action=attach", "{}"},
		{"POST", "/api/cis/tagging/category?action=add-to-used-by", "{}"},
		{"POST", "/api/cis/tagging/nonsense", "{}"},
		{"PATCH", "/rest/com/vmware/cis/tagging/category", "{}"},
		{"POST", "/sim/fault", "{}"},
	} {
		status, _ := w.http(c[0], c[1], token, c[2], nil)
		if status < 400 {
			t.Errorf("%s %s %s: %d", c[0], c[1], c[2], status)
		}
	}
	_, err := w.authz().RoleList(w.ctx)
	w.ok(err)
	var v json.RawMessage
	w.http("GET", "/api/cis/tagging/category", token, "", &v)
	equal(w, strings.TrimSpace(string(v)), "[]")
}
