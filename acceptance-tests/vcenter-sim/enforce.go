package main

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// need is a privilege that a call asks for on an object.
type need struct {
	on        ref
	privilege string
}

// destroyNeeds and renameNeeds: the methods every entity has ask for another privilege on each type.
var (
	destroyNeeds = map[string]string{
		"Folder": "Folder.Delete", "Datacenter": "Datacenter.Delete", "ResourcePool": "Resource.DeletePool",
		"VirtualApp": "VApp.Delete", "VirtualMachine": "VirtualMachine.Inventory.Delete", "Datastore": "Datastore.Delete",
		"StoragePod": "Folder.Delete", "ClusterComputeResource": "Host.Inventory.DeleteCluster",
		"ComputeResource": "Host.Inventory.RemoveHostFromCluster", "HostSystem": "Host.Inventory.RemoveHostFromCluster",
		"DistributedVirtualSwitch": "DVSwitch.Delete", "DistributedVirtualPortgroup": "DVPortgroup.Delete", "Network": "Network.Delete",
	}
	renameNeeds = map[string]string{
		"Folder": "Folder.Rename", "Datacenter": "Datacenter.Rename", "ResourcePool": "Resource.RenamePool",
		"VirtualApp": "VApp.Rename", "VirtualMachine": "VirtualMachine.Config.Rename", "Datastore": "Datastore.Rename",
		"StoragePod": "Folder.Rename", "ClusterComputeResource": "Host.Inventory.RenameCluster",
		"DistributedVirtualSwitch": "DVSwitch.Modify", "DistributedVirtualPortgroup": "DVPortgroup.Modify", "Network": "Network.Config",
	}
	moveNeeds = map[string]string{
		"Folder": "Folder.Move", "Datacenter": "Datacenter.Move", "VirtualMachine": "VirtualMachine.Inventory.Move",
		"VirtualApp": "VApp.Move", "Datastore": "Datastore.Move", "StoragePod": "Folder.Move",
		"ClusterComputeResource": "Host.Inventory.MoveCluster", "ComputeResource": "Host.Inventory.MoveHost",
		"HostSystem": "Host.Inventory.MoveHost", "DistributedVirtualSwitch": "DVSwitch.Move", "Network": "Network.Move",
	}
	// thisNeeds are the privileges on the object a method is called on; managers are governed by the root folder.
	thisNeeds = map[string]string{
		"CreateFolder": "Folder.Create", "CreateDatacenter": "Datacenter.Create", "CreateClusterEx": "Host.Inventory.CreateCluster",
		"CreateStoragePod": "Folder.Create", "CreateDVS_Task": "DVSwitch.Create", "CreateDVPortgroup_Task": "DVPortgroup.Create",
		"AddDVPortgroup_Task": "DVPortgroup.Create", "EnableNetworkResourceManagement": "DVSwitch.ResourceManagement", "PerformDvsProductSpecOperation_Task": "DVSwitch.Modify", "UpdateDVSLacpGroupConfig_Task": "DVSwitch.Modify", "ReconfigureDVPortgroup_Task": "DVPortgroup.Modify",
		"AddStandaloneHost_Task": "Host.Inventory.AddStandaloneHost", "AddHost_Task": "Host.Inventory.AddHostToCluster",
		"ReconfigureComputeResource_Task": "Host.Inventory.EditCluster",
		"EnterMaintenanceMode_Task":       "Host.Config.Maintenance", "ExitMaintenanceMode_Task": "Host.Config.Maintenance",
		"InitializeDisks_Task": "Host.Config.Storage", "RemoveDisk_Task": "Host.Config.Storage", "RemoveDiskMapping_Task": "Host.Config.Storage",
		"ReconnectHost_Task": "Host.Config.Connection", "DisconnectHost_Task": "Host.Config.Connection",
		"ChangeLockdownMode": "Host.Config.Settings", "UpdateDateTimeConfig": "Host.Config.DateTime",
		"UpdateOptions": "Host.Config.AdvancedConfig", "UpdateDnsConfig": "Host.Config.Network",
		"UpdateServicePolicy": "Host.Config.NetService", "StartService": "Host.Config.NetService",
		"StopService": "Host.Config.NetService", "RestartService": "Host.Config.NetService",
		"UpdateAssignedLicense": "Global.Licenses", "RemoveAssignedLicense": "Global.Licenses",
		"CreateResourcePool": "Resource.CreatePool", "UpdateConfig": "Resource.EditPool", "MoveIntoResourcePool": "Resource.MovePool",
		"DestroyChildren": "Resource.DeletePool", "CreateVApp": "VApp.Create", "UpdateVAppConfig": "VApp.ApplicationConfig",
		"AddAuthorizationRole": "Authorization.ModifyRoles", "UpdateAuthorizationRole": "Authorization.ModifyRoles",
		"RemoveAuthorizationRole": "Authorization.ModifyRoles", "MergePermissions": "Authorization.ReassignRolePermissions",
		"AddCustomFieldDef": "Global.ManageCustomFields", "RemoveCustomFieldDef": "Global.ManageCustomFields",
		"RenameCustomFieldDef": "Global.ManageCustomFields", "setCustomValue": "Global.SetCustomField",
		"PowerOnVM_Task": "VirtualMachine.Interact.PowerOn", "PowerOffVM_Task": "VirtualMachine.Interact.PowerOff",
		"ResetVM_Task": "VirtualMachine.Interact.Reset", "SuspendVM_Task": "VirtualMachine.Interact.Suspend",
		"ShutdownGuest": "VirtualMachine.Interact.PowerOff", "RebootGuest": "VirtualMachine.Interact.Reset",
		"CreateSnapshot_Task": "VirtualMachine.State.CreateSnapshot", "RemoveAllSnapshots_Task": "VirtualMachine.State.RemoveSnapshot",
		"MarkAsTemplate": "VirtualMachine.Provisioning.MarkAsTemplate", "UpgradeVM_Task": "VirtualMachine.Config.UpgradeVirtualHardware",
		"ApplyEvcModeVM_Task": "VirtualMachine.Config.Settings", "AttachDisk_Task": "VirtualMachine.Config.AddExistingDisk",
		"DetachDisk_Task":   "VirtualMachine.Config.RemoveDisk",
		"PromoteDisks_Task": "VirtualMachine.Provisioning.PromoteDisks",
		"CustomizeVM_Task":  "VirtualMachine.Provisioning.Customize", "CheckCustomizationSpec": "VirtualMachine.Provisioning.Customize",
		"RevertToSnapshot_Task": "VirtualMachine.State.RevertToSnapshot", "RevertToCurrentSnapshot_Task": "VirtualMachine.State.RevertToSnapshot",
		"RemoveSnapshot_Task": "VirtualMachine.State.RemoveSnapshot", "RenameSnapshot": "VirtualMachine.State.RenameSnapshot",
		"CreateSnapshotEx_Task": "VirtualMachine.State.CreateSnapshot", "StandbyGuest": "VirtualMachine.Interact.Suspend",
		"RegisterVM_Task": "VirtualMachine.Inventory.Register",
		"UnregisterVM":    "VirtualMachine.Inventory.Unregister", "RemoveAlarm": "Alarm.Delete",
		"ReconfigureAlarm": "Alarm.Edit", "TerminateSession": "Sessions.TerminateSession", "AddLicense": "Global.Licenses",
		"RemoveLicense": "Global.Licenses", "UpdateLicenseLabel": "Global.Licenses", "RemoveLicenseLabel": "Global.Licenses",
		"ListKmipServers": "Cryptographer.ManageKeyServers", "RegisterKmipServer": "Cryptographer.ManageKeyServers",
		"UpdateKmipServer": "Cryptographer.ManageKeyServers", "RemoveKmipServer": "Cryptographer.ManageKeyServers",
		"UnregisterKmsCluster": "Cryptographer.ManageKeyServers", "MarkDefault": "Cryptographer.ManageKeyServers",
		"SetDefaultKmsCluster":       "Cryptographer.ManageKeyServers",
		"CreateCustomizationSpec":    "VirtualMachine.Provisioning.ModifyCustSpecs",
		"OverwriteCustomizationSpec": "VirtualMachine.Provisioning.ModifyCustSpecs",
		"DeleteCustomizationSpec":    "VirtualMachine.Provisioning.ModifyCustSpecs",
		"RenameCustomizationSpec":    "VirtualMachine.Provisioning.ModifyCustSpecs",
		"GetCustomizationSpec":       "VirtualMachine.Provisioning.ReadCustSpecs",
		"AddVirtualSwitch":           "Host.Config.Network", "UpdateVirtualSwitch": "Host.Config.Network", "RemoveVirtualSwitch": "Host.Config.Network",
		"AddPortGroup": "Host.Config.Network", "UpdatePortGroup": "Host.Config.Network", "RemovePortGroup": "Host.Config.Network",
		"AddVirtualNic": "Host.Config.Network", "UpdateVirtualNic": "Host.Config.Network", "RemoveVirtualNic": "Host.Config.Network",
		"SelectVnicForNicType": "Host.Config.Network", "DeselectVnicForNicType": "Host.Config.Network",
	}
)

