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

// abortLease removes what an import has made before its lease is aborted, as vCenter does; the simulator only forgets
// the lease. Leases belong to their session: there is no object in the inventory to wrap.
func abortLease(ctx *simulator.Context, method *simulator.Method) {
	if method.Name != "HttpNfcLeaseAbort" {
		return
	}
	if l, ok := ctx.Session.Get(method.This).(*simulator.HttpNfcLease); ok && l.Info != nil {
		destroy(ctx, l.Info.Entity)
	}
}
