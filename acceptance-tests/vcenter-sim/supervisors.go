package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"sort"
	"strings"
	"sync"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/simulator"
)

const (
	namespacesPath  = "/api/vcenter/namespaces/instances"
	supervisorsPath = "/api/vcenter/namespace-management/supervisors"
	wcpPath         = "/api/vcenter/namespace-management/clusters"
	classesPath     = "/api/vcenter/namespace-management/virtual-machine-classes"
)

// record is a JSON object of the API: what has no meaning here is kept as it was sent.
type record = map[string]any

// supervisors are the Supervisors and their namespaces. The simulator itself has no Supervisors and keeps few fields of a
// namespace.
type supervisors struct {
	sync.Mutex
	sim        *sim
	next       http.Handler // the simulator's own REST services
	all        map[string]*supervisor
	namespaces map[string]*wcpNamespace
}

// progress is a status that changes with the number of looks at it.
type progress struct {
	status   string
	looks    int // until the next status
	kept     bool
	messages []any
}

type supervisor struct {
	progress
	name  string
	zones []string // with one cluster each
	// the cluster of each zone
	clusters []string
	info     record            // of the clusters
	edges    map[string]record // load balancers, by ID
}

type wcpNamespace struct {
	progress
	supervisor string
	spec       record
}

func newSupervisors(s *sim) *supervisors {
	return &supervisors{sim: s, all: map[string]*supervisor{}, namespaces: map[string]*wcpNamespace{}}
}

func isSupervisorCall(r *http.Request) bool {
	for _, path := range []string{namespacesPath, supervisorsPath, wcpPath} {
		if r.URL.Path == path || strings.HasPrefix(r.URL.Path, path+"/") {
			return !strings.HasSuffix(r.URL.Path, "/support-bundle") && !strings.HasSuffix(r.URL.Path, "/registervm")
		}
	}
	return false
}

func wcpError(status int, kind, name, text string, args ...string) *apiError {
	return &apiError{status, kind, "vcenter.wcp." + name, text, args}
}

func (s *supervisors) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.Lock()
	defer s.Unlock()
	var spec record
	if r.Method != http.MethodGet {
		if err := json.NewDecoder(r.Body).Decode(&spec); err != nil && err != io.EOF {
			wcpError(http.StatusBadRequest, "invalid_argument", "spec.invalid", "The body is not a JSON object.").write(w, true)
			return
		}
		spec = spelled(spec)
	}
	var (
		value any
		bad   *apiError
	)
	switch {
	case strings.HasPrefix(r.URL.Path, namespacesPath):
		value, bad = s.serveNamespaces(r, strings.Trim(strings.TrimPrefix(r.URL.Path, namespacesPath), "/"), spec)
	case strings.HasPrefix(r.URL.Path, wcpPath):
		value, bad = s.serveClusters(r, strings.Trim(strings.TrimPrefix(r.URL.Path, wcpPath), "/"), spec)
	default:
		value, bad = s.serveSupervisors(r, strings.Trim(strings.TrimPrefix(r.URL.Path, supervisorsPath), "/"), spec)
	}
	if bad != nil {
		bad.write(w, true)
		return
	}
	if value == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}

// spellings are the names that the API reference writes with capitals. govmomi and the official provider write some of them
// without, which the server is taken to accept, too.
var spellings = map[string]string{}

func init() {
	for _, name := range []string{
		"kube_API_server_options", "floating_IP_address", "edge_cluster_ID", "default_ingress_TLS_certificate", "egress_IP_ranges",
		"master_DNS", "worker_DNS", "master_DNS_search_domains", "Master_DNS_names", "master_NTP_servers", "floating_IP",
	} {
		spellings[strings.ToLower(name)] = name
	}
}

