package main

import (
	"fmt"
	"testing"
)

func TestComputePolicies(t *testing.T) {
	w := newWorld(t)
	var token, category, tag, id string
	status, _ := w.http("POST", apiSession, "user:pass", "", &token)
	equal(w, status, 201)
	var bad struct {
		ErrorType string `json:"error_type"`
	}
	call := func(verb, path, body string, want int, out any) {
		t.Helper()
		if got, _ := w.http(verb, path, token, body, out); got != want {
			t.Fatalf("%s %s: %d, not %d", verb, path, got, want)
		}
	}
	call("POST", "/api/cis/tagging/category", `{"name":"zone","description":"","cardinality":"SINGLE","associable_types":[]}`, 201, &category)
	call("POST", "/api/cis/tagging/tag", `{"name":"a","description":"","category_id":"`+category+`"}`, 201, &tag)

	var all []map[string]string
	call("GET", computePoliciesPath+"/capabilities", "", 200, &all)
	equal(w, all[0]["capability"], capabilityPrefix+"vm_host_affinity")
	spec := func(capability, tags string) string {
		return fmt.Sprintf(`{"capability":"%s%s","name":"web","description":"d",%s}`, capabilityPrefix, capability, tags)
	}
	both := fmt.Sprintf(`"vm_tag":%q,"host_tag":%q`, tag, tag)
	one := fmt.Sprintf(`"vm_tag":%q`, tag)
	for _, wrong := range []string{spec("none", one), spec("vm_host_affinity", one), spec("vm_vm_affinity", both), spec("vm_vm_affinity", `"vm_tag":"x"`)} {
		call("POST", computePoliciesPath, wrong, 400, &bad)
		equal(w, bad.ErrorType, "INVALID_ARGUMENT")
	}
	call("POST", computePoliciesPath, spec("vm_host_affinity", both), 201, &id)
	call("POST", computePoliciesPath, spec("vm_vm_affinity", one), 400, &bad)
	equal(w, bad.ErrorType, "ALREADY_EXISTS")
	call("GET", computePoliciesPath, "", 200, &all)
	equal(w, all[0]["policy"], id)
	var read computePolicy
	call("GET", computePoliciesPath+"/"+id, "", 200, &read)
	equal(w, read.HostTag, tag)
	vm, err := w.finder.VirtualMachine(w.ctx, "DC0_C0_RP0_VM0")
	w.ok(err)
	var compliance map[string]string
	of := "/api/vcenter/vm/" + vm.Reference().Value + "/compute/policies/"
	call("GET", of+id, "", 200, &compliance)
	equal(w, compliance["status"], "NOT_APPLICABLE")
	call("GET", of+"none", "", 404, &bad)
	call("DELETE", computePoliciesPath+"/"+id, "", 204, nil)
	call("GET", computePoliciesPath+"/"+id, "", 404, &bad)
	equal(w, bad.ErrorType, "NOT_FOUND")

	old := newWorld(t, func(c *config) { c.version = "7.0.2" })
	status, _ = old.http("POST", apiSession, "user:pass", "", &token)
	equal(old, status, 201)
	status, _ = old.http("GET", computePoliciesPath, token, "", nil)
	equal(old, status, 404)
}
