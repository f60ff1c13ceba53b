package main

import (
	"os"
	"slices"
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

// CreateNasDatastore: a second host that mounts the same export under the same name gets the same datastore. A name that
// another export has in the datacenter is taken.
func (d *xDS) CreateNasDatastore(ctx *simulator.Context, req *types.CreateNasDatastore) soap.HasFault {
	spec := req.Spec
	name := spec.LocalPath
	for _, e := range ctx.Map.All("Datastore") {
		ds := e.(*simulator.Datastore)
		if ds.Name != storedName(name) || datacenterOf(ctx, ds.Self) != datacenterOf(ctx, d.host.Self) {
			continue
		}
		n, ok := ds.Info.(*types.NasDatastoreInfo)
		if !ok || n.Nas == nil || n.Nas.RemotePath != spec.RemotePath || n.Nas.RemoteHost != spec.RemoteHost || mountedOn(ds, d.host.Self) {
			return &methods.CreateNasDatastoreBody{Fault_: fault(&types.DuplicateName{Name: name, Object: ds.Self})}
		}
		ds.Host = append(ds.Host, types.DatastoreHostMount{Key: d.host.Self})
		d.host.Datastore = append(d.host.Datastore, ds.Self)
		mounted(ds, spec.AccessMode)
		return &methods.CreateNasDatastoreBody{Res: &types.CreateNasDatastoreResponse{Returnval: ds.Self}}
	}
	dir, _ := os.MkdirTemp("", "nas")
	p := dir + "/" + name
	_ = os.MkdirAll(p, 0700)
	req.Spec.LocalPath = p
	r := d.HostDatastoreSystem.CreateNasDatastore(ctx, req)
	if b, ok := r.(*methods.CreateNasDatastoreBody); ok && b.Res != nil {
		ds := ctx.Map.Get(b.Res.Returnval).(*simulator.Datastore)
		toRoot(ctx, ds)
		typ := spec.Type
		if typ == "" {
			typ = "NFS"
		}
		hosts := spec.RemoteHostNames
		if len(hosts) == 0 {
			hosts = []string{spec.RemoteHost}
		}
		security := spec.SecurityType
		if typ == string(types.HostFileSystemVolumeFileSystemTypeNFS41) && security == "" {
			security = string(types.HostNasVolumeSecurityTypeAUTH_SYS) // the default
		}
		ds.Summary.Type = typ
		ds.Info = &types.NasDatastoreInfo{DatastoreInfo: *ds.Info.GetDatastoreInfo(), Nas: &types.HostNasVolume{
			HostFileSystemVolume: types.HostFileSystemVolume{Type: typ, Name: name, Capacity: ds.Summary.Capacity},
			RemoteHost:           spec.RemoteHost, RemotePath: spec.RemotePath, RemoteHostNames: hosts, UserName: spec.UserName, SecurityType: security,
		}}
		if len(ds.Host) == 0 {
			ds.Host = []types.DatastoreHostMount{{Key: d.host.Self}}
		}
		mounted(ds, spec.AccessMode)
	}
	return r
}

// toRoot moves a new datastore to the folder of datastores of its datacenter: the simulator puts it into a folder in there, if
// one exists.
func toRoot(ctx *simulator.Context, ds *simulator.Datastore) {
	dc, ok := ctx.Map.Get(datacenterOf(ctx, ds.Self)).(*simulator.Datacenter)
	if !ok || *ds.Parent == dc.DatastoreFolder {
		return
	}
	parent, root := ctx.Map.Get(*ds.Parent), ctx.Map.Get(dc.DatastoreFolder)
	ctx.Map.RemoveReference(ctx, parent, childrenOf(parent), ds.Self)
	ctx.Map.AddReference(ctx, root, childrenOf(root), ds.Self)
	ds.Parent = &dc.DatastoreFolder
}

func mountedOn(ds *simulator.Datastore, host ref) bool {
	return slices.ContainsFunc(ds.Host, func(m types.DatastoreHostMount) bool { return m.Key == host })
}

// mounted completes the mount of the host that came last.
func mounted(ds *simulator.Datastore, mode string) {
	y, several := true, len(ds.Host) > 1
	ds.Host[len(ds.Host)-1].MountInfo = types.HostMountInfo{AccessMode: mode, Mounted: &y, Accessible: &y}
	ds.Summary.MultipleHostAccess = &several
}

// RemoveDatastore unmounts a datastore from one host, unless a virtual machine on it uses the datastore. The last host
// removes it from the inventory.
func (d *xDS) RemoveDatastore(ctx *simulator.Context, req *types.RemoveDatastore) soap.HasFault {
	b := &methods.RemoveDatastoreBody{}
	ds, ok := ctx.Map.Get(req.Datastore).(*simulator.Datastore)
	if !ok || !mountedOn(ds, d.host.Self) {
		b.Fault_ = fault(&types.NotFound{})
		return b
	}
	if _, ok := ds.Info.(*types.VmfsDatastoreInfo); ok {
		if bad := d.removeVmfs(ctx, ds); bad != nil {
			b.Fault_ = fault(bad)
			return b
		}
	}
	for _, r := range ds.Vm {
		if vm, ok := ctx.Map.Get(r).(*simulator.VirtualMachine); ok && vm.Runtime.Host != nil && *vm.Runtime.Host == d.host.Self {
			b.Fault_ = fault(&types.ResourceInUse{Type: ds.Self.Type, Name: ds.Name})
			return b
		}
	}
	simulator.RemoveReference(&d.host.Datastore, ds.Self)
	ds.Host = slices.DeleteFunc(ds.Host, func(m types.DatastoreHostMount) bool { return m.Key == d.host.Self })
	several := len(ds.Host) > 1
	ds.Summary.MultipleHostAccess = &several
	if len(ds.Host) == 0 { // the simulator panics for one in a datastore cluster
		parent := ctx.Map.Get(*ds.Parent)
		if children := childrenOf(parent); children != nil {
			ctx.Map.RemoveReference(ctx, parent, children, ds.Self)
		}
		ctx.Map.Remove(ctx, ds.Self)
	}
	b.Res = &types.RemoveDatastoreResponse{}
	return b
}