// spelled writes the names as the API reference does, and removes what is null.
func spelled(o record) record {
	out := record{}
	for name, v := range o {
		if full, ok := spellings[strings.ToLower(name)]; ok {
			name = full
		}
		switch v := v.(type) {
		case nil:
		case record:
			out[name] = spelled(v)
		case []any:
			list := make([]any, len(v))
			for i, e := range v {
				if o, ok := e.(record); ok {
					e = spelled(o)
				}
				list[i] = e
			}
			out[name] = list
		default:
			out[name] = v
		}
	}
	return out
}

// at is the value at a path of names.
func at(o any, path ...string) any {
	for _, name := range path {
		m, ok := o.(record)
		if !ok {
			return nil
		}
		o = m[name]
	}
	return o
}

func text(o any, path ...string) string {
	t, _ := at(o, path...).(string)
	return t
}

func texts(o any, path ...string) (out []string) {
	list, _ := at(o, path...).([]any)
	for _, e := range list {
		t, _ := e.(string)
		out = append(out, t)
	}
	return
}

// setIf sets what there is.
func setIf(o record, name string, v any) {
	if v != nil && v != "" {
		o[name] = v
	}
}

func notice(severity, what string) record {
	return record{"severity": severity, "details": record{"id": "vcenter.wcp.message", "default_message": what, "args": []any{}}}
}

// look is a look at a status, which moves on with each. It reports whether what was being removed is removed.
func (p *progress) look(mode string) bool {
	if p.looks > 0 {
		p.looks--
		return false
	}
	switch p.status {
	case "CONFIGURING":
		switch mode {
		case "never":
		case "error", "recovers":
			p.status, p.messages = "ERROR", []any{
				notice("WARNING", "A virtual machine has no address yet."),
				notice("ERROR", "The management network has no route to the vCenter."),
			}
			p.looks = 2
		default:
			p.status, p.messages = "RUNNING", []any{}
		}
	case "ERROR":
		if mode == "recovers" {
			p.status, p.messages = "RUNNING", []any{}
		}
	case "REMOVING":
		if mode == "keeps" && !p.kept {
			p.kept = true
			p.messages = []any{notice("ERROR", "The virtual machine of the control plane cannot be deleted.")}
			p.status = "ERROR"
			return false
		}
		return true
	}
	return false
}

func (s *supervisors) configure(p *progress) {
	p.status, p.looks, p.messages = "CONFIGURING", 1, []any{notice("INFO", "The virtual machines of the control plane are being configured.")}
}

// found is the Supervisor of an ID, after a look at it.
func (s *supervisors) found(id string) (*supervisor, *apiError) {
	o := s.all[id]
	if o != nil && o.look(s.sim.supervisorMode) {
		s.drop(id)
		o = nil
	}
	if o == nil {
		return nil, wcpError(http.StatusNotFound, "not_found", "supervisor.notfound", "The Supervisor "+id+" does not exist.", id)
	}
	return o, nil
}

func (s *supervisors) drop(id string) {
	delete(s.all, id)
	for name, n := range s.namespaces {
		if n.supervisor == id {
			delete(s.namespaces, name)
		}
	}
}

func (s *supervisors) of(cluster string) string {
	for id, o := range s.all {
		for _, c := range o.clusters {
			if c == cluster {
				return id
			}
		}
	}
	return ""
}

func (s *supervisors) ask(r *http.Request, cluster, privilege string) {
	s.sim.authz.ask(r.UserAgent(), []need{{ref{Type: "ClusterComputeResource", Value: cluster}, privilege}})
}

func (s *supervisors) isCluster(id string) bool {
	return s.sim.reg.Get(ref{Type: "ClusterComputeResource", Value: id}) != nil
}

// own asks a service of the simulator.
func (s *supervisors) own(r *http.Request, path string) (*httptest.ResponseRecorder, []byte) {
	inner, _ := http.NewRequest(http.MethodGet, (&url.URL{Path: path}).String(), nil)
	inner.Header = r.Header.Clone()
	w := httptest.NewRecorder()
	s.next.ServeHTTP(w, inner)
	return w, w.Body.Bytes()
}

