package main

import (
	"context"
	"sync"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// xOvf: the disks of an import are provisioned as it asks for.
type xOvf struct{ *simulator.OvfManager }

func (m *xOvf) CreateImportSpec(ctx *simulator.Context, req *types.CreateImportSpec) soap.HasFault {
	r := m.OvfManager.CreateImportSpec(ctx, req)
	body, ok := r.(*methods.CreateImportSpecBody)
	if !ok || body.Res == nil {
		return r
	}
	spec, ok := body.Res.Returnval.ImportSpec.(*types.VirtualMachineImportSpec)
	if !ok {
		return r
	}
	for _, c := range spec.ConfigSpec.DeviceChange {
		d, ok := c.GetVirtualDeviceConfigSpec().Device.(*types.VirtualDisk)
		if !ok {
			continue
		}
		if b, ok := d.Backing.(*types.VirtualDiskFlatVer2BackingInfo); ok {
			switch req.Cisp.GetOvfCreateImportSpecParams().DiskProvisioning {
			case "thin":
				b.ThinProvisioned, b.EagerlyScrub = bp(true), nil
			case "thick":
				b.ThinProvisioned, b.EagerlyScrub = bp(false), bp(false)
			case "eagerZeroedThick":
				b.ThinProvisioned, b.EagerlyScrub = bp(false), bp(true)
			}
		}
	}
	return r
}

// importRegistries has, for the registry that a call of ImportVApp got (see fillGaps), the one of its session: there the lease of
// the import belongs, for later calls to find it.
var importRegistries sync.Map

// adoptLeases gives leases to their sessions, and notes them for uploads.
func (s *sim) adoptLeases(ctx *simulator.Context) {
	importRegistries.Range(func(got, own any) bool {
		for _, lease := range got.(*simulator.Registry).AllReference("HttpNfcLease") {
			own.(*simulator.Registry).Put(lease)
			importRegistries.Delete(got)
		}
		return true
	})
	for _, lease := range ctx.Session.AllReference("HttpNfcLease") {
		if _, known := leases.Swap(lease.Reference().Value, lease); !known {
			offerPull(s, lease.(*simulator.HttpNfcLease))
		}
	}
}

// endLease removes what an import has made before its lease is aborted, as vCenter does; the simulator only forgets
// the lease. A machine whose lease is completed is not ready at once with -settle. Leases belong to their session: there is no object in the inventory to wrap.
func endLease(ctx *simulator.Context, method *simulator.Method) {
	if method.Name != "HttpNfcLeaseAbort" && method.Name != "HttpNfcLeaseComplete" {
		return
	}
	l, ok := ctx.Session.Get(method.This).(*simulator.HttpNfcLease)
	if !ok || l.Info == nil {
		return
	}
	if method.Name == "HttpNfcLeaseAbort" {
		if cancel, pulling := pulls.Load(l.Self.Value); pulling {
			cancel.(context.CancelFunc)()
		}
		destroy(ctx, l.Info.Entity)
	} else if vm, ok := ctx.Map.Get(l.Info.Entity).(*simulator.VirtualMachine); ok {
		unsettle(ctx, vm)
	}
}
