package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

const (
	depotsPath     = "/api/esx/settings/depots/offline"
	depotTasksPath = "/api/cis/tasks/lcm-"
)

// depotStore has the offline depots of Lifecycle Manager. The simulator's own end at once, take any location any number of
// times, and answer two documents to a request for one depot.
type depotStore struct {
	sync.Mutex
	sim   *sim
	all   map[string]*depot
	tasks map[string]*depotTask
	count int
}

type depot struct {
	CreateTime  string `json:"create_time"`
	Description string `json:"description"`
	SourceType  string `json:"source_type"`
	Location    string `json:"location"`
}

// depotTask runs for a number of looks; then work is done.
type depotTask struct {
	looks int
	work  func() (depot string, bad *apiError)
	depot string // the new one, or the one that has the same content
	bad   *apiError
}

func newDepots(s *sim) *depotStore {
	return &depotStore{sim: s, all: map[string]*depot{}, tasks: map[string]*depotTask{}}
}

func errDepot(id string) *apiError {
	return &apiError{http.StatusNotFound, "not_found", "com.vmware.vcIntegrity.lifecycle.DepotNotFound", "The depot " + id + " does not exist.", []string{id}}
}

// answerJSON answers a call of the /api dialect; without content there is no body.
func answerJSON(w http.ResponseWriter, status int, value any) {
	if status == http.StatusNoContent {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}

func (d *depotStore) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.Lock()
	defer d.Unlock()
	answer := func(status int, value any) { answerJSON(w, status, value) }
	if strings.HasPrefix(r.URL.Path, depotTasksPath) {
		answer(http.StatusOK, d.look(strings.TrimPrefix(r.URL.Path, "/api/cis/tasks/")))
		return
	}
	id, rest, _ := strings.Cut(strings.Trim(strings.TrimPrefix(r.URL.Path, depotsPath), "/"), "/")
	if id != "" && d.all[id] == nil {
		errDepot(id).write(w, true)
		return
	}
	switch {
	case r.Method == http.MethodGet && id == "":
		answer(http.StatusOK, d.all)
	case r.Method == http.MethodGet && rest == "":
		answer(http.StatusOK, d.all[id])
	case r.Method == http.MethodGet && rest == "content":
		answer(http.StatusOK, depotContent)
	case r.Method == http.MethodPost && id == "" && r.URL.Query().Get("vmw-task") == "true":
		var spec depot
		if json.NewDecoder(r.Body).Decode(&spec) != nil || spec.SourceType != "PULL" || spec.Location == "" {
			errInvalid("com.vmware.vcIntegrity.lifecycle.InvalidDepotSpec", "The specification of the depot is not valid.").write(w, true)
			return
		}
		spec.CreateTime = "2026-01-01T00:00:00.000Z"
		answer(http.StatusAccepted, d.start(func() (string, *apiError) { return d.add(&spec) }))
	case r.Method == http.MethodDelete && rest == "" && r.URL.Query().Get("vmw-task") == "true":
		d.sim.authz.ask(r.UserAgent(), []need{{d.sim.authz.root, "VcIntegrity.lifecycleDepots.Delete"}})
		answer(http.StatusAccepted, d.start(func() (string, *apiError) { delete(d.all, id); return "", nil }))
	default:
		errNoOperation.write(w, true)
	}
}

func (d *depotStore) add(spec *depot) (string, *apiError) {
	for id, o := range d.all {
		if o.Location == spec.Location {
			return id, &apiError{kind: "already_exists", id: "com.vmware.vcIntegrity.lifecycle.DepotExists", message: "A depot of " + spec.Location + " already exists."}
		}
	}
	if u, err := url.Parse(spec.Location); err != nil || (u.Scheme != "https" && u.Scheme != "http") {
		return "", &apiError{kind: "invalid_argument", id: "com.vmware.vcIntegrity.lifecycle.DepotUnreadable", message: "The depot " + spec.Location + " cannot be read."}
	}
	d.count++
	id := fmt.Sprintf("%d", d.count)
	d.all[id] = spec
	return id, nil
}

func (d *depotStore) start(work func() (string, *apiError)) string {
	id := fmt.Sprintf("lcm-%d:com.vmware.esx.settings", len(d.tasks)+1)
	d.tasks[id] = &depotTask{looks: 1, work: work}
	return id
}

func (d *depotStore) look(id string) map[string]any {
	t := d.tasks[id]
	if t == nil {
		return map[string]any{"status": "FAILED"}
	}
	if t.looks > 0 {
		t.looks--
		return map[string]any{"status": "RUNNING"}
	}
	if t.work != nil {
		t.depot, t.bad = t.work()
		t.work = nil
	}
	if t.bad == nil {
		return map[string]any{"status": "SUCCEEDED", "result": map[string]any{"depot": t.depot}}
	}
	message := map[string]any{"id": t.bad.id, "default_message": t.bad.message, "args": []string{}}
	return map[string]any{"status": "FAILED", "error": map[string]any{"error_type": strings.ToUpper(t.bad.kind), "messages": []any{message}, "data": map[string]any{"depot": t.depot}}}
}

// depotContent is what every depot has.
var depotContent = map[string]any{"metadata_bundles": map[string]any{"depot.zip": []any{map[string]any{
	"file_name": "metadata.zip",
	"independent_components": map[string]any{
		"Net-Driver":   map[string]any{"display_name": "Network driver", "versions": []any{map[string]any{"version": "2.0-1", "display_version": "2.0"}, map[string]any{"version": "1.0-1", "display_version": "1.0"}}},
		"Block-Driver": map[string]any{"display_name": "Block driver", "versions": []any{map[string]any{"version": "3.1-4", "display_version": "3.1"}}},
	},
}}}}
