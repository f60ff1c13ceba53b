package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vapi/tags"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

func TestMain(m *testing.M) {
	log.SetOutput(io.Discard)
	os.Exit(m.Run())
}

// world is a simulated vCenter and a client that is logged in to it.
type world struct {
	*testing.T
	sim    *sim
	ctx    context.Context
	client *govmomi.Client
	finder *find.Finder
}

func newWorld(t *testing.T, change ...func(*config)) *world {
	t.Helper()
	return newWorldOf(t, 1, change...)
}

// newWorldOf has more than one datastore.
func newWorldOf(t *testing.T, stores int, change ...func(*config)) *world {
	t.Helper()
	model := simulator.VPX()
	model.Datastore = stores
	return newWorldFrom(t, model, change...)
}

// newWorldFrom has the inventory of a model.
func newWorldFrom(t *testing.T, model *simulator.Model, change ...func(*config)) *world {
	t.Helper()
	cfg := config{listen: "127.0.0.1:0", version: "8.0.2", dialect: "both", gaps: true, anyUser: true}
	for _, c := range change {
		c(&cfg)
	}
	s, err := start(cfg, model)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	w := &world{T: t, sim: s, ctx: context.Background()}
	w.client = w.login("user", "pass")
	w.finder = find.NewFinder(w.client.Client)
	dc, err := w.finder.Datacenter(w.ctx, "DC0")
	w.ok(err)
	w.finder.SetDatacenter(dc)
	return w
}

// directoryFile is a -directory with one administrator and three ordinary people.
func directoryFile(t *testing.T) func(*config) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "directory.json")
	text := `{"users": [
		{"name": "user", "password": "pass"},
		{"name": "ann@vsphere.local", "password": "a"},
		{"name": "VSPHERE.LOCAL\\Bob", "password": "b"},
		{"name": "CORP\\carl", "password": "c"}],
	 "groups": [
		{"name": "VSPHERE.LOCAL\\Administrators", "members": ["user"]},
		{"name": "VSPHERE.LOCAL\\inner", "members": ["ann@vsphere.local", "Bob@vsphere.local"]},
		{"name": "CORP\\outer", "members": ["VSPHERE.LOCAL\\inner", "CORP\\carl"]}]}`
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return func(c *config) { c.directory, c.anyUser = name, false }
}

func (w *world) url(user, password string) *url.URL {
	u := *w.sim.server.URL
	u.User = url.UserPassword(user, password)
	return &u
}

func (w *world) login(user, password string) *govmomi.Client {
	w.Helper()
	c, err := govmomi.NewClient(w.ctx, w.url(user, password), true)
	w.ok(err)
	return c
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// fails wants a fault of a type and returns it.
func fails[T any](w *world, err error) *T {
	w.Helper()
	var want T
	if err == nil {
		w.Fatalf("no error, want %T", want)
	}
	var got any
	switch {
	case soap.IsSoapFault(err):
		got = soap.ToSoapFault(err).VimFault()
	default:
		type faulty interface{ Fault() types.BaseMethodFault }
		if f, ok := err.(faulty); ok {
			got = f.Fault()
		}
	}
	v := reflect.ValueOf(got)
	if v.IsValid() && v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if !v.IsValid() || v.Type() != reflect.TypeOf(want) {
		w.Fatalf("got %T: %v, want %T", got, err, want)
	}
	out := v.Interface().(T)
	return &out
}

func (w *world) authz() *object.AuthorizationManager {
	return object.NewAuthorizationManager(w.client.Client)
}

func (w *world) root() *object.Folder { return object.NewRootFolder(w.client.Client) }

func (w *world) folder(path string) *object.Folder {
	w.Helper()
	f, err := w.finder.Folder(w.ctx, path)
	w.ok(err)
	return f
}

func (w *world) vm() *object.VirtualMachine {
	w.Helper()
	vm, err := w.finder.VirtualMachine(w.ctx, "DC0_C0_RP0_VM0")
	w.ok(err)
	return vm
}

func (w *world) wait(t *object.Task, err error) error {
	w.Helper()
	if err != nil {
		return err
	}
	_, err = t.WaitForResultEx(w.ctx)
	return err
}

func (w *world) tags() *tags.Manager {
	w.Helper()
	c := rest.NewClient(w.client.Client)
	w.ok(c.Login(w.ctx, url.UserPassword("user", "pass")))
	return tags.NewManager(c)
}

// http sends a plain request and decodes a JSON answer.
func (w *world) http(verb, path, token, body string, out any) (int, http.Header) {
	w.Helper()
	u := w.url("", "")
	req, err := http.NewRequest(verb, "https://"+u.Host+path, bytes.NewBufferString(body))
	w.ok(err)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if user, password, ok := strings.Cut(token, ":"); ok {
		req.SetBasicAuth(user, password)
	} else if token != "" {
		req.Header.Set(sessionHeader, token)
	}
	res, err := w.sim.server.Client().Do(req)
	w.ok(err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	w.ok(err)
	if out != nil {
		if err := json.Unmarshal(b, out); err != nil {
			w.Fatalf("%s %s: %d %q: %v", verb, path, res.StatusCode, b, err)
		}
	}
	return res.StatusCode, res.Header
}

func equal(w *world, got, want any) {
	w.Helper()
	if !reflect.DeepEqual(got, want) {
		w.Fatalf("got  %#v\nwant %#v", got, want)
	}
}
