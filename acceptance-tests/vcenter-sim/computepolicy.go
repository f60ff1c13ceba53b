package main

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"
)

const (
	computePoliciesPath = "/api/vcenter/compute/policies" // since 7.0.3
	capabilityPrefix    = "com.vmware.vcenter.compute.policies.capabilities."
	computePoliciesMost = 100
)

// reCompliance is whether a virtual machine complies with a policy, since 7.0.3.
var reCompliance = regexp.MustCompile(`^/api/vcenter/vm/([^/]+)/compute/policies/([^/]+)$`)

// capability is what a policy is made of. hostTag says whether it has a tag of hosts.
type capability struct {
	id, name, description string
	hostTag               bool
}

// capabilities are those of a vCenter of VMware Cloud, as govc lists them, and that of vSphere 7.0.3.
var capabilities = []capability{
	{"vm_host_affinity", "VM-Host affinity", "Virtual machines that have the VM tag will be placed on hosts that have the host tag.", true},
	{"vm_host_anti_affinity", "VM-Host anti-affinity", "Virtual machines that have the VM tag will not be placed on hosts that have the host tag.", true},
	{"vm_vm_affinity", "VM-VM affinity", "All virtual machines that share the tag will be affined to each other.", false},
	{"vm_vm_anti_affinity", "VM-VM anti-affinity", "All virtual machines that share the tag will be anti-affine to each other.", false},
	{"disable_drs_vmotion", "Disable DRS vMotion", "All virtual machines that share the tag will stay on the host on which they are powered-on.", false},
	{"vm.evacuation.vmotion", "VM evacuation by vMotion", "Virtual machines that have the VM tag will be vMotioned when their host is evacuated.", false},
	{"vm.placement.anti_affinity_with_vcls", "VM anti-affinity with vCLS", "Virtual machines that have the VM tag will be anti-affine to the virtual machines of vSphere Cluster Services.", false},
}

// computePolicy is a policy, and the specification of a new one.
type computePolicy struct {
	Capability  string `json:"capability"`
	Name        string `json:"name"`
	Description string `json:"description"`
	VMTag       string `json:"vm_tag"`
	HostTag     string `json:"host_tag,omitempty"`
}

// computePolicies are the compute policies, which the simulator lacks. DRS does not know them.
type computePolicies struct {
	sync.Mutex
	sim *sim
	ids []string
	all map[string]computePolicy
}

func newComputePolicies(s *sim) *computePolicies {
	return &computePolicies{sim: s, all: map[string]computePolicy{}}
}

func (c *computePolicies) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.Lock()
	defer c.Unlock()
	status, value, bad := c.answer(r)
	if bad != nil {
		bad.write(w, true)
		return
	}
	answerJSON(w, status, value)
}

func (c *computePolicies) answer(r *http.Request) (int, any, *apiError) {
	if !versionAtLeast(c.sim.version, "7.0.3") {
		return 0, nil, errNoOperation
	}
	if m := reCompliance.FindStringSubmatch(r.URL.Path); m != nil && r.Method == http.MethodGet {
		return c.compliance(ref{Type: "VirtualMachine", Value: m[1]}, m[2])
	}
	id := strings.Trim(strings.TrimPrefix(r.URL.Path, computePoliciesPath), "/")
	if id == "capabilities" && r.Method == http.MethodGet {
		all := []any{}
		for _, o := range capabilities {
			all = append(all, map[string]string{"capability": capabilityPrefix + o.id, "name": o.name, "description": o.description})
		}
		return http.StatusOK, all, nil
	}
	policy, ok := c.all[id]
	if id != "" && !ok {
		return 0, nil, &apiError{http.StatusNotFound, "not_found", "com.vmware.vcenter.compute.policies.not_found", "The policy " + id + " does not exist.", []string{id}}
	}
	if r.Method != http.MethodGet {
		if bad := c.may(r, "ComputePolicy.Manage"); bad != nil {
			return 0, nil, bad
		}
	}
	switch {
	case r.Method == http.MethodGet && id == "":
		all := []any{}
		for _, id := range c.ids {
			p := c.all[id]
			all = append(all, map[string]string{"policy": id, "name": p.Name, "description": p.Description, "capability": p.Capability})
		}
		return http.StatusOK, all, nil
	case r.Method == http.MethodGet:
		return http.StatusOK, policy, nil
	case r.Method == http.MethodPost && id == "":
		var spec computePolicy
		if json.NewDecoder(r.Body).Decode(&spec) != nil {
			return 0, nil, errInvalid("com.vmware.vapi.rest.httpJsonDecode", "Cannot parse the request body")
		}
		if bad := c.check(spec); bad != nil {
			return 0, nil, bad
		}
		id = uuid.NewString()
		c.ids, c.all[id] = append(c.ids, id), spec
		return http.StatusCreated, id, nil
	case r.Method == http.MethodDelete && id != "":
		delete(c.all, id)
		c.ids = slices.DeleteFunc(c.ids, func(o string) bool { return o == id })
		return http.StatusNoContent, nil, nil
	default:
		return 0, nil, errNoOperation
	}
}

// compliance of a virtual machine with a policy. Guess: a policy does not apply to one without its tag, and every other one
// complies.
func (c *computePolicies) compliance(vm ref, id string) (int, any, *apiError) {
	policy, ok := c.all[id]
	if !ok || c.sim.reg.Get(vm) == nil {
		return 0, nil, &apiError{http.StatusNotFound, "not_found", "com.vmware.vcenter.compute.policies.not_found", "The policy or the virtual machine does not exist.", nil}
	}
	status := "NOT_APPLICABLE"
	if has, _ := c.sim.tags.AttachedTags(vm); slices.Contains(has, policy.VMTag) {
		status = "COMPLIANT"
	}
	return http.StatusOK, map[string]string{"status": status}, nil
}

// may checks a privilege on the root folder.
func (c *computePolicies) may(r *http.Request, privilege string) *apiError {
	a := c.sim.authz
	if a == nil {
		return nil
	}
	list := []need{{a.root, privilege}}
	a.ask(r.UserAgent(), list)
	if c.sim.enforce && a.check(c.sim.rest.user(r), list) != nil {
		return errUnauthorized(privilege)
	}
	return nil
}

func (c *computePolicies) check(spec computePolicy) *apiError {
	wrong := func(message string) *apiError {
		return errInvalid("com.vmware.vcenter.compute.policies.invalid_argument", message)
	}
	i := slices.IndexFunc(capabilities, func(o capability) bool { return capabilityPrefix+o.id == spec.Capability })
	switch {
	case i < 0:
		return wrong("The capability " + spec.Capability + " does not exist.")
	case spec.Name == "" || spec.Description == "":
		return wrong("A policy has a name and a description.")
	case !c.sim.tags.exists(spec.VMTag):
		return wrong("The tag " + spec.VMTag + " does not exist.")
	case capabilities[i].hostTag != (spec.HostTag != ""):
		return wrong("The host tag is missing, or not one of the capability.")
	case spec.HostTag != "" && !c.sim.tags.exists(spec.HostTag):
		return wrong("The tag " + spec.HostTag + " does not exist.")
	case len(c.all) >= computePoliciesMost:
		return &apiError{http.StatusInternalServerError, "unable_to_allocate_resource", "com.vmware.vcenter.compute.policies.too_many", "There are too many policies.", nil}
	}
	for _, o := range c.all {
		if o.Name == spec.Name {
			return &apiError{http.StatusBadRequest, "already_exists", "com.vmware.vcenter.compute.policies.already_exists", "A policy with the name " + spec.Name + " already exists.", []string{spec.Name}}
		}
	}
	return nil
}
