package main

import (
	"testing"

	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

func TestHostsPassDevicesThrough(t *testing.T) {
	w := newWorld(t)
	host, err := w.finder.HostSystem(w.ctx, "DC0_C0_H0")
	w.ok(err)
	pool, err := host.ResourcePool(w.ctx)
	w.ok(err)
	owner, err := pool.Owner(w.ctx)
	w.ok(err)
	var compute mo.ComputeResource
	w.ok(property.DefaultCollector(w.client.Client).RetrieveOne(w.ctx, owner.Reference(), []string{"environmentBrowser"}, &compute))
	ref := host.Reference()
	r, err := methods.QueryConfigTarget(w.ctx, w.client.Client, &types.QueryConfigTarget{This: *compute.EnvironmentBrowser, Host: &ref})
	w.ok(err)
	found := map[string]string{}
	for _, p := range r.Returnval.PciPassthrough {
		info := p.GetVirtualMachinePciPassthroughInfo()
		found[info.PciDevice.Id] = info.SystemId
	}
	if len(found) < 2 || found["0000:00:0f.0"] != "system-"+ref.Value {
		t.Fatalf("passed through: %v", found)
	}
}
