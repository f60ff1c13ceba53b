package main

import (
	"reflect"
	"sync"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/simulator/esx"
	ssosim "github.com/vmware/govmomi/ssoadmin/simulator"
	ssotypes "github.com/vmware/govmomi/ssoadmin/types"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
	vsansim "github.com/vmware/govmomi/vsan/simulator"
	vsantypes "github.com/vmware/govmomi/vsan/types"
)

func init() {
	// vcsim cannot decode BaseVsanClusterConfigInfo: the type is not in the vsan registry, and the vim25 type of the
	// same name is taken instead (panic in xml decoder).
	types.Add("vsan:VsanClusterConfigInfo", reflect.TypeOf((*vsantypes.VsanClusterConfigInfo)(nil)).Elem())
	esx.HostConfigInfo.DateTimeInfo = &types.HostDateTimeInfo{
		TimeZone:  types.HostDateTimeSystemTimeZone{Key: "UTC", Name: "UTC", Description: "UTC"},
		NtpConfig: &types.HostNtpConfig{},
	}
}

// generic task helper
func task(ctx *simulator.Context, this mo.Reference, name string, f func() (types.AnyType, types.BaseMethodFault)) types.ManagedObjectReference {
	return simulator.CreateTask(this, name, func(*simulator.Task) (types.AnyType, types.BaseMethodFault) { return f() }).Run(ctx)
}

// mergeStruct copies every set field (non-zero) of src to dst, recursively for struct pointers.
func mergeStruct(dst, src reflect.Value) {
	for i := 0; i < src.NumField(); i++ {
		s, d := src.Field(i), dst.FieldByName(src.Type().Field(i).Name)
		if !d.IsValid() || !d.CanSet() || s.IsZero() || d.Type() != s.Type() {
			continue
		}
		if s.Kind() == reflect.Struct {
			mergeStruct(d, s)
			continue
		}
		if s.Kind() == reflect.Pointer && s.Type().Elem().Kind() == reflect.Struct && !d.IsNil() {
			n := reflect.New(d.Type().Elem())
			n.Elem().Set(d.Elem())
			mergeStruct(n.Elem(), s.Elem())
			d.Set(n)
			continue
		}
		d.Set(s)
	}
}

func bp(b bool) *bool { return &b }

func gapFill(m *simulator.Model) {
	reg := m.Service.Context.Map
	prev := reg.Handler
	wrap := func(ctx *simulator.Context, method *simulator.Method) (mo.Reference, types.BaseMethodFault) {
		switch o := ctx.Map.Get(method.This).(type) {
		case *simulator.AuthorizationManager:
			return &xAuthz{o}, nil
		case *simulator.ClusterComputeResource:
			return &xCluster{o}, nil
		case *simulator.ResourcePool:
			return &xPool{o}, nil
		case *simulator.VirtualApp:
			return &xVApp{o}, nil
		case *simulator.StorageResourceManager:
			return &xSRM{o}, nil
		case *simulator.VirtualDiskManager:
			return &xVDM{o}, nil
		case *simulator.HostDatastoreBrowser:
			return &xBrowser{o}, nil
		case *simulator.Folder:
			return &xFolder{o}, nil
		case *simulator.StoragePod:
			return &xPod{o}, nil
		case *mo.ComputeResource:
			return &xCR{o}, nil
		case *simulator.HostSystem:
			return &xHost{o}, nil
		case *simulator.HostVirtualNicManager:
			return &xVnicMgr{o}, nil
		case *simulator.VirtualMachine:
			if method.Name == "RelocateVM_Task" {
				return &xVM{o}, nil
			}
			return nil, nil
		case *simulator.Datastore:
			return &xDatastore{o}, nil
		case *simulator.AlarmManager:
			return &xAlarms{o}, nil
		case *simulator.DistributedVirtualSwitchManager:
			return &xDVSM{o}, nil
		case *simulator.DistributedVirtualSwitch:
			return &xDVS{o}, nil
		case *simulator.DistributedVirtualPortgroup:
			return &xPG{o}, nil
		case *simulator.EnvironmentBrowser:
			return &xEnv{o}, nil
		case *simulator.CustomizationSpecManager:
			return &xCust{o}, nil
		case *simulator.HostDatastoreSystem:
			return &xDS{o, ctx.Map.Get(o.Host.Self).(*simulator.HostSystem)}, nil
		case *simulator.HostNetworkSystem:
			var host *simulator.HostSystem
			for _, h := range ctx.Map.All("HostSystem") {
				if hs, ok := h.(*simulator.HostSystem); ok && hs.ConfigManager.NetworkSystem != nil && *hs.ConfigManager.NetworkSystem == o.Self {
					host = hs
				}
			}
			return &xNet{o, host}, nil
		}
		if prev != nil {
			return prev(ctx, method)
		}
		return nil, nil
	}
	// Service.call() prefers ctx.Session.Get(ref) over Registry.Handler's result, and Session.Get falls back to the
	// registry: the wrapper must therefore be put in the session's own registry.
	reg.Handler = func(ctx *simulator.Context, method *simulator.Method) (mo.Reference, types.BaseMethodFault) {
		if method.Name != "WaitForUpdatesEx" {
			completeAll(ctx)
			cleanFolders(ctx)
		}
		w, f := wrap(ctx, method)
		if s := ctx.Session; s != nil {
			sessMu.Lock()
			for _, ref := range sessPut[s.Key] {
				s.Registry.Remove(ctx, ref)
			}
			sessPut[s.Key] = nil
			if w != nil {
				s.Registry.Put(w)
				sessPut[s.Key] = []types.ManagedObjectReference{w.Reference()}
			}
			sessMu.Unlock()
		}
		return w, f
	}
}

