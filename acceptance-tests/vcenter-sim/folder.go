package main

import (
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// cleanFolders drops children that no longer exist: some of the simulator's methods remove an object and leave it listed.
func cleanFolders(ctx *simulator.Context) {
	for _, e := range ctx.Map.All("Folder") {
		if f, ok := e.(*simulator.Folder); ok {
			for _, c := range slices.Clone(f.ChildEntity) {
				if ctx.Map.Get(c) != nil {
					continue
				}
				// One that is being made is listed before it is there; its folder is locked as long.
				ctx.WithLock(f, func() {
					if ctx.Map.Get(c) == nil {
						simulator.RemoveReference(&f.ChildEntity, c)
					}
				})
			}
		}
	}
}

// childrenOf is the list of children an entity keeps, if it is of a kind that other entities are moved in and out of.
func childrenOf(o mo.Reference) *[]ref {
	switch o := o.(type) {
	case *simulator.Folder:
		return &o.ChildEntity
	case *simulator.StoragePod:
		return &o.ChildEntity
	}
	return nil
}

// sameName returns the child of a parent that has a name, other than one object.
func sameName(ctx *simulator.Context, parent ref, name string, except ref) mo.Entity {
	children := childrenOf(ctx.Map.Get(parent))
	if children == nil {
		return nil
	}
	for _, c := range *children {
		if e, ok := ctx.Map.Get(c).(mo.Entity); ok && c != except && e.Entity().Name == name {
			return e
		}
	}
	return nil
}

// validName refuses what vCenter refuses as the name of an entity.
func validName(name string) types.BaseMethodFault {
	if strings.TrimSpace(name) == "" || len(name) > 80 {
		return &types.InvalidName{Name: name}
	}
	return nil
}

var reEscape = regexp.MustCompile(`(?i)%(2f|5c|25)`)

// unescapeName resolves the three escapes; any other percent sign stands for itself.
func unescapeName(name string) string {
	return reEscape.ReplaceAllStringFunc(name, func(x string) string {
		return map[string]string{"2f": "/", "5c": `\`, "25": "%"}[strings.ToLower(x[1:])]
	})
}

// storedName is how vCenter stores the name that a client gives: escaped, whether or not the client has done so.
func storedName(name string) string { return escapeName(unescapeName(name)) }

// escapeName writes the three characters with a meaning in inventory paths as vCenter stores them.
func escapeName(name string) string {
	return strings.NewReplacer("%", "%25", "/", "%2f", `\`, "%5c").Replace(name)
}

// rename is Rename_Task of an entity: DuplicateName where the simulator has InvalidArgument, and no complaint about the
// name it already has.
func rename(ctx *simulator.Context, e mo.Entity, req *types.Rename_Task, also func(name string)) soap.HasFault {
	id := task(ctx, e, "rename", func() (types.AnyType, types.BaseMethodFault) {
		name := storedName(req.NewName)
		if bad := validName(name); bad != nil {
			return nil, bad
		}
		if p := e.Entity().Parent; p != nil {
			if other := sameName(ctx, *p, name, e.Reference()); other != nil {
				return nil, &types.DuplicateName{Name: name, Object: other.Reference()}
			}
		}
		ctx.Update(e, []types.PropertyChange{{Name: "name", Val: name}})
		if also != nil {
			also(name)
		}
		return nil, nil
	})
	return &methods.Rename_TaskBody{Res: &types.Rename_TaskResponse{Returnval: id}}
}

// destroy runs Destroy_Task of an object to its end.
func destroy(ctx *simulator.Context, r ref) types.BaseMethodFault {
	o := ctx.Map.Get(r)
	if o == nil {
		return nil
	}
	if w := simOf(ctx).wrapper(ctx, o, "Destroy_Task"); w != nil {
		o = w
	}
	m := reflect.ValueOf(o).MethodByName("DestroyTask")
	if !m.IsValid() {
		ctx.Map.Remove(ctx, r)
		return nil
	}
	args := []reflect.Value{reflect.ValueOf(ctx), reflect.ValueOf(&types.Destroy_Task{This: r})}
	body, ok := m.Call(args[2-m.Type().NumIn():])[0].Interface().(*methods.Destroy_TaskBody)
	if !ok || body.Res == nil {
		return &types.NotSupported{}
	}
	t := ctx.Map.Get(body.Res.Returnval).(*simulator.Task)
	t.Wait()
	if t.Info.Error != nil {
		return t.Info.Error.Fault
	}
	return nil
}

type xFolder struct{ *simulator.Folder }

// fixed reports whether the folder is the root folder or one of the four folders of a datacenter: those cannot be
// moved or destroyed, and the simulator panics.
func (f *xFolder) fixed() bool { return f.Parent == nil || f.Parent.Type == "Datacenter" }

func (f *xFolder) CreateFolder(ctx *simulator.Context, req *types.CreateFolder) soap.HasFault {
	if bad := validName(req.Name); bad != nil {
		return &methods.CreateFolderBody{Fault_: fault(bad)}
	}
	req.Name = unescapeName(req.Name) // the simulator escapes, what is escaped once more
	return f.Folder.CreateFolder(ctx, req)
}

func (f *xFolder) CreateStoragePod(ctx *simulator.Context, req *types.CreateStoragePod) soap.HasFault {
	if bad := validName(req.Name); bad != nil {
		return &methods.CreateStoragePodBody{Fault_: fault(bad)}
	}
	req.Name = storedName(req.Name)
	return f.Folder.CreateStoragePod(ctx, req)
}

func (f *xFolder) CreateClusterEx(ctx *simulator.Context, req *types.CreateClusterEx) soap.HasFault {
	if bad := validName(req.Name); bad != nil {
		return &methods.CreateClusterExBody{Fault_: fault(bad)}
	}
	req.Name = storedName(req.Name)
	return f.Folder.CreateClusterEx(ctx, req)
}

// CreateDatacenter: the simulator accepts two of one name.
func (f *xFolder) CreateDatacenter(ctx *simulator.Context, req *types.CreateDatacenter) soap.HasFault {
	if bad := validName(req.Name); bad != nil {
		return &methods.CreateDatacenterBody{Fault_: fault(bad)}
	}
	req.Name = storedName(req.Name)
	if other := sameName(ctx, f.Self, req.Name, ref{}); other != nil {
		return &methods.CreateDatacenterBody{Fault_: fault(&types.DuplicateName{Name: req.Name, Object: other.Reference()})}
	}
	return f.Folder.CreateDatacenter(ctx, req)
}

func (f *xFolder) RenameTask(ctx *simulator.Context, req *types.Rename_Task) soap.HasFault {
	// The folders of a datacenter can have other names than vm, host, datastore and network.
	if f.Parent == nil {
		return &methods.Rename_TaskBody{Fault_: fault(&types.NotSupported{})}
	}
	return rename(ctx, f.Folder, req, nil)
}

// DestroyTask destroys the children first, all the way down: virtual machines are deleted from disk. The first child
// that refuses, a running virtual machine for one, ends it; the children before it stay deleted. The simulator leaves the
// children behind.
func (f *xFolder) DestroyTask(ctx *simulator.Context, req *types.Destroy_Task) soap.HasFault {
	if f.fixed() {
		return &methods.Destroy_TaskBody{Fault_: fault(&types.NotSupported{})}
	}
	id := task(ctx, f.Folder, "destroy", func() (types.AnyType, types.BaseMethodFault) {
		for _, c := range slices.Clone(f.ChildEntity) {
			if bad := destroy(ctx, c); bad != nil {
				return nil, bad
			}
			simulator.RemoveReference(&f.ChildEntity, c)
		}
		if children := childrenOf(ctx.Map.Get(*f.Parent)); children != nil {
			ctx.Map.RemoveReference(ctx, ctx.Map.Get(*f.Parent), children, f.Self)
		}
		ctx.Map.Remove(ctx, f.Self)
		return nil, nil
	})
	return &methods.Destroy_TaskBody{Res: &types.Destroy_TaskResponse{Returnval: id}}
}

// childKind is the name under which a folder lists a type among its child types.
func childKind(t string) string {
	switch t {
	case "ClusterComputeResource":
		return "ComputeResource"
	case "DistributedVirtualPortgroup", "OpaqueNetwork":
		return "Network"
	}
	return t
}

// canTake returns the reason why an entity cannot become a child of the folder.
func (f *xFolder) canTake(ctx *simulator.Context, r ref) types.BaseMethodFault {
	e, ok := ctx.Map.Get(r).(mo.Entity)
	if !ok {
		return &types.ManagedObjectNotFound{Obj: r}
	}
	holder := e.Entity().Parent
	if a, ok := e.(*simulator.VirtualApp); ok { // its parent is a resource pool; in another vApp it has no folder
		holder = a.ParentFolder
	}
	if !slices.Contains(f.ChildType, childKind(r.Type)) || holder == nil || childrenOf(ctx.Map.Get(*holder)) == nil {
		return &types.NotSupported{}
	}
	if g, ok := e.(*simulator.Folder); ok && !slices.Equal(g.ChildType, f.ChildType) {
		return &types.NotSupported{} // a folder of another kind
	}
	for at := &f.Self; at != nil; { // into itself or below itself
		if *at == r {
			return &types.InvalidFolder{Target: r}
		}
		up, ok := ctx.Map.Get(*at).(mo.Entity)
		if !ok {
			break
		}
		at = up.Entity().Parent
	}
	if r.Type != "Datacenter" && datacenterOf(ctx, r) != datacenterOf(ctx, f.Self) {
		return &types.NotSupported{}
	}
	if other := sameName(ctx, f.Self, e.Entity().Name, r); other != nil {
		return &types.DuplicateName{Name: e.Entity().Name, Object: other.Reference()}
	}
	return nil
}

func datacenterOf(ctx *simulator.Context, r ref) ref {
	for {
		e, ok := ctx.Map.Get(r).(mo.Entity)
		if !ok || r.Type == "Datacenter" || e.Entity().Parent == nil {
			if r.Type == "Datacenter" {
				return r
			}
			return ref{}
		}
		r = *e.Entity().Parent
	}
}

// MoveIntoFolderTask also moves clusters, out of a datastore cluster, and refuses duplicates and cycles.
func (f *xFolder) MoveIntoFolderTask(ctx *simulator.Context, req *types.MoveIntoFolder_Task) soap.HasFault {
	id := task(ctx, f.Folder, "moveIntoFolder", func() (types.AnyType, types.BaseMethodFault) {
		for _, r := range req.List {
			if h, ok := ctx.Map.Get(r).(*simulator.HostSystem); ok {
				if bad := moveHostOut(ctx, f.Folder, h); bad != nil {
					return nil, bad
				}
				continue
			}
			if bad := f.canTake(ctx, r); bad != nil {
				return nil, bad
			}
			self := f.Self
			if a, ok := ctx.Map.Get(r).(*simulator.VirtualApp); ok { // its parent is a resource pool
				if a.ParentFolder != nil {
					if from, ok := ctx.Map.Get(*a.ParentFolder).(*simulator.Folder); ok {
						simulator.RemoveReference(&from.ChildEntity, r)
					}
				}
				ctx.Map.AppendReference(ctx, f.Folder, &f.ChildEntity, r)
				a.ParentFolder = &self
				continue
			}
			e := ctx.Map.Get(r).(mo.Entity).Entity()
			parent := ctx.Map.Get(*e.Parent)
			ctx.Map.RemoveReference(ctx, parent, childrenOf(parent), r)
			ctx.Map.AppendReference(ctx, f.Folder, &f.ChildEntity, r)
			e.Parent = &self
		}
		return nil, nil
	})
	return &methods.MoveIntoFolder_TaskBody{Res: &types.MoveIntoFolder_TaskResponse{Returnval: id}}
}

// CreateDVSTask: the simulator ignores most of the create spec; a name that is taken is a DuplicateName.
func (f *xFolder) CreateDVSTask(ctx *simulator.Context, req *types.CreateDVS_Task) soap.HasFault {
	if c := req.Spec.ConfigSpec; c != nil {
		name := storedName(c.GetDVSConfigSpec().Name)
		c.GetDVSConfigSpec().Name = name
		if o := ctx.Map.FindByName(name, f.ChildEntity); o != nil {
			id := task(ctx, f.Folder, "createDVS", func() (types.AnyType, types.BaseMethodFault) {
				return nil, &types.DuplicateName{Name: name, Object: o.Reference()}
			})
			return &methods.CreateDVS_TaskBody{Res: &types.CreateDVS_TaskResponse{Returnval: id}}
		}
	}
	if p := req.Spec.ProductInfo; p != nil && p.Version != "" && !slices.Contains(switchVersions(simOf(ctx).version), p.Version) {
		return &methods.CreateDVS_TaskBody{Fault_: fault(&types.NotSupported{})}
	}
	traffic := req.Spec.ConfigSpec.GetDVSConfigSpec().InfrastructureTrafficResourceConfig
	req.Spec.ConfigSpec.GetDVSConfigSpec().InfrastructureTrafficResourceConfig = nil
	r := f.Folder.CreateDVSTask(ctx, req)
	if b, ok := r.(*methods.CreateDVS_TaskBody); ok && b.Res != nil {
		t := ctx.Map.Get(b.Res.Returnval).(*simulator.Task)
		t.Wait()
		if ref, ok := t.Info.Result.(types.ManagedObjectReference); ok {
			dvs := ctx.Map.Get(ref).(*simulator.DistributedVirtualSwitch)
			setSwitchUUID(dvs, uuid.NewString())
			completeDVS(ctx, dvs)
			sp := req.Spec.ConfigSpec.GetDVSConfigSpec()
			re := &types.VMwareDVSConfigSpec{}
			re.Host, re.InfrastructureTrafficResourceConfig = sp.Host, traffic
			if v, ok := req.Spec.ConfigSpec.(*types.VMwareDVSConfigSpec); ok {
				re.PvlanConfigSpec = v.PvlanConfigSpec
			}
			if len(re.Host) > 0 || len(re.PvlanConfigSpec) > 0 || len(traffic) > 0 {
				for i := range re.Host { // all of a new switch join it
					re.Host[i].Operation = "add"
				}
				version := dvs.Config.GetDVSConfigInfo().ConfigVersion
				if bad := (&xDVS{dvs}).reconfigure(ctx, re); bad != nil {
					t.Info.State, t.Info.Result = types.TaskInfoStateError, nil
					t.Info.Error = &types.LocalizedMethodFault{Fault: bad}
					// What could not be configured is not there.
					(&xDVS{dvs}).DestroyTask(ctx, &types.Destroy_Task{This: dvs.Self})
				}
				dvs.Config.GetDVSConfigInfo().ConfigVersion = version
			}
		}
	}
	return r
}

type xDatacenter struct{ *simulator.Datacenter }

func (d *xDatacenter) RenameTask(ctx *simulator.Context, req *types.Rename_Task) soap.HasFault {
	return rename(ctx, d.Datacenter, req, nil)
}

// DestroyTask takes everything in the datacenter out of the inventory; files stay on their datastores. The simulator
// refuses while there are virtual machines or hosts, and leaves the four folders behind.
func (d *xDatacenter) DestroyTask(ctx *simulator.Context, req *types.Destroy_Task) soap.HasFault {
	id := task(ctx, d.Datacenter, "destroy", func() (types.AnyType, types.BaseMethodFault) {
		for _, e := range ctx.Map.All("") {
			if r := e.Reference(); r != d.Self && datacenterOf(ctx, r) == d.Self {
				defer ctx.Map.Remove(ctx, r) // after the walk: parents are needed to find the datacenter
			}
		}
		if children := childrenOf(ctx.Map.Get(*d.Parent)); children != nil {
			ctx.Map.RemoveReference(ctx, ctx.Map.Get(*d.Parent), children, d.Self)
		}
		ctx.Map.Remove(ctx, d.Self)
		return nil, nil
	})
	return &methods.Destroy_TaskBody{Res: &types.Destroy_TaskResponse{Returnval: id}}
}
