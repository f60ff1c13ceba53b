package main

import (
	"sync"

	"github.com/vmware/govmomi/simulator"
)

// importRegistries has, for the registry that a call of ImportVApp got (see fillGaps), the one of its session: there the lease of
// the import belongs, for later calls to find it.
var importRegistries sync.Map

// adoptLeases gives leases to their sessions.
func adoptLeases() {
	importRegistries.Range(func(got, own any) bool {
		for _, lease := range got.(*simulator.Registry).AllReference("HttpNfcLease") {
			own.(*simulator.Registry).Put(lease)
			importRegistries.Delete(got)
		}
		return true
	})
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
		destroy(ctx, l.Info.Entity)
	} else if vm, ok := ctx.Map.Get(l.Info.Entity).(*simulator.VirtualMachine); ok {
		unsettle(ctx, vm)
	}
}
