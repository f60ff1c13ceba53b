package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

// images are the images of clusters: those of govmomi are one for all clusters, and are not committed.
type images struct {
	tasks *depotStore
	of    map[string]*clusterImage // by cluster
}

type softwareSpec struct {
	Version    string
	Components map[string]string
}

type clusterImage struct {
	enabled bool
	image   *softwareSpec            // what was committed
	drafts  map[string]*softwareSpec // by ID
	count   int
}

var reImage = regexp.MustCompile(`^/api/esx/settings/clusters/([^/]+)/(software(?:/.*)?|enablement/software)$`)

// Base images are named by the version of ESXi and the number of the build.
var reBaseImage = regexp.MustCompile(`^\d+\.\d+\.\d+-[\d.]+$`)

func (p *images) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.tasks.Lock()
	defer p.tasks.Unlock()
	answer := func(value any) {
		status := http.StatusOK
		if value == nil {
			status = http.StatusNoContent
		}
		answerJSON(w, status, value)
	}
	absent := func(what, id string) {
		(&apiError{http.StatusNotFound, "not_found", "com.vmware.vcIntegrity.lifecycle.NotFound", "The " + what + " " + id + " does not exist.", []string{id}}).write(w, true)
	}
	m := reImage.FindStringSubmatch(r.URL.Path)
	cluster := m[1]
	on := ref{Type: "ClusterComputeResource", Value: cluster}
	if p.tasks.sim.reg.Get(on) == nil {
		absent("cluster", cluster)
		return
	}
	privilege := "VcIntegrity.lifecycleSoftwareSpecification.Read"
	if r.Method != http.MethodGet {
		privilege = "VcIntegrity.lifecycleSoftwareSpecification.Write"
	}
	p.tasks.sim.authz.ask(r.UserAgent(), []need{{on, privilege}})
	o := p.of[cluster]
	if o == nil {
		o = &clusterImage{drafts: map[string]*softwareSpec{}}
		p.of[cluster] = o
	}
	info := func(s *softwareSpec) map[string]any {
		components := map[string]any{}
		for k, v := range s.Components {
			components[k] = map[string]any{"version": v, "details": map[string]any{"display_name": k, "vendor": "bench"}}
		}
		return map[string]any{"base_image": map[string]any{"version": s.Version}, "components": components}
	}
	if m[2] == "enablement/software" {
		if r.Method == http.MethodGet {
			answer(map[string]any{"enabled": o.enabled})
			return
		}
		answer(p.tasks.start(func() (string, *apiError) {
			if o.image == nil {
				return "", &apiError{kind: "not_allowed_in_current_state", id: "com.vmware.vcIntegrity.lifecycle.NoImage", message: "The cluster does not have an image."}
			}
			o.enabled = true
			return "", nil
		}))
		return
	}
	part := strings.Split(strings.Trim(strings.TrimPrefix(m[2], "software"), "/"), "/")
	switch {
	case part[0] == "" && r.Method == http.MethodGet:
		if o.image == nil {
			absent("image of the cluster", cluster)
			return
		}
		answer(info(o.image))
		return
	case part[0] != "drafts":
		errNoOperation.write(w, true)
		return
	case len(part) == 1 && r.Method == http.MethodGet:
		all := map[string]any{}
		for id := range o.drafts {
			all[id] = map[string]any{"owner": "VSPHERE.LOCAL\\Administrator", "status": "VALID"}
		}
		answer(all)
		return
	case len(part) == 1 && r.Method == http.MethodPost:
		if len(o.drafts) > 0 {
			(&apiError{http.StatusBadRequest, "not_allowed_in_current_state", "com.vmware.vcIntegrity.lifecycle.DraftExists", "The user has a draft.", nil}).write(w, true)
			return
		}
		spec := &softwareSpec{Components: map[string]string{}}
		if o.image != nil {
			spec.Version = o.image.Version
			for k, v := range o.image.Components {
				spec.Components[k] = v
			}
		}
		o.count++
		id := fmt.Sprint(o.count)
		o.drafts[id] = spec
		answer(id)
		return
	}
	d := o.drafts[part[1]]
	if d == nil {
		absent("draft", part[1])
		return
	}
	switch rest := strings.Join(part[2:], "/"); {
	case rest == "" && r.Method == http.MethodGet:
		answer(map[string]any{"software": info(d), "metadata": map[string]any{"status": "VALID"}})
	case rest == "" && r.Method == http.MethodDelete:
		delete(o.drafts, part[1])
		answer(nil)
	case rest == "" && r.URL.Query().Get("action") == "commit":
		answer(p.tasks.start(func() (string, *apiError) {
			if !reBaseImage.MatchString(d.Version) {
				return "", &apiError{kind: "invalid_argument", id: "com.vmware.vcIntegrity.lifecycle.BaseImageNotFound", message: "The base image " + d.Version + " is not in the depot."}
			}
			o.image = d
			delete(o.drafts, part[1])
			return "", nil
		}))
	case rest == "software/base-image" && r.Method == http.MethodPut:
		var spec struct{ Version string }
		_ = json.NewDecoder(r.Body).Decode(&spec)
		d.Version = spec.Version
		answer(nil)
	case rest == "software/base-image" && r.Method == http.MethodGet:
		answer(map[string]any{"version": d.Version})
	case rest == "software/components" && r.Method == http.MethodGet:
		answer(info(d)["components"])
	case rest == "software/components" && r.Method == http.MethodPatch:
		var spec struct {
			Set    map[string]string `json:"components_to_set"`
			Delete []string          `json:"components_to_delete"`
		}
		_ = json.NewDecoder(r.Body).Decode(&spec)
		for k, v := range spec.Set {
			d.Components[k] = v
		}
		for _, k := range spec.Delete {
			delete(d.Components, k)
		}
		answer(nil)
	case strings.HasPrefix(rest, "software/components/") && r.Method == http.MethodDelete:
		delete(d.Components, part[4])
		answer(nil)
	default:
		errNoOperation.write(w, true)
	}
}