func (s *supervisors) start(id, name string, zones, clusters []string, info record) {
	o := &supervisor{name: name, zones: zones, clusters: clusters, info: info, edges: map[string]record{}}
	s.configure(&o.progress)
	list, _ := info["load_balancers"].([]any)
	for _, e := range list {
		o.edges[text(e, "id")] = e.(record)
	}
	delete(info, "load_balancers")
	s.all[id] = o
}

// supervisorID is the ID of a new Supervisor: a UUID, the same for the same cluster or first zone.
func supervisorID(of string) string { return uuid.NewSHA1(uuid.NameSpaceOID, []byte(of)).String() }

// serveClusters are the Supervisors by cluster: enabled and changed with the specification of vSphere 7.
func (s *supervisors) serveClusters(r *http.Request, path string, spec record) (any, *apiError) {
	cluster, rest, _ := strings.Cut(path, "/")
	action := r.URL.Query().Get("action")
	if cluster == "" {
		list := []any{}
		for id := range s.all {
			o, bad := s.found(id)
			if bad != nil {
				continue
			}
			for _, c := range o.clusters {
				list = append(list, record{"cluster": c, "cluster_name": s.name(c), "config_status": o.status, "kubernetes_status": "READY", "stats": record{}})
			}
		}
		return list, nil
	}
	if !s.isCluster(cluster) {
		return nil, wcpError(http.StatusNotFound, "not_found", "cluster.notfound", "The cluster "+cluster+" does not exist.", cluster)
	}
	if r.Method != http.MethodGet {
		s.ask(r, cluster, "Namespaces.Manage")
	}
	id := s.of(cluster)
	if r.Method == http.MethodPost && action == "enable" {
		if id != "" {
			return nil, wcpError(http.StatusBadRequest, "already_exists", "cluster.enabled", "The cluster "+cluster+" has a Supervisor.", cluster)
		}
		if bad := s.checkEnable(r, spec); bad != nil {
			return nil, bad
		}
		info := record{}
		for name, v := range spec {
			info[name] = v
		}
		ncp, _ := info["ncp_cluster_network_spec"].(record)
		delete(info, "ncp_cluster_network_spec")
		setIf(info, "ncp_cluster_network_info", ncp)
		s.start(supervisorID(cluster), s.name(cluster), []string{""}, []string{cluster}, info)
		return nil, nil
	}
	o, bad := s.found(id)
	if bad != nil {
		return nil, wcpError(http.StatusBadRequest, "unsupported", "cluster.disabled", "The cluster "+cluster+" does not have a Supervisor.", cluster)
	}
	if rest == "load-balancers" || strings.HasPrefix(rest, "load-balancers/") {
		return s.serveLoadBalancers(r, o, strings.Trim(strings.TrimPrefix(rest, "load-balancers"), "/"), spec)
	}
	switch {
	case rest != "":
		return nil, errNoOperation
	case r.Method == http.MethodPost && action == "disable":
		o.status, o.looks, o.messages = "REMOVING", 1, []any{notice("INFO", "The virtual machines of the control plane are being deleted.")}
		return nil, nil
	case r.Method == http.MethodGet:
		return s.clusterInfo(o), nil
	case r.Method == http.MethodPatch:
		if o.status == "REMOVING" {
			return nil, wcpError(http.StatusBadRequest, "not_allowed_in_current_state", "cluster.removing", "The Supervisor is being removed.")
		}
		if bad := s.checkUpdate(o, spec); bad != nil {
			return nil, bad
		}
		for name, v := range spec {
			switch name {
			case "ncp_cluster_network_spec":
				ncp, _ := o.info["ncp_cluster_network_info"].(record)
				for n, v := range v.(record) {
					ncp[n] = v
				}
			case "floating_IP":
				o.info["master_management_network"].(record)["floating_IP"] = v
			case "network_provider":
			default:
				o.info[name] = v
			}
		}
		s.configure(&o.progress)
		return nil, nil
	}
	return nil, errNoOperation
}

