package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vapi/rest"
)

func TestContentLibraryInBothTrees(t *testing.T) {
	w := newWorld(t)
	ds, err := w.finder.DefaultDatastore(w.ctx)
	w.ok(err)
	store := ds.Reference().Value
	var token, lib, item, session string
	status, _ := w.http("POST", apiSession, "user:pass", "", &token)
	equal(w, status, 201)
	call := func(verb, path, body string, want int, out any) {
		t.Helper()
		got, _ := w.http(verb, path, token, body, out)
		if got != want {
			t.Fatalf("%s %s: %d, not %d", verb, path, got, want)
		}
	}
	var ids []string
	call("GET", "/api/content/library", "", 200, &ids)
	equal(w, ids, []string{})
	backing := `"storage_backings":[{"type":"DATASTORE","datastore_id":"` + store + `"}]`
	publish := `"publish_info":{"published":true,"authentication_method":"BASIC","user_name":"vcsp","password":"hunter2"}`
	call("POST", "/api/content/local-library", `{"name":"lib","type":"LOCAL",`+backing+`,`+publish+`}`, 201, &lib)
	var read map[string]any
	call("GET", "/api/content/library/"+lib, "", 200, &read)
	info := read["publish_info"].(map[string]any)
	if info["password"] != nil || info["user_name"] != "vcsp" {
		t.Error(info)
	}
	call("POST", "/api/content/library?action=find", `{"name":"lib"}`, 200, &ids)
	equal(w, ids, []string{lib})
	call("POST", "/api/content/library/item", `{"name":"tools","type":"iso","library_id":"`+lib+`"}`, 201, &item)
	var bad struct {
		ErrorType string `json:"error_type"`
	}
	call("POST", "/api/content/library/item", `{"name":"tools","type":"iso","library_id":"`+lib+`"}`, 400, &bad)
	equal(w, bad.ErrorType, "ALREADY_EXISTS")
	call("GET", "/api/content/library/item/none", "", 404, &bad)
	equal(w, bad.ErrorType, "NOT_FOUND")
	call("POST", "/api/content/library/item/update-session", `{"library_item_id":"`+item+`"}`, 201, &session)
	path := "/api/content/library/item/update-session/" + session
	var file struct {
		Status   string
		Endpoint struct{ URI string } `json:"upload_endpoint"`
	}
	call("POST", path+"/file", `{"name":"tools.iso","source_type":"PUSH","size":4}`, 200, &file)
	_, to, _ := strings.Cut(strings.TrimPrefix(file.Endpoint.URI, "https://"), "/")
	call("PUT", "/"+to, "data", 200, nil)
	call("POST", path+"?action=keep-alive", `{"client_progress":50}`, 204, nil)
	var files []map[string]any
	call("GET", path+"/file", "", 200, &files)
	equal(w, files[0]["name"], "tools.iso")
	call("POST", path+"?action=complete", "", 204, nil)
	var storage []struct {
		URIs []string `json:"storage_uris"`
		Name string
	}
	call("GET", "/api/content/library/item/"+item+"/storage", "", 200, &storage)
	if u := storage[0].URIs[0]; !strings.HasPrefix(u, "ds:///vmfs/volumes/"+store+"/contentlib-"+lib+"/"+item+"/tools.iso?serverId=") {
		t.Error(u)
	}

	// The other tree sees the same, with values wrapped.
	c := rest.NewClient(w.client.Client)
	w.ok(c.Login(w.ctx, w.url("user", "pass").User))
	m := library.NewManager(c)
	l, err := m.GetLibraryByName(w.ctx, "lib")
	w.ok(err)
	equal(w, l.ID, lib)
	items, err := m.GetLibraryItems(w.ctx, lib)
	w.ok(err)
	equal(w, items[0].Name, "tools")
	w.ok(m.DeleteLibraryItem(w.ctx, &items[0]))
	call("GET", "/api/content/library/item?library_id="+lib, "", 200, &ids)
	equal(w, ids, []string{})
	call("DELETE", "/api/content/local-library/"+lib, "", 204, nil)
	call("GET", "/api/content/library/"+lib, "", 404, &bad)
}

func TestContentLibraryOfAnOlderServer(t *testing.T) {
	w := newWorld(t, func(c *config) { c.version, c.dialect = "7.0.1", "early" })
	var token string
	w.http("POST", apiSession, "user:pass", "", &token)
	status, _ := w.http("GET", "/api/content/library", token, "", nil)
	equal(w, status, 404)
	var ids struct{ Value []string }
	status, _ = w.http("GET", "/rest/com/vmware/content/library", token, "", &ids)
	equal(w, status, 200)
	equal(w, ids.Value, []string{})
}

func TestContentPaths(t *testing.T) {
	for _, c := range []struct{ verb, path, body, to, want string }{
		{"GET", "/api/content/library/item?library_id=l", "", "/rest/com/vmware/content/library/item?library_id=l", ""},
		{"GET", "/api/content/library/item/i/file?name=a", "", "/rest/com/vmware/content/library/item/file/id:i?~action=get", `{"name":"a"}`},
		{"DELETE", "/api/content/library/item/update-session/s/file/a", "", "/rest/com/vmware/content/library/item/updatesession/file/id:s?~action=remove", `{"file_name":"a"}`},
		{"POST", "/api/content/library/item/update-session/s/file?action=validate", "", "/rest/com/vmware/content/library/item/updatesession/file/id:s?~action=validate", ""},
		{"POST", "/api/vcenter/ovf/library-item/i?action=deploy", `{"deployment_spec":{"network_mappings":{"n":"network-1"}}}`,
			"/rest/com/vmware/vcenter/ovf/library-item/id:i?~action=deploy", `{"deployment_spec":{"network_mappings":[{"key":"n","value":"network-1"}]}}`},
		{"POST", "/api/vcenter/vm-template/library-items/i?action=deploy", `{"name":"n"}`, "/rest/vcenter/vm-template/library-items/i?action=deploy", `{"spec":{"name":"n"}}`},
		{"POST", "/api/content/subscribed-library/l?action=sync", "", "/rest/com/vmware/content/subscribed-library/id:l?~action=sync", ""},
	} {
		r, err := http.NewRequest(c.verb, "https://vc"+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		path, body, err := contentOf(r).rest([]byte(c.body))
		if err != nil || path != c.to || string(body) != c.want {
			t.Errorf("%s %s: %s %s %v", c.verb, c.path, path, body, err)
		}
	}
}
