package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	vapi "github.com/vmware/govmomi/vapi/simulator"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/types"
)

// The content library, in both REST trees. The simulator has it under /rest only, answers errors without a body, lists
// that are empty without a value, passwords that were set, and the storage of a file by its path on this computer.
const (
	apiContent   = "/api/content/"
	restContent  = "/rest/com/vmware/content/"
	apiOVF       = "/api/vcenter/ovf/library-item"
	restOVF      = "/rest/com/vmware/vcenter/ovf/library-item"
	apiTemplate  = "/api/vcenter/vm-template/library-items"
	restTemplate = "/rest/vcenter/vm-template/library-items"
)

// contentCall is a call of the content library, independent of the tree that it came by.
type contentCall struct {
	method string
	kind   string // library, local-library, item, update-session, ...
	id     string
	action string
	query  url.Values // of /rest
	wrap   string     // the name that /rest wraps the body in
	body   map[string]any
}

var errNoOperation = &apiError{http.StatusNotFound, "operation_not_found", "com.vmware.vapi.rest.operationNotFound", "Operation not found", nil}

// contentOf reads a call of the /api tree; nothing where there is no such operation.
func contentOf(r *http.Request) *contentCall {
	q := r.URL.Query()
	c := &contentCall{method: r.Method, action: q.Get("action"), query: url.Values{}}
	path := strings.TrimSuffix(r.URL.Path, "/")
	var parts []string
	if rest, ok := strings.CutPrefix(path, apiContent); ok {
		parts = strings.Split(rest, "/")
	} else if rest, ok := strings.CutPrefix(path, apiOVF); ok {
		c.kind, c.id = "ovf", strings.Trim(rest, "/")
	} else if rest, ok := strings.CutPrefix(path, apiTemplate); ok {
		c.kind, c.id = "vm-template", strings.Trim(rest, "/")
	}
	at := func(i int) string {
		if i < len(parts) {
			return parts[i]
		}
		return ""
	}
	switch {
	case c.kind != "":
	case at(0) == "local-library" || at(0) == "subscribed-library":
		c.kind, c.id = at(0), at(1)
	case at(0) == "library" && at(1) == "item" && (at(2) == "update-session" || at(2) == "download-session"):
		c.kind, c.id = at(2), at(3)
		if at(4) == "file" {
			c.kind = strings.ReplaceAll(at(2), "-", "") + "/file"
			switch name := at(5); {
			case r.Method == http.MethodGet && name == "":
				c.query.Set(strings.ReplaceAll(at(2), "-", "_")+"_id", c.id)
				c.id = ""
			case r.Method == http.MethodGet:
				c.method, c.action, c.body = http.MethodPost, "get", map[string]any{"file_name": name}
			case r.Method == http.MethodDelete:
				c.method, c.action, c.body = http.MethodPost, "remove", map[string]any{"file_name": name}
			case r.Method == http.MethodPost && c.action == "":
				c.action, c.wrap = "add", "file_spec"
			}
		}
	case at(0) == "library" && at(1) == "item" && (at(3) == "file" || at(3) == "storage"):
		c.kind, c.id = at(3), at(2)
		name := map[string]string{"file": "name", "storage": "file_name"}[c.kind]
		if one := q.Get(name); one != "" {
			c.method, c.action, c.body = http.MethodPost, "get", map[string]any{name: one}
		} else {
			c.query.Set("library_item_id", c.id)
			c.id = ""
		}
	case at(0) == "library" && at(1) == "item":
		c.kind, c.id = "item", at(2)
		if l := q.Get("library_id"); l != "" {
			c.query.Set("library_id", l)
		}
	case at(0) == "library" && at(1) == "subscribed-item":
		c.kind, c.id = "subscribed-item", at(2)
	case at(0) == "library":
		c.kind, c.id = "library", at(1)
	default:
		return nil
	}
	if c.wrap == "" {
		switch {
		case c.kind == "vm-template":
			c.wrap = "spec"
		case c.kind == "ovf":
		case c.action == "find":
			c.wrap = "spec"
		case c.action == "copy":
			c.wrap = "destination_create_spec"
		case c.action == "" && r.Method == http.MethodPost:
			c.wrap = "create_spec"
		case r.Method == http.MethodPatch:
			c.wrap = "update_spec"
		}
	}
	return c
}

// path of the call in the /rest tree.
func (c *contentCall) path() string {
	base := map[string]string{
		"ovf": restOVF, "vm-template": restTemplate,
		"library": restContent + "library", "local-library": restContent + "local-library", "subscribed-library": restContent + "subscribed-library",
	}[c.kind]
	if base == "" {
		base = restContent + "library/item/" + c.kind
	}
	switch c.kind {
	case "item":
		base = restContent + "library/item"
	case "subscribed-item":
		base = restContent + "library/subscribed-item"
	}
	query := c.query
	if query == nil {
		query = url.Values{}
	}
	action := "~action"
	if c.kind == "vm-template" { // the newer part of /rest: bare ids and actions
		action = "action"
		if c.id != "" {
			base += "/" + c.id
		}
	} else if c.id != "" {
		base += "/id:" + c.id
	}
	if c.action != "" {
		query.Set(action, c.action)
	}
	if e := query.Encode(); e != "" {
		base += "?" + strings.ReplaceAll(e, "%7Eaction", "~action")
	}
	return base
}