// needs lists what vCenter asks for before it runs a method. A method that is not here is open to everyone who is
// logged in; reading is not restricted to what the caller may see.
func (a *authz) needs(m *simulator.Method) []need {
	var list []need
	add := func(on ref, privilege string) {
		if privilege != "" {
			list = append(list, need{on, privilege})
		}
	}
	addParent := func(of ref, privilege string) {
		if e, ok := a.sim.reg.Get(of).(mo.Entity); ok && e.Entity().Parent != nil {
			add(*e.Entity().Parent, privilege)
		}
	}
	switch req := m.Body.(type) {
	case *types.Destroy_Task:
		p := destroyNeeds[m.This.Type]
		add(m.This, p)
		if strings.HasPrefix(p, "Folder.") || strings.HasPrefix(p, "Datacenter.") {
			addParent(m.This, p)
		}
	case *types.Rename_Task:
		add(m.This, renameNeeds[m.This.Type])
	case *types.MoveIntoFolder_Task:
		for _, r := range req.List {
			p := moveNeeds[r.Type]
			add(r, p)
			addParent(r, p)
			add(m.This, p)
		}
	case *types.MoveInto_Task:
		add(m.This, "Host.Inventory.EditCluster")
		for _, r := range req.Host {
			add(r, "Host.Inventory.MoveHost")
		}
	case *types.ConfigureEvcMode_Task, *types.DisableEvcMode_Task:
		if evc, ok := a.sim.reg.Get(m.This).(*evcManager); ok {
			add(evc.cluster.Self, "Host.Inventory.EditCluster")
		}
	case *types.SetEntityPermissions:
		add(req.Entity, "Authorization.ModifyPermissions")
	case *types.ResetEntityPermissions:
		add(req.Entity, "Authorization.ModifyPermissions")
	case *types.RemoveEntityPermission:
		add(req.Entity, "Authorization.ModifyPermissions")
	case *types.SetField:
		add(req.Entity, "Global.SetCustomField")
	case *types.CreateVM_Task:
		add(m.This, "VirtualMachine.Inventory.Create")
		n := vmNeeds{a: a, list: list}
		n.pool(&req.Pool)
		n.create(m.This, &req.Config)
		list = n.list
	case *types.ReconfigVM_Task, *types.CloneVM_Task, *types.InstantClone_Task, *types.RelocateVM_Task:
		vm, ok := a.sim.reg.Get(m.This).(*simulator.VirtualMachine)
		if !ok || vm.Config == nil {
			break
		}
		n := vmNeeds{a: a}
		switch req := req.(type) {
		case *types.ReconfigVM_Task:
			n.reconfigure(vm, &req.Spec)
		case *types.CloneVM_Task:
			n.clone(vm, req.Folder, &req.Spec)
		case *types.InstantClone_Task:
			n.instantClone(vm, &req.Spec)
		case *types.RelocateVM_Task:
			n.relocate(vm, &req.Spec)
		}
		list = n.list
	case *types.ReconfigureDvs_Task:
		add(m.This, "DVSwitch.Modify")
		if hosts := req.Spec.GetDVSConfigSpec().Host; len(hosts) > 0 {
			add(m.This, "DVSwitch.HostOp")
			for _, h := range hosts {
				add(h.Host, "Host.Config.Network")
			}
		}
	case *types.CreateVirtualDisk_Task:
		list = a.file(req.Datacenter, req.Name, "Datastore.FileManagement")
	case *types.ExtendVirtualDisk_Task:
		list = a.file(req.Datacenter, req.Name, "Datastore.FileManagement")
	case *types.DeleteVirtualDisk_Task:
		list = a.file(req.Datacenter, req.Name, "Datastore.FileManagement")
	case *types.CreateDisk_Task:
		add(req.Spec.BackingSpec.GetVslmCreateSpecBackingSpec().Datastore, "Datastore.FileManagement")
	case *types.RegisterDisk:
		if ds, _ := fcdFile(a.sim.context(), req.Path); ds != nil {
			add(ds.Self, "Datastore.FileManagement")
		}
	case *types.ExtendDisk_Task:
		add(req.Datastore, "Datastore.FileManagement")
	case *types.RenameVStorageObject:
		add(req.Datastore, "Datastore.FileManagement")
	case *types.UpdateVStorageObjectPolicy_Task:
		add(req.Datastore, "Datastore.FileManagement")
	case *types.DeleteVStorageObject_Task:
		add(req.Datastore, "Datastore.FileManagement")
	case *types.VStorageObjectCreateSnapshot_Task:
		add(req.Datastore, "Datastore.FileManagement")
	case *types.DeleteSnapshot_Task:
		add(req.Datastore, "Datastore.FileManagement")
	case *types.RevertVStorageObject_Task:
		add(req.Datastore, "Datastore.FileManagement")
	case *types.SetVStorageObjectControlFlags:
		add(req.Datastore, "Datastore.FileManagement")
	case *types.ClearVStorageObjectControlFlags:
		add(req.Datastore, "Datastore.FileManagement")
	case *types.MakeDirectory:
		list = a.file(req.Datacenter, req.Name, "Datastore.FileManagement")
	case *types.DeleteDatastoreFile_Task:
		list = a.file(req.Datacenter, req.Name, "Datastore.FileManagement")
	case *types.SearchDatastore_Task:
		list = a.file(nil, req.DatastorePath, "Datastore.Browse")
	case *types.SearchDatastoreSubFolders_Task:
		list = a.file(nil, req.DatastorePath, "Datastore.Browse")
	case *types.ImportVApp:
		add(m.This, "VApp.Import")
	case *types.HttpNfcLeasePullFromUrls_Task:
		if held, ok := leases.Load(m.This.Value); ok {
			if lease := held.(*simulator.HttpNfcLease); lease.Info != nil {
				add(lease.Info.Entity, "VApp.PullFromUrls")
			}
		}
	case *types.CreateAlarm:
		add(req.Entity, "Alarm.Create")
	case *types.CreateNasDatastore, *types.RemoveDatastore, *types.QueryAvailableDisksForVmfs, *types.CreateVmfsDatastore,
		*types.ExtendVmfsDatastore, *types.ExpandVmfsDatastore, *types.QueryVmfsDatastoreCreateOptions,
		*types.QueryVmfsDatastoreExtendOptions, *types.QueryVmfsDatastoreExpandOptions:
		if d, ok := a.sim.reg.Get(m.This).(*simulator.HostDatastoreSystem); ok {
			add(d.Host.Self, "Host.Config.Storage")
		}
	case *types.RescanAllHba, *types.RescanVmfs:
		if d, ok := a.sim.reg.Get(m.This).(*simulator.HostStorageSystem); ok {
			add(d.Host.Self, "Host.Config.Storage")
		}
	case *types.ConfigureStorageDrsForPod_Task:
		add(req.Pod, "StoragePod.Config")
	case *types.MarkAsVirtualMachine:
		add(m.This, "VirtualMachine.Provisioning.MarkAsVM")
		add(req.Pool, "Resource.AssignVMToPool")
	default:
		on := m.This
		if snap, ok := a.sim.reg.Get(on).(*simulator.VirtualMachineSnapshot); ok { // governed by its machine
			on = snap.Vm
		}
		if alarm, ok := a.sim.reg.Get(on).(*simulator.Alarm); ok { // governed by its entity
			on = alarm.Info.Entity
		}
		if h := hostOf(a.sim.reg, on); h != nil { // governed by their host
			on = h.Self
		}
		add(on, thisNeeds[m.Name])
	}
	return list
}