var sessMu sync.Mutex

var sessPut = map[string][]types.ManagedObjectReference{}

func completeAll(ctx *simulator.Context) {
	for _, h := range ctx.Map.All("HostSystem") {
		if hs, ok := h.(*simulator.HostSystem); ok {
			completeHost(ctx, hs)
		}
	}
	for _, c := range ctx.Map.All("ClusterComputeResource") {
		if cr, ok := c.(*simulator.ClusterComputeResource); ok {
			completeCluster(cr)
		}
	}
	for _, v := range ctx.Map.All("VirtualMachine") {
		if vm, ok := v.(*simulator.VirtualMachine); ok && vm.Config != nil {
			for _, d := range vm.Config.Hardware.Device { // vCenter: "Hard disk N"
				_ = d
			}
			if vm.Config.SwapPlacement == "" {
				vm.Config.SwapPlacement = "inherit"
			}
		}
	}
	for _, d := range ctx.Map.All("DistributedVirtualSwitch") {
		if dvs, ok := d.(*simulator.DistributedVirtualSwitch); ok {
			completeDVS(ctx, dvs)
		}
	}
	for _, v := range ctx.Map.All("VirtualApp") {
		if a, ok := v.(*simulator.VirtualApp); ok && a.ParentFolder != nil {
			if f, ok := ctx.Map.Get(*a.ParentFolder).(*simulator.Folder); ok && simulator.FindReference(f.ChildEntity, a.Self) == nil {
				f.ChildEntity = append(f.ChildEntity, a.Self)
			}
		}
	}
	for _, p := range ctx.Map.All("StoragePod") {
		if sp, ok := p.(*simulator.StoragePod); ok {
			completePod(sp)
		}
	}
}

// vsan endpoint: registered after vsan/simulator's own (RegisterSDK merges objects of a registry with the same path).
func registerVsan() {
	simulator.RegisterEndpoint(func(s *simulator.Service, r *simulator.Registry) {
		if !r.IsVPX() {
			return
		}
		x := simulator.NewRegistry()
		x.Namespace = "vsan"
		x.Path = "/vsanHealth"
		x.Put(&xStretched{&vsansim.StretchedClusterSystem{ManagedObjectReference: types.ManagedObjectReference{Type: "VimClusterVsanVcStretchedClusterSystem", Value: "vsan-stretched-cluster-system"}}})
		x.Put(&xVsanCfg{&vsansim.ClusterConfigSystem{ManagedObjectReference: types.ManagedObjectReference{Type: "VsanVcClusterConfigSystem", Value: "vsan-cluster-config-system"}}})
		s.RegisterSDK(x)

		sr := ssosim.New(r, s.Listen)
		mref := types.ManagedObjectReference{Type: "SsoAdminPrincipalManagementService", Value: "principalManagementService"}
		dref := types.ManagedObjectReference{Type: "SsoAdminPrincipalDiscoveryService", Value: "principalDiscoveryService"}
		mg, ok1 := sr.Get(mref).(*ssosim.PrincipalManagementService)
		di, ok2 := sr.Get(dref).(*ssosim.PrincipalDiscoveryService)
		if ok1 && ok2 {
			xm := &xMgmt{mg, map[string][]ssotypes.PrincipalId{}}
			sr.Put(xm)
			sr.Put(&xDisc{di, xm})
			s.RegisterSDK(sr)
		}
	})
}