// pairs: a map is an object in /api, and a list of keys and values in /rest.
func pairs(body map[string]any, names ...string) {
	for _, name := range names {
		m, ok := body[name].(map[string]any)
		if !ok {
			continue
		}
		list := []any{}
		for _, key := range slices.Sorted(maps.Keys(m)) {
			list = append(list, map[string]any{"key": key, "value": m[key]})
		}
		body[name] = list
	}
}

// unpairs is the other way round, at any depth.
func unpairs(v any) any {
	switch v := v.(type) {
	case []any:
		m := map[string]any{}
		for i, x := range v {
			v[i] = unpairs(x)
			if p, ok := v[i].(map[string]any); ok && len(p) == 2 && p["key"] != nil {
				if key, ok := p["key"].(string); ok {
					m[key] = p["value"]
				}
			}
		}
		if len(v) > 0 && len(m) == len(v) {
			return m
		}
	case map[string]any:
		for name, x := range v {
			v[name] = unpairs(x)
		}
	}
	return v
}

// serveContent answers both trees.
func (s *sim) serveContent(next http.Handler) http.Handler {
	// The simulator has these under /api.
	own := func(path string) bool {
		return strings.HasPrefix(path, apiContent+"security-policies") || strings.HasPrefix(path, apiContent+"trusted-certificates") ||
			strings.HasPrefix(path, apiContent+"library/") && strings.Contains(path, "/usages")
	}
	has := func(path string, prefixes ...string) bool {
		return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(path, p) })
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.Path
		api := has(path, apiContent, apiOVF, apiTemplate)
		if !api && !has(path, restContent, restOVF, restTemplate) || own(path) {
			next.ServeHTTP(w, r)
			return
		}
		if api && (s.dialect == "rest" || s.dialect == "early") || !api && s.dialect == "api" {
			http.NotFound(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if api {
			c := contentOf(r)
			if c == nil {
				errNoOperation.write(w, true)
				return
			}
			var to string
			if to, body, err = c.rest(body); err != nil {
				errInvalid("com.vmware.vapi.rest.httpJsonDecode", "Cannot parse the request body").write(w, api)
				return
			}
			r = r.Clone(r.Context())
			r.Method = c.method
			r.URL.Path, r.URL.RawQuery, _ = strings.Cut(to, "?")
			r.RequestURI = to
		}
		if bad := s.contentNeeds(r, body); bad != nil {
			bad.write(w, api)
			return
		}
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		bw := &bufWriter{h: http.Header{}}
		next.ServeHTTP(bw, r)
		if strings.HasPrefix(r.URL.Path, restTemplate) && r.URL.Query().Get("action") == "deploy" {
			s.deployTemplate(bw.b.Bytes(), body)
		}
		s.answerContent(w, r, bw, api)
	})
}

// rest is the call in the /rest tree: path and body.
func (c *contentCall) rest(given []byte) (string, []byte, error) {
	body := c.body
	if body == nil && len(bytes.TrimSpace(given)) > 0 {
		if err := json.Unmarshal(given, &body); err != nil {
			return "", nil, err
		}
	}
	if d, ok := body["deployment_spec"].(map[string]any); ok {
		pairs(d, "network_mappings", "storage_mappings")
	}
	if c.kind == "vm-template" {
		pairs(body, "disk_storage_overrides")
	}
	if c.wrap != "" && body != nil {
		body = map[string]any{c.wrap: body}
	}
	if body == nil {
		return c.path(), nil, nil
	}
	out, err := json.Marshal(body)
	return c.path(), out, err
}

// contentNeeds: the privileges that the API reference names for the operations that change something. They are asked for
// at the root folder, where global permissions are: libraries are not in the inventory.
func (s *sim) contentNeeds(r *http.Request, body []byte) *apiError {
	a := s.authz
	if a == nil {
		return nil
	}
	path, inContent := strings.CutPrefix(r.URL.Path, restContent)
	kind, _, _ := strings.Cut(path, "/id:")
	action := r.URL.Query().Get("~action")
	privilege := ""
	switch {
	case inContent && r.Method == http.MethodPost && action == "":
		privilege = map[string]string{
			"local-library": "CreateLocalLibrary", "subscribed-library": "CreateSubscribedLibrary",
			"library/item": "AddLibraryItem", "library/item/update-session": "UpdateSession",
		}[kind]
	case inContent && r.Method == http.MethodDelete:
		privilege = map[string]string{
			"local-library": "DeleteLocalLibrary", "subscribed-library": "DeleteSubscribedLibrary", "library/item": "DeleteLibraryItem",
		}[kind]
	case !inContent && r.Method == http.MethodPost && action == "" && r.URL.Query().Get("action") == "":
		privilege = "AddLibraryItem"
	}
	if privilege == "" {
		return nil
	}
	list := []need{{a.root, "ContentLibrary." + privilege}}
	a.ask(r.UserAgent(), list)
	if s.enforce && a.check(s.rest.user(r), list) != nil {
		return errUnauthorized("ContentLibrary." + privilege)
	}
	return nil
}

