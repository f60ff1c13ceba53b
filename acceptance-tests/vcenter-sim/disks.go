package main

import (
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

type xVDM struct{ *simulator.VirtualDiskManager }

func (m *xVDM) CreateVirtualDiskTask(ctx *simulator.Context, req *types.CreateVirtualDisk_Task) soap.HasFault {
	if sp, ok := req.Spec.(types.BaseFileBackedVirtualDiskSpec); ok {
		simOf(ctx).diskCap.Store(strings.ReplaceAll(req.Name, "] /", "] "), sp.GetFileBackedVirtualDiskSpec().CapacityKb)
	}
	return m.VirtualDiskManager.CreateVirtualDiskTask(ctx, req)
}

func (m *xVDM) ExtendVirtualDiskTask(ctx *simulator.Context, req *types.ExtendVirtualDisk_Task) soap.HasFault {
	id := task(ctx, m.VirtualDiskManager, "extendVirtualDisk", func() (types.AnyType, types.BaseMethodFault) {
		simOf(ctx).diskCap.Store(strings.ReplaceAll(req.Name, "] /", "] "), req.NewCapacityKb)
		return nil, nil
	})
	return &methods.ExtendVirtualDisk_TaskBody{Res: &types.ExtendVirtualDisk_TaskResponse{Returnval: id}}
}

type xBrowser struct {
	*simulator.HostDatastoreBrowser
}

func (b *xBrowser) SearchDatastoreTask(ctx *simulator.Context, req *types.SearchDatastore_Task) soap.HasFault {
	r := b.HostDatastoreBrowser.SearchDatastoreTask(ctx, req)
	if x, ok := r.(*methods.SearchDatastore_TaskBody); ok && x.Res != nil {
		t := ctx.Map.Get(x.Res.Returnval).(*simulator.Task)
		t.Wait()
		if res, ok := t.Info.Result.(types.HostDatastoreBrowserSearchResults); ok {
			for i := range res.File {
				if f, ok := res.File[i].(*types.VmDiskFileInfo); ok {
					dir := strings.TrimSuffix(strings.ReplaceAll(res.FolderPath, "] /", "] "), "/")
					p := dir + "/" + f.Path
					if strings.HasSuffix(dir, "]") {
						p = dir + " " + f.Path
					}
					if kb, ok := simOf(ctx).diskCap.Load(p); ok {
						f.CapacityKb = kb.(int64)
					}
				}
			}
		}
	}
	return r
}
