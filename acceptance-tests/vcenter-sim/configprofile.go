package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

// profiles are the configuration profiles of clusters, which the simulator lacks. Their tasks are those of the depots.
type profiles struct {
	tasks *depotStore
	of    map[string]*profile // by cluster
}

type profile struct {
	status string            // of the transition
	draft  string            // of the transition
	config string            // of the cluster
	drafts map[string]string // by ID
	count  int
}

var reProfile = regexp.MustCompile(`^/api/esx/settings/clusters/([^/]+)/(enablement/configuration/transition|configuration(?:/.*)?)$`)

// hostConfig is the configuration of a reference host.
func hostConfig(host string) string {
	return fmt.Sprintf(`{"metadata":{"reference_host":{"id":%q}},"profile":{"esx":{"source":%q}}}`, host, host)
}

func (p *profiles) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.tasks.Lock()
	defer p.tasks.Unlock()
	answer := func(value any) { answerJSON(w, http.StatusOK, value) }
	m := reProfile.FindStringSubmatch(r.URL.Path)
	cluster := m[1]
	if p.tasks.sim.reg.Get(ref{Type: "ClusterComputeResource", Value: cluster}) == nil {
		(&apiError{http.StatusNotFound, "not_found", "com.vmware.vcIntegrity.lifecycle.ClusterNotFound", "The cluster " + cluster + " does not exist.", []string{cluster}}).write(w, true)
		return
	}
	if r.Method != http.MethodGet {
		on := ref{Type: "ClusterComputeResource", Value: cluster}
		p.tasks.sim.authz.ask(r.UserAgent(), []need{{on, "VcIntegrity.ClusterConfiguration.Modify"}})
	}
	o := p.of[cluster]
	if o == nil {
		o = &profile{status: "NOT_STARTED", drafts: map[string]string{}}
		p.of[cluster] = o
	}
	action := r.URL.Query().Get("action")
	notAllowed := func(why string) {
		(&apiError{http.StatusBadRequest, "not_allowed_in_current_state", "com.vmware.vcIntegrity.lifecycle.NotAllowed", why, nil}).write(w, true)
	}
	work := func(f func() *apiError) { answer(p.tasks.start(func() (string, *apiError) { return "", f() })) }
	fine := func() *apiError { return nil }
	if strings.HasPrefix(m[2], "enablement") {
		switch {
		case r.Method == http.MethodGet:
			answer(map[string]any{"status": o.status})
		case o.status == "ENABLED":
			notAllowed("The cluster has a configuration profile.")
		case action == "checkEligibility":
			o.status = "STARTED"
			work(fine)
		case action == "cancel":
			o.status, o.draft = "NOT_STARTED", ""
			answer(nil)
		case o.status != "STARTED":
			notAllowed("The transition has not begun.")
		case action == "importFromFile":
			var spec struct{ Config string }
			_ = json.NewDecoder(r.Body).Decode(&spec)
			o.draft = spec.Config
			answer(map[string]any{"status": "SUCCESS", "draft": "1"})
		case action == "importFromHost":
			var host string
			_ = json.NewDecoder(r.Body).Decode(&host)
			work(func() *apiError { o.draft = hostConfig(host); return nil })
		case action == "validateConfig":
			work(func() *apiError { return checkConfig(o.draft) })
		case action == "precheck":
			work(fine)
		case action == "enable":
			work(func() *apiError { o.status, o.config = "ENABLED", o.draft; return nil })
		default:
			errNoOperation.write(w, true)
		}
		return
	}
	if o.status != "ENABLED" {
		notAllowed("The cluster does not have a configuration profile.")
		return
	}
	rest := strings.Trim(strings.TrimPrefix(m[2], "configuration"), "/")
	id := strings.Trim(strings.TrimPrefix(rest, "drafts"), "/")
	switch {
	case rest == "" && r.Method == http.MethodGet:
		answer(map[string]any{"config": o.config, "metadata": map[string]any{"id": "1"}})
	case rest == "schema" && r.Method == http.MethodGet:
		answer(map[string]any{"source": "CLUSTER", "schema": `{"type":"object"}`})
	case rest == "drafts" && r.Method == http.MethodGet:
		all := map[string]any{}
		for id := range o.drafts {
			all[id] = map[string]any{"id": id, "state": "NOT_STARTED"}
		}
		answer(all)
	case rest == "drafts" && r.Method == http.MethodPost:
		if len(o.drafts) > 0 {
			notAllowed("The user has a draft.")
			return
		}
		var spec struct{ Config string }
		_ = json.NewDecoder(r.Body).Decode(&spec)
		if spec.Config == "" {
			spec.Config = o.config
		}
		o.count++
		id := fmt.Sprint(o.count)
		o.drafts[id] = spec.Config
		answer(id)
	case o.drafts[id] == "":
		(&apiError{http.StatusNotFound, "not_found", "com.vmware.vcIntegrity.lifecycle.DraftNotFound", "The draft " + id + " does not exist.", []string{id}}).write(w, true)
	case r.Method == http.MethodDelete:
		delete(o.drafts, id)
		answer(nil)
	case action == "importFromHost":
		var spec struct{ Host string }
		_ = json.NewDecoder(r.Body).Decode(&spec)
		work(func() *apiError { o.drafts[id] = hostConfig(spec.Host); return nil })
	case action == "precheck":
		work(func() *apiError { return checkConfig(o.drafts[id]) })
	case action == "apply":
		task := p.tasks.start(func() (string, *apiError) { o.config = o.drafts[id]; delete(o.drafts, id); return "", nil })
		answer(map[string]any{"commit": "2", "apply_task": task})
	default:
		errNoOperation.write(w, true)
	}
}

// checkConfig rejects what has no profile.
func checkConfig(config string) *apiError {
	var document struct{ Profile map[string]any }
	if json.Unmarshal([]byte(config), &document) != nil || document.Profile == nil {
		return &apiError{kind: "invalid_argument", id: "com.vmware.vcIntegrity.lifecycle.ConfigInvalid", message: "The configuration does not have a profile."}
	}
	return nil
}
