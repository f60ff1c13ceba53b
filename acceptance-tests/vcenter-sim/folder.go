package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

func cleanFolders(ctx *simulator.Context) {
	for _, e := range ctx.Map.All("Folder") {
		if f, ok := e.(*simulator.Folder); ok {
			for _, c := range append([]types.ManagedObjectReference{}, f.ChildEntity...) {
				if ctx.Map.Get(c) == nil {
					simulator.RemoveReference(&f.ChildEntity, c)
				}
			}
		}
	}
}

// Folder.CreateDVS: hosts and PVLANs of the create spec
type xFolder struct{ *simulator.Folder }

func (f *xFolder) CreateDVSTask(ctx *simulator.Context, req *types.CreateDVS_Task) soap.HasFault {
	r := f.Folder.CreateDVSTask(ctx, req)
	if b, ok := r.(*methods.CreateDVS_TaskBody); ok && b.Res != nil {
		t := ctx.Map.Get(b.Res.Returnval).(*simulator.Task)
		t.Wait()
		if ref, ok := t.Info.Result.(types.ManagedObjectReference); ok {
			dvs := ctx.Map.Get(ref).(*simulator.DistributedVirtualSwitch)
			completeDVS(ctx, dvs)
			sp := req.Spec.ConfigSpec.GetDVSConfigSpec()
			re := &types.VMwareDVSConfigSpec{}
			re.Host = sp.Host
			if v, ok := req.Spec.ConfigSpec.(*types.VMwareDVSConfigSpec); ok {
				re.PvlanConfigSpec = v.PvlanConfigSpec
			}
			if len(re.Host) > 0 || len(re.PvlanConfigSpec) > 0 {
				(&xDVS{dvs}).ReconfigureDvsTask(ctx, &types.ReconfigureDvs_Task{This: ref, Spec: re})
			}
		}
	}
	return r
}
