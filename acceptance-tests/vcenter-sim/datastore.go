package main

import (
	"os"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

type xDatastore struct{ *simulator.Datastore }

func (d *xDatastore) RenameTask(ctx *simulator.Context, req *types.Rename_Task) soap.HasFault {
	old := d.Name
	return rename(ctx, d.Datastore, req, func(name string) {
		d.Name, d.Summary.Name = name, name
		d.Info.GetDatastoreInfo().Name = name
		renamePaths(ctx, old, name)
	})
}

// renamePaths gives the files of virtual machines the new name of their datastore.
func renamePaths(ctx *simulator.Context, old, name string) {
	fix := func(s *string) {
		if rest, ok := strings.CutPrefix(*s, "["+old+"]"); ok {
			*s = "[" + name + "]" + rest
		}
	}
	for _, m := range diskMaps(simOf(ctx)) {
		m.Range(func(key, value any) bool {
			file := key.(string)
			if fix(&file); file != key {
				m.Delete(key)
				m.Store(file, value)
			}
			return true
		})
	}
	for _, e := range ctx.Map.All("VirtualMachine") {
		vm, ok := ctx.Map.Get(e.Reference()).(*simulator.VirtualMachine)
		if !ok || vm.Config == nil {
			continue
		}
		f := &vm.Config.Files
		for _, s := range []*string{&f.VmPathName, &f.SnapshotDirectory, &f.SuspendDirectory, &f.LogDirectory, &vm.Summary.Config.VmPathName} {
			fix(s)
		}
		for _, d := range vm.Config.Hardware.Device {
			if b, ok := d.GetVirtualDevice().Backing.(types.BaseVirtualDeviceFileBackingInfo); ok {
				fix(&b.GetVirtualDeviceFileBackingInfo().FileName)
			}
		}
		if vm.LayoutEx != nil {
			for i := range vm.LayoutEx.File {
				fix(&vm.LayoutEx.File[i].Name)
			}
		}
	}
}

// HostDatastoreSystem: NAS datastore without a local directory, VMFS
type xDS struct {
	*simulator.HostDatastoreSystem
	host *simulator.HostSystem
}

func (d *xDS) CreateNasDatastore(ctx *simulator.Context, req *types.CreateNasDatastore) soap.HasFault {
	spec := req.Spec
	name := spec.LocalPath
	for _, e := range ctx.Map.All("Datastore") { // second host mounting the same export
		ds := e.(*simulator.Datastore)
		if n, ok := ds.Info.(*types.NasDatastoreInfo); ok && ds.Name == name && n.Nas != nil && n.Nas.RemotePath == spec.RemotePath {
			key := d.host.Self
			for _, m := range ds.Host {
				if m.Key == key {
					return &methods.CreateNasDatastoreBody{Fault_: simulator.Fault("", &types.DuplicateName{Name: name, Object: ds.Self})}
				}
			}
			y := true
			ds.Host = append(ds.Host, types.DatastoreHostMount{Key: key, MountInfo: types.HostMountInfo{AccessMode: spec.AccessMode, Mounted: &y, Accessible: &y}})
			d.host.Datastore = append(d.host.Datastore, ds.Self)
			return &methods.CreateNasDatastoreBody{Res: &types.CreateNasDatastoreResponse{Returnval: ds.Self}}
		}
	}
	dir, _ := os.MkdirTemp("", "nas")
	p := dir + "/" + name
	_ = os.MkdirAll(p, 0700)
	req.Spec.LocalPath = p
	r := d.HostDatastoreSystem.CreateNasDatastore(ctx, req)
	if b, ok := r.(*methods.CreateNasDatastoreBody); ok && b.Res != nil {
		ds := ctx.Map.Get(b.Res.Returnval).(*simulator.Datastore)
		typ := spec.Type
		if typ == "" {
			typ = "NFS"
		}
		hosts := spec.RemoteHostNames
		if len(hosts) == 0 {
			hosts = []string{spec.RemoteHost}
		}
		ds.Summary.Type = typ
		ds.Info = &types.NasDatastoreInfo{DatastoreInfo: *ds.Info.GetDatastoreInfo(), Nas: &types.HostNasVolume{
			HostFileSystemVolume: types.HostFileSystemVolume{Type: typ, Name: name, Capacity: ds.Summary.Capacity},
			RemoteHost:           spec.RemoteHost, RemotePath: spec.RemotePath, RemoteHostNames: hosts, UserName: spec.UserName, SecurityType: spec.SecurityType,
		}}
		y := true
		if len(ds.Host) == 0 {
			ds.Host = []types.DatastoreHostMount{{Key: d.host.Self}}
		}
		for i := range ds.Host {
			ds.Host[i].MountInfo.AccessMode = spec.AccessMode
			ds.Host[i].MountInfo.Accessible = &y
			ds.Host[i].MountInfo.Mounted = &y
		}
	}
	return r
}

func (d *xDS) RemoveDatastore(ctx *simulator.Context, req *types.RemoveDatastore) soap.HasFault {
	b := &methods.RemoveDatastoreBody{}
	ds, ok := ctx.Map.Get(req.Datastore).(*simulator.Datastore)
	if !ok {
		b.Fault_ = simulator.Fault("", &types.NotFound{})
		return b
	}
	simulator.RemoveReference(&d.host.Datastore, ds.Self)
	for i := range ds.Host {
		if ds.Host[i].Key == d.host.Self {
			ds.Host = append(ds.Host[:i], ds.Host[i+1:]...)
			break
		}
	}
	if len(ds.Host) == 0 {
		r := ds.DestroyTask(ctx, &types.Destroy_Task{This: ds.Self})
		_ = r
	}
	b.Res = &types.RemoveDatastoreResponse{}
	return b
}