// file is what a call asks for on the datastore of a file; without a datacenter on those of that name in all of them.
func (a *authz) file(datacenter *ref, name, privilege string) []need {
	var list []need
	var p object.DatastorePath
	if !p.FromString(name) {
		return nil
	}
	ctx := a.sim.context()
	for _, e := range a.sim.reg.All("Datastore") {
		if e.Entity().Name == p.Datastore && (datacenter == nil || datacenterOf(ctx, e.Reference()) == *datacenter) {
			list = append(list, need{e.Reference(), privilege})
		}
	}
	return list
}

// check returns the fault for the first object on which the user lacks a privilege.
func (a *authz) check(user string, list []need) types.BaseMethodFault {
	var bad *types.NoPermission
	for _, n := range list {
		on := n.on
		if _, ok := a.sim.reg.Get(on).(mo.Entity); !ok {
			on = a.root
		}
		if a.privileges(user, on)[n.privilege] {
			continue
		}
		if bad == nil {
			bad = &types.NoPermission{Object: &on, PrivilegeId: n.privilege}
		}
		if versionAtLeast(a.sim.version, "7.0.3") { // the list came with 7.0.3.2
			bad.MissingPrivileges = append(bad.MissingPrivileges, types.NoPermissionEntityPrivileges{Entity: on, PrivilegeIds: []string{n.privilege}})
		}
	}
	if bad == nil {
		return nil
	}
	return bad
}