func (s *supervisors) name(cluster string) string {
	e := s.sim.reg.Get(ref{Type: "ClusterComputeResource", Value: cluster})
	if c, ok := e.(*simulator.ClusterComputeResource); ok {
		return c.Name
	}
	return cluster
}

func (s *supervisors) clusterInfo(o *supervisor) record {
	out := record{}
	for name, v := range o.info {
		out[name] = v
	}
	if o.status == "RUNNING" {
		out["api_server_cluster_endpoint"], out["api_server_management_endpoint"] = "10.10.10.2", "10.0.0.150"
	}
	if proxy, ok := out["cluster_proxy_config"].(record); ok {
		shown := record{}
		for name, v := range proxy {
			if t, ok := v.(string); ok {
				v = reURLPassword.ReplaceAllString(t, "$1@")
			}
			shown[name] = v
		}
		out["cluster_proxy_config"] = shown
	}
	ids := make([]string, 0, len(o.edges))
	for id := range o.edges {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	balancers := []any{}
	for _, id := range ids {
		balancers = append(balancers, loadBalancerInfo(id, o.edges[id]))
	}
	out["load_balancers"] = balancers
	out["config_status"], out["messages"], out["kubernetes_status"] = o.status, o.messages, "READY"
	out["kubernetes_status_messages"], out["stat_summary"], out["api_servers"] = []any{}, record{}, []any{}
	condition := record{
		"type": "ControlPlaneVMsConfigured", "status": "TRUE", "reason": "", "severity": "INFO", "messages": o.messages,
		"description": record{"id": "x", "default_message": "Control plane VMs are configured", "args": []any{}},
	}
	if o.status != "RUNNING" {
		condition["status"] = "FALSE"
	}
	out["conditions"] = []any{condition}
	return out
}

// reURLPassword is the password in a URL.
var reURLPassword = regexp.MustCompile(`(://[^:@/]+):[^@/]+@`)

// loadBalancerInfo has no password.
func loadBalancerInfo(id string, e record) record {
	out := record{"id": id, "address_ranges": []any{}}
	setIf(out, "address_ranges", e["address_ranges"])
	setIf(out, "provider", e["provider"])
	for from, to := range map[string]string{"ha_proxy": "ha_proxy_info", "avi": "avi_info"} {
		if of, ok := e[from].(record); ok {
			shown := record{}
			for name, v := range of {
				if name != "password" {
					shown[name] = v
				}
			}
			out[to] = shown
		}
	}
	return out
}

func (s *supervisors) serveLoadBalancers(r *http.Request, o *supervisor, id string, spec record) (any, *apiError) {
	e := o.edges[id]
	switch {
	case id == "" && r.Method == http.MethodGet:
		list := []any{}
		for id, e := range o.edges {
			list = append(list, record{"id": id, "provider": e["provider"]})
		}
		return list, nil
	case e == nil:
		return nil, wcpError(http.StatusNotFound, "not_found", "loadbalancer.notfound", "The load balancer "+id+" does not exist.", id)
	case r.Method == http.MethodGet:
		return loadBalancerInfo(id, e), nil
	case r.Method == http.MethodPatch:
		if provider := text(spec, "provider"); provider != e["provider"] {
			return nil, wcpError(http.StatusBadRequest, "invalid_argument", "loadbalancer.provider", "The provider of a load balancer cannot be changed.")
		}
		setIf(e, "address_ranges", spec["address_ranges"])
		for from, to := range map[string]string{"ha_proxy_config_update_spec": "ha_proxy", "avi_config_update_spec": "avi"} {
			if of, ok := spec[from].(record); ok {
				if e[to] == nil {
					e[to] = record{}
				}
				for name, v := range of {
					e[to].(record)[name] = v
				}
			}
		}
		s.configure(&o.progress)
		return nil, nil
	}
	return nil, errNoOperation
}

func missing(what string) *apiError {
	return wcpError(http.StatusBadRequest, "invalid_argument", "spec.missing", "The specification has no "+what+".", what)
}

// policies rejects storage policies that do not exist.
func (s *supervisors) policies(ids ...string) *apiError {
	for _, id := range ids {
		if id != "" && !s.sim.knownProfile(id) {
			return wcpError(http.StatusBadRequest, "invalid_argument", "storage.policy.notfound", "The storage policy "+id+" does not exist.", id)
		}
	}
	return nil
}

func (s *supervisors) checkEnable(r *http.Request, spec record) *apiError {
	for _, name := range []string{"size_hint", "service_cidr", "network_provider", "master_management_network", "master_storage_policy", "ephemeral_storage_policy", "image_storage"} {
		if spec[name] == nil {
			return missing(name)
		}
	}
	return s.policies(text(spec, "master_storage_policy"), text(spec, "ephemeral_storage_policy"), text(spec, "image_storage", "storage_policy"))
}

// checkUpdate rejects what cannot be changed: CIDR blocks of pods that are in use stay.
func (s *supervisors) checkUpdate(o *supervisor, spec record) *apiError {
	for _, name := range []string{"service_cidr", "master_management_network", "load_balancer_config_spec", "workload_networks_spec"} {
		if spec[name] != nil {
			return wcpError(http.StatusBadRequest, "invalid_argument", "spec.unknown", "The field "+name+" cannot be changed.", name)
		}
	}
	if ncp, ok := spec["ncp_cluster_network_spec"].(record); ok {
		if spec["network_provider"] == nil {
			return missing("network_provider")
		}
		for _, list := range []string{"pod_cidrs", "ingress_cidrs", "egress_cidrs"} {
			if ncp[list] == nil {
				continue
			}
			for _, was := range at(o.info, "ncp_cluster_network_info", list).([]any) {
				if !strings.Contains(fmt.Sprint(ncp[list]), fmt.Sprint(was)) {
					return wcpError(http.StatusBadRequest, "invalid_argument", "cidr.removed", "A CIDR block of "+list+" cannot be removed.", list)
				}
			}
		}
	}
	return s.policies(text(spec, "master_storage_policy"), text(spec, "ephemeral_storage_policy"), text(spec, "image_storage", "storage_policy"))
}

// serveSupervisors are the Supervisors by their ID: enabled with the specification of vSphere 8.
func (s *supervisors) serveSupervisors(r *http.Request, path string, spec record) (any, *apiError) {
	id, rest, _ := strings.Cut(path, "/")
	switch action := r.URL.Query().Get("action"); {
	case action == "enable_on_compute_cluster" && r.Method == http.MethodPost:
		cluster := id
		if !s.isCluster(cluster) {
			return nil, wcpError(http.StatusNotFound, "not_found", "cluster.notfound", "The cluster "+cluster+" does not exist.", cluster)
		}
		s.ask(r, cluster, "Namespaces.Manage")
		if s.of(cluster) != "" {
			return nil, wcpError(http.StatusBadRequest, "already_exists", "cluster.enabled", "The cluster "+cluster+" has a Supervisor.", cluster)
		}
		if bad := s.checkSpec(spec); bad != nil {
			return nil, bad
		}
		zone := text(spec, "zone")
		if zone == "" {
			zone = cluster + "-zone"
		}
		id := supervisorID(cluster)
		s.start(id, text(spec, "name"), []string{zone}, []string{cluster}, infoOf(spec))
		return id, nil
	case action == "enable_on_zones" && r.Method == http.MethodPost:
		zones, clusters := texts(spec, "zones"), []string{}
		if len(zones) != 1 && len(zones) != 3 {
			return nil, wcpError(http.StatusBadRequest, "invalid_argument", "zones.count", "A Supervisor has one or three zones.")
		}
		for _, zone := range zones {
			w, body := s.own(r, "/api/vcenter/consumption-domains/zones/cluster/"+zone+"/associations")
			var of []string
			if w.Code != http.StatusOK || json.Unmarshal(body, &of) != nil {
				return nil, wcpError(http.StatusNotFound, "not_found", "zone.notfound", "The zone "+zone+" does not exist.", zone)
			}
			if len(of) != 1 {
				return nil, wcpError(http.StatusBadRequest, "unsupported", "zone.clusters", "The zone "+zone+" does not have exactly one cluster.", zone)
			}
			if s.of(of[0]) != "" {
				return nil, wcpError(http.StatusBadRequest, "already_exists", "zone.enabled", "The zone "+zone+" has a Supervisor.", zone)
			}
			s.ask(r, of[0], "Namespaces.Manage")
			clusters = append(clusters, of[0])
		}
		if bad := s.checkSpec(spec); bad != nil {
			return nil, bad
		}
		id := supervisorID(strings.Join(zones, ","))
		s.start(id, text(spec, "name"), zones, clusters, infoOf(spec))
		return id, nil
	case id == "summaries" && r.Method == http.MethodGet:
		items := []any{}
		for id := range s.all {
			if o, bad := s.found(id); bad == nil {
				items = append(items, record{"supervisor": id, "info": summary(o)})
			}
		}
		return record{"items": items}, nil
	case r.Method != http.MethodGet:
		return nil, errNoOperation
	}
	switch rest {
	case "summary":
		o, bad := s.found(id)
		if bad != nil {
			return nil, bad
		}
		return summary(o), nil
	case "topology":
		o := s.all[id]
		if o == nil {
			_, bad := s.found(id)
			return nil, bad
		}
		list := []any{}
		for i, zone := range o.zones {
			list = append(list, record{"zone": zone, "clusters": []any{o.clusters[i]}})
		}
		return list, nil
	}
	return nil, errNoOperation
}

func summary(o *supervisor) record {
	stats := record{"cpu_used": 0, "cpu_capacity": 0, "memory_used": 0, "memory_capacity": 0, "storage_used": 0, "storage_capacity": 0}
	return record{"name": o.name, "stats": stats, "config_status": o.status, "kubernetes_status": "READY"}
}

func (s *supervisors) checkSpec(spec record) *apiError {
	for _, path := range [][]string{
		{"name"}, {"control_plane", "network", "backing", "backing"}, {"workloads", "network", "network_type"}, {"workloads", "edge"},
		{"workloads", "kube_API_server_options"},
	} {
		if at(spec, path...) == nil {
			return missing(strings.Join(path, "."))
		}
	}
	types := map[string]string{"NSXT": "nsx", "VSPHERE": "vsphere", "NSX_VPC": "nsx_vpc"}
	if of := types[text(spec, "workloads", "network", "network_type")]; at(spec, "workloads", "network", of) == nil {
		return missing("workloads.network." + of)
	}
	providers := map[string]string{"HAPROXY": "haproxy", "NSX": "nsx", "NSX_ADVANCED": "nsx_advanced", "VSPHERE_FOUNDATION": "foundation"}
	if of, ok := providers[text(spec, "workloads", "edge", "provider")]; ok && at(spec, "workloads", "edge", of) == nil {
		return missing("workloads.edge." + of)
	}
	return s.policies(text(spec, "control_plane", "storage_policy"), text(spec, "workloads", "storage", "ephemeral_storage_policy"), text(spec, "workloads", "storage", "image_storage_policy"))
}

// infoOf is what the cluster of a Supervisor shows of the specification of vSphere 8.
func infoOf(spec record) record {
	plane, work := at(spec, "control_plane"), at(spec, "workloads")
	info := record{"size_hint": "SMALL", "count": 3}
	setIf(info, "size_hint", at(plane, "size"))
	setIf(info, "count", at(plane, "count"))
	policy := text(plane, "storage_policy")
	setIf(info, "master_storage_policy", policy)
	setIf(info, "ephemeral_storage_policy", policy)
	setIf(info, "ephemeral_storage_policy", at(work, "storage", "ephemeral_storage_policy"))
	image := text(work, "storage", "image_storage_policy")
	if image == "" {
		image = policy
	}
	info["image_storage"] = record{"storage_policy": image}
	setIf(info, "cns_file_config", at(work, "storage", "cloud_native_file_volume"))
	network := record{"mode": "DHCP", "network": at(plane, "network", "backing", "network")}
	setIf(network, "network_segment", at(plane, "network", "backing", "network_segment"))
	setIf(network, "floating_IP", at(plane, "network", "floating_IP_address"))
	info["master_management_network"] = network
	setIf(info, "master_DNS", at(plane, "network", "services", "dns", "servers"))
	setIf(info, "master_DNS_search_domains", at(plane, "network", "services", "dns", "search_domains"))
	setIf(info, "master_NTP_servers", at(plane, "network", "services", "ntp", "servers"))
	setIf(info, "worker_DNS", at(work, "network", "services", "dns", "servers"))
	setIf(info, "workload_ntp_servers", at(work, "network", "services", "ntp", "servers"))
	info["cluster_proxy_config"] = record{"proxy_settings_source": "VC_INHERITED"}
	setIf(info, "cluster_proxy_config", at(plane, "network", "proxy"))
	setIf(info, "Master_DNS_names", at(work, "kube_API_server_options", "security", "certificate_dns_names"))
	setIf(info, "default_image_repository", at(work, "images", "repository"))
	setIf(info, "default_kubernetes_service_content_library", at(work, "images", "kubernetes_content_library"))
	setIf(info, "content_libraries", at(work, "images", "content_libraries"))
	if registry, ok := at(work, "images", "registry").(record); ok {
		info["default_image_registry"] = record{"hostname": registry["hostname"], "port": registry["port"]}
	}
	providers := map[string]string{"NSXT": "NSXT_CONTAINER_PLUGIN", "VSPHERE": "VSPHERE_NETWORK", "NSX_VPC": "NSX_VPC"}
	info["network_provider"] = providers[text(work, "network", "network_type")]
	edge, _ := at(work, "edge").(record)
	balancer := record{"id": "lb-1"}
	setIf(balancer, "id", edge["id"])
	setIf(balancer, "address_ranges", edge["load_balancer_address_ranges"])
	switch edge["provider"] {
	case "HAPROXY":
		balancer["provider"], balancer["ha_proxy"] = "HA_PROXY", edge["haproxy"]
	case "NSX_ADVANCED":
		balancer["provider"], balancer["avi"] = "AVI", edge["nsx_advanced"]
	default:
		return info
	}
	info["load_balancers"] = []any{balancer}
	return info
}

var reLabel = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// serveNamespaces are the namespaces, of which the calls of vSphere 7 take and show the cluster, and those of vSphere 8 the
// Supervisor.
func (s *supervisors) serveNamespaces(r *http.Request, path string, spec record) (any, *apiError) {
	name, v2 := path, false
	if path == "v2" || strings.HasPrefix(path, "v2/") {
		name, v2 = strings.Trim(strings.TrimPrefix(path, "v2"), "/"), true
	}
	switch {
	case name == "" && r.Method == http.MethodGet:
		list := []any{}
		names := []string{}
		for name := range s.namespaces {
			names = append(names, name)
		}
		sort.Strings(names)
		for _, name := range names {
			if n, bad := s.namespace(name); bad == nil {
				o := s.namespaceInfo(n, v2)
				o["namespace"] = name
				list = append(list, o)
			}
		}
		return list, nil
	case name == "" && r.Method == http.MethodPost:
		name = text(spec, "namespace")
		id := text(spec, "supervisor")
		if !v2 {
			id = s.of(text(spec, "cluster"))
		}
		if !reLabel.MatchString(name) {
			return nil, wcpError(http.StatusBadRequest, "invalid_argument", "namespace.name", "The name "+name+" of the namespace is not a DNS label.", name)
		}
		if s.namespaces[name] != nil {
			return nil, wcpError(http.StatusBadRequest, "already_exists", "namespace.exists", "The namespace "+name+" exists.", name)
		}
		o, bad := s.found(id)
		if bad != nil {
			return nil, bad
		}
		s.ask(r, o.clusters[0], "Namespaces.Configure")
		if o.status == "REMOVING" {
			return nil, wcpError(http.StatusBadRequest, "not_allowed_in_current_state", "supervisor.removing", "The Supervisor is being removed.")
		}
		if bad := s.checkNamespace(r, spec); bad != nil {
			return nil, bad
		}
		n := &wcpNamespace{supervisor: id, spec: record{}}
		n.merge(spec)
		s.configure(&n.progress)
		n.messages = []any{}
		s.namespaces[name] = n
		return nil, nil
	}
	n, bad := s.namespace(name)
	if bad != nil {
		return nil, bad
	}
	switch r.Method {
	case http.MethodGet:
		return s.namespaceInfo(n, v2), nil
	case http.MethodPatch, http.MethodPut, http.MethodDelete:
		s.ask(r, s.all[n.supervisor].clusters[0], "Namespaces.Configure")
	}
	switch r.Method {
	case http.MethodPatch, http.MethodPut:
		if n.status == "REMOVING" {
			return nil, wcpError(http.StatusBadRequest, "not_allowed_in_current_state", "namespace.removing", "The namespace is being removed.")
		}
		if bad := s.checkNamespace(r, spec); bad != nil {
			return nil, bad
		}
		if r.Method == http.MethodPut {
			n.spec = record{}
		}
		n.merge(spec)
		n.status, n.looks = "CONFIGURING", 0
		return nil, nil
	case http.MethodDelete:
		n.status, n.looks, n.messages = "REMOVING", 1, []any{}
		return nil, nil
	}
	return nil, errNoOperation
}

func (s *supervisors) namespace(name string) (*wcpNamespace, *apiError) {
	n := s.namespaces[name]
	mode, ok := strings.CutPrefix(s.sim.supervisorMode, "namespace-")
	if !ok {
		mode = ""
	}
	if n != nil && n.look(mode) {
		delete(s.namespaces, name)
		n = nil
	}
	if n == nil {
		return nil, wcpError(http.StatusNotFound, "not_found", "namespace.notfound", "The namespace "+name+" does not exist.", name)
	}
	return n, nil
}

// merge changes the fields that a specification has. Sets lose their order.
func (n *wcpNamespace) merge(spec record) {
	for name, v := range spec {
		switch name {
		case "namespace", "supervisor", "cluster":
			continue
		case "vm_service_spec":
			sorted := record{}
			for of := range v.(record) {
				list := texts(v, of)
				sort.Strings(list)
				sorted[of] = list
			}
			v = sorted
		}
		n.spec[name] = v
	}
}

func (s *supervisors) namespaceInfo(n *wcpNamespace, v2 bool) record {
	out := record{
		"description": "", "access_list": []any{}, "storage_specs": []any{}, "vm_service_spec": record{"content_libraries": []any{}, "vm_classes": []any{}},
		"stats": record{"cpu_used": 0, "memory_used": 0, "storage_used": 0}, "self_service_namespace": false,
	}
	for name, v := range n.spec {
		out[name] = v
	}
	out["config_status"], out["messages"] = n.status, n.messages
	if v2 {
		out["supervisor"] = n.supervisor
	} else {
		out["cluster"] = s.all[n.supervisor].clusters[0]
	}
	return out
}

// checkNamespace rejects storage policies and classes that do not exist.
func (s *supervisors) checkNamespace(r *http.Request, spec record) *apiError {
	storage, _ := spec["storage_specs"].([]any)
	for _, e := range storage {
		if bad := s.policies(text(e, "policy")); bad != nil {
			return bad
		}
	}
	for _, class := range texts(spec, "vm_service_spec", "vm_classes") {
		if w, _ := s.own(r, classesPath+"/"+class); w.Code != http.StatusOK {
			return wcpError(http.StatusBadRequest, "invalid_argument", "vmclass.notfound", "The virtual machine class "+class+" does not exist.", class)
		}
	}
	return nil
}
