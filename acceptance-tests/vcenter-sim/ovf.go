package main

import (
	"github.com/vmware/govmomi/simulator"
)

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