// deployTemplate: the simulator makes another template of a template that is deployed.
func (s *sim) deployTemplate(answer, body []byte) {
	var made struct{ Value string }
	var req struct {
		Spec struct {
			Placement struct {
				Pool string `json:"resource_pool"`
			}
		}
	}
	if json.Unmarshal(answer, &made) != nil || made.Value == "" || json.Unmarshal(body, &req) != nil || req.Spec.Placement.Pool == "" {
		return
	}
	u := *s.server.URL
	u.User = url.UserPassword(s.internal.UserName, s.internal.Password)
	pool := types.ManagedObjectReference{Type: "ResourcePool", Value: req.Spec.Placement.Pool}
	err := vapi.WithClient(u, func(ctx context.Context, c *vim25.Client) error {
		vm := object.NewVirtualMachine(c, types.ManagedObjectReference{Type: "VirtualMachine", Value: made.Value})
		return vm.MarkAsVirtualMachine(ctx, *object.NewResourcePool(c, pool), nil)
	})
	if err != nil {
		log.Printf("deploy %s: %v", made.Value, err)
	}
}

// answerContent puts an answer of the simulator right.
func (s *sim) answerContent(w http.ResponseWriter, r *http.Request, bw *bufWriter, api bool) {
	code := bw.code
	if code == 0 {
		code = http.StatusOK
	}
	text := strings.TrimSpace(bw.b.String())
	if code >= 400 {
		var e struct{ Type, ErrorType string }
		_ = json.Unmarshal([]byte(text), &e)
		kind, ok := strings.CutPrefix(e.Type, "com.vmware.vapi.std.errors.")
		message := strings.TrimSpace(text)
		switch {
		case ok:
			message = strings.ReplaceAll(kind, "_", " ")
			if kind == "already_exists" {
				message = "An item with this name already exists in the library."
			}
		case code == http.StatusNotFound:
			kind, message = "not_found", "The resource was not found."
		case e.Type != "": // a message in the place of the type
			kind, message = "error", e.Type
		default:
			kind = "error"
		}
		(&apiError{code, kind, "com.vmware.vdcs.cls-main." + kind, message, nil}).write(w, api)
		return
	}
	var answer map[string]any
	if json.Unmarshal([]byte(text), &answer) != nil {
		answer = nil
	}
	value, has := answer["value"]
	find := strings.HasSuffix(r.URL.RawQuery, "action=find")
	lists := find || r.Method == http.MethodGet && !strings.Contains(r.URL.Path, "/id:") && !strings.HasPrefix(r.URL.Path, restTemplate)
	if lists && value == nil {
		value, has = []any{}, true
	}
	if has {
		s.mendContent(value)
		if api {
			value = unpairs(value)
		}
	}
	for k, v := range bw.h {
		if k != "Content-Length" {
			w.Header()[k] = v
		}
	}
	switch {
	case !has && api:
		w.Header().Del("Content-Type")
		w.WriteHeader(http.StatusNoContent)
		return
	case !has:
		w.WriteHeader(code)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	creates := r.Method == http.MethodPost && !strings.Contains(r.URL.RawQuery, "action=")
	if api && creates {
		code = http.StatusCreated
	}
	w.WriteHeader(code)
	if !api {
		value = map[string]any{"value": value}
	}
	_ = json.NewEncoder(w).Encode(value)
}

// mendContent: passwords are never returned, and files are on a datastore.
func (s *sim) mendContent(v any) {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			s.mendContent(x)
		}
	case map[string]any:
		for _, name := range []string{"publish_info", "subscription_info"} {
			if info, ok := v[name].(map[string]any); ok {
				delete(info, "password")
			}
		}
		backing, _ := v["storage_backing"].(map[string]any)
		uris, _ := v["storage_uris"].([]any)
		id, _ := backing["datastore_id"].(string)
		ds, _ := s.reg.Get(ref{Type: "Datastore", Value: id}).(*simulator.Datastore)
		if ds == nil {
			return
		}
		for i, u := range uris {
			if path, ok := u.(string); ok {
				inside := strings.TrimPrefix(strings.TrimPrefix(path, ds.Info.GetDatastoreInfo().Url), "/")
				uris[i] = "ds:///vmfs/volumes/" + id + "/" + inside + "?serverId=" + s.server.URL.Hostname()
			}
		}
	}
}