// asked is a privilege that a client's call asked for on an object of a type; "root" is the root folder.
type asked struct {
	Agent     string `json:"agent"`
	Type      string `json:"type"`
	Privilege string `json:"privilege"`
}

// ask notes what a call asks for, whether or not it is enforced.
func (a *authz) ask(agent string, list []need) {
	a.asking.Lock()
	defer a.asking.Unlock()
	for _, n := range list {
		on := n.on.Type
		if _, ok := a.sim.reg.Get(n.on).(mo.Entity); !ok || n.on == a.root {
			on = "root"
		}
		a.asked[asked{agent, on, n.privilege}] = true
	}
}

// askedFor is what calls have asked for so far.
func (a *authz) askedFor() []asked {
	a.asking.Lock()
	defer a.asking.Unlock()
	return slices.SortedFunc(maps.Keys(a.asked), func(x, y asked) int {
		return cmp.Or(cmp.Compare(x.Privilege, y.Privilege), cmp.Compare(x.Type, y.Type), cmp.Compare(x.Agent, y.Agent))
	})
}

// mayCall is the check before a SOAP call.
func (a *authz) mayCall(ctx *simulator.Context, m *simulator.Method) types.BaseMethodFault {
	if ctx.Session == nil {
		return nil
	}
	list := a.needs(m)
	a.ask(ctx.Session.UserAgent, list)
	if !a.sim.enforce {
		return nil
	}
	return a.check(caller(ctx), list)
}
