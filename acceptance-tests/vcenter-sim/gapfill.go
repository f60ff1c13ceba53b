package main

// How the simulator's gaps are filled, without a fork of it:
//
//  1. A wrapper embeds one of its objects and adds or overrides methods. The simulator finds methods by reflection, so
//     it is enough that the wrapper receives the call (wrap, below).
//  2. Properties it leaves empty are completed before a call is answered (complete).
//  3. What is wrong on the wire is put right around its HTTP handler (http.go).

import (
	"log"
	"reflect"
	"runtime/debug"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/simulator/esx"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
	vsantypes "github.com/vmware/govmomi/vsan/types"
)

func init() {
	// The simulator cannot decode BaseVsanClusterConfigInfo: the type is not in the vsan registry, and the vim25 type
	// of the same name is taken instead, which panics in the XML decoder.
	types.Add("vsan:VsanClusterConfigInfo", reflect.TypeOf((*vsantypes.VsanClusterConfigInfo)(nil)).Elem())
	esx.HostConfigInfo.DateTimeInfo = &types.HostDateTimeInfo{
		TimeZone:  types.HostDateTimeSystemTimeZone{Key: "UTC", Name: "UTC", Description: "UTC"},
		NtpConfig: &types.HostNtpConfig{},
	}
	simulator.RegisterEndpoint(func(svc *simulator.Service, r *simulator.Registry) {
		if s := simOfRegistry(r); s != nil && r.IsVPX() {
			registerVsan(svc, s.authz)
			registerSSO(svc, r)
			s.tags.register(svc)
		}
	})
}

// fault wraps a method fault for an answer.
func fault(f types.BaseMethodFault) *soap.Fault {
	if text := messageOf(f); text != "" {
		return simulator.Fault(text, f)
	}
	return simulator.Fault(message(reflect.TypeOf(f).Elem().Name()), f)
}

// task runs f as a vSphere task on an object. A panic fails the task: in a goroutine of its own it would end the
// process.
func task(ctx *simulator.Context, this mo.Reference, name string, f func() (types.AnyType, types.BaseMethodFault)) types.ManagedObjectReference {
	return simulator.CreateTask(this, name, func(*simulator.Task) (res types.AnyType, bad types.BaseMethodFault) {
		defer func() {
			if p := recover(); p != nil {
				log.Printf("%s on %s: %v\n%s", name, this.Reference(), p, debug.Stack())
				res, bad = nil, &types.SystemError{Reason: "panic"}
			}
		}()
		return f()
	}).Run(ctx)
}

func bp(b bool) *bool { return &b }

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

// sessionOf is the session of a call as it is before a wrapper gets into it.
func sessionOf(ctx *simulator.Context) *simulator.Session {
	if ctx.Session == nil {
		return nil
	}
	session := *ctx.Session
	return &session
}

// wrapper returns the object that answers calls to o in its place, or nil if the simulator's own will do.
func (s *sim) wrapper(ctx *simulator.Context, o mo.Reference, method string) mo.Reference {
	switch o := o.(type) {
	case *simulator.AuthorizationManager:
		return &xAuthz{o, s.authz}
	case *simulator.Task:
		if method == "CancelTask" {
			return &xTask{o, s}
		}
	case *simulator.UserDirectory:
		return &xUserDirectory{o}
	case *simulator.CustomFieldsManager:
		return &xFields{o}
	case *simulator.ClusterComputeResource:
		return &xCluster{o}
	case *simulator.ResourcePool:
		return &xPool{o, sessionOf(ctx)}
	case *simulator.VirtualApp:
		return &xVApp{o, sessionOf(ctx)}
	case *simulator.StorageResourceManager:
		return &xSRM{o}
	case *simulator.VirtualDiskManager:
		return &xVDM{o}
	case *simulator.VcenterVStorageObjectManager:
		return &xFCD{o, s}
	case *simulator.HostDatastoreBrowser:
		return &xBrowser{o}
	case *simulator.OvfManager:
		return &xOvf{o}
	case *simulator.Folder:
		return &xFolder{o}
	case *simulator.Datacenter:
		return &xDatacenter{o}
	case *simulator.StoragePod:
		return &xPod{o}
	case *simulator.CryptoManagerKmip:
		return &xCrypto{o}
	case *simulator.IpPoolManager:
		return &xIPPools{o, &s.ipPools}
	case *mo.ComputeResource:
		return &xCR{o}
	case *simulator.HostSystem:
		return &xHost{o}
	case *simulator.HostVirtualNicManager:
		return &xVnicMgr{o}
	case *simulator.VirtualMachine:
		if vmMethods[method] {
			return &xVM{o}
		}
	case *simulator.VirtualMachineSnapshot:
		if method == "RemoveSnapshot_Task" || method == "RevertToSnapshot_Task" || method == "RenameSnapshot" {
			return &xSnapshot{o}
		}
	case *simulator.Datastore:
		return &xDatastore{o}
	case *simulator.LicenseManager:
		return &xLicenses{o}
	case *simulator.AlarmManager:
		return &xAlarms{o}
	case *simulator.Alarm:
		if method == "ReconfigureAlarm" {
			return &xAlarm{o}
		}
	case *simulator.DistributedVirtualSwitchManager:
		return &xDVSM{o}
	case *simulator.DistributedVirtualSwitch:
		return &xDVS{o}
	case *simulator.DistributedVirtualPortgroup:
		return &xPG{o}
	case *simulator.EnvironmentBrowser:
		return &xEnv{o}
	case *simulator.CustomizationSpecManager:
		return &xCust{o}
	case *simulator.HostDatastoreSystem:
		return &xDS{o, ctx.Map.Get(o.Host.Self).(*simulator.HostSystem)}
	case *simulator.HostStorageSystem:
		return &xStorage{o, ctx.Map.Get(o.Host.Self).(*simulator.HostSystem)}
	case *simulator.HostNetworkSystem:
		return &xNet{o, hostOf(ctx.Map, o.Self)}
	case *simulator.OptionManager:
		if h := hostOf(ctx.Map, o.Self); h != nil {
			return &xHostOptions{o, h}
		}
	}
	return nil
}

// fillGaps hooks into the registry.
func (s *sim) fillGaps() {
	s.reg.AddHandler(&watcher{ref{Type: "Watcher", Value: "gapfill"}, s})
	s.startGuests()
	prev := s.reg.Handler
	s.reg.Handler = func(ctx *simulator.Context, method *simulator.Method) (mo.Reference, types.BaseMethodFault) {
		if method.Name != "WaitForUpdatesEx" {
			s.complete(ctx)
		}
		if ctx.Session == nil {
			if sm, ok := ctx.Map.Get(method.This).(*simulator.SessionManager); ok {
				return &xSession{SessionManager: sm}, nil
			}
			return nil, nil
		}
		if bad := s.authz.mayCall(ctx, method); bad != nil {
			return nil, bad
		}
		if bad := s.called(ctx, method); bad != nil {
			return nil, bad
		}
		s.adoptLeases(ctx)
		endLease(ctx, method)
		if readsEffectiveRole(method) {
			s.authz.refreshEffectiveRoles(caller(ctx))
		}
		var w mo.Reference
		if c := s.collectorWrapper(ctx, method); c != nil {
			w = c
		} else if lease, ok := ctx.Session.Get(method.This).(*simulator.HttpNfcLease); ok && method.Name == "HttpNfcLeasePullFromUrls_Task" {
			w = &xLease{lease, s}
		} else {
			w = s.wrapper(ctx, ctx.Map.Get(method.This), method.Name)
		}
		if w == nil {
			if prev != nil {
				return prev(ctx, method)
			}
			return nil, nil
		}
		// The simulator prefers the objects of the session's registry over what is returned here, and falls back to
		// the vCenter's. The session at hand is a copy for this one request, so it can get a registry that holds
		// nothing but the wrapper: no other request sees it, and the simulator's own type assertions keep working.
		own := ctx.Session.Registry
		ctx.Session.Registry = simulator.NewRegistry()
		if method.Name == "ImportVApp" {
			importRegistries.Store(ctx.Session.Registry, own)
		}
		put(ctx.Session.Registry, w)
		return w, nil
	}
}

// put registers a wrapper. Registry.Put writes to entities (it resets their status and role), and the wrapped one is
// not locked here: an empty placeholder takes its place for the moment.
func put(r *simulator.Registry, wrapper mo.Reference) {
	field := reflect.ValueOf(wrapper).Elem().Field(0)
	wrapped := field.Interface()
	placeholder := reflect.New(field.Type().Elem())
	placeholder.Elem().FieldByName("Self").Set(reflect.ValueOf(wrapper.Reference()))
	field.Set(placeholder)
	r.Put(wrapper)
	field.Set(reflect.ValueOf(wrapped))
}

// readsEffectiveRole reports whether a call asks for the property that depends on the caller.
func readsEffectiveRole(m *simulator.Method) bool {
	specs := func(set []types.PropertyFilterSpec) bool {
		for _, f := range set {
			for _, p := range f.PropSet {
				for _, path := range p.PathSet {
					if path == "effectiveRole" {
						return true
					}
				}
			}
		}
		return false
	}
	switch req := m.Body.(type) {
	case *types.RetrievePropertiesEx:
		return specs(req.SpecSet)
	case *types.RetrieveProperties:
		return specs(req.SpecSet)
	}
	return false
}

// watcher hears of every object that comes and goes.
type watcher struct {
	ref
	s *sim
}

func (w *watcher) Reference() ref { return w.ref }

func (w *watcher) PutObject(ctx *simulator.Context, o mo.Reference) {
	if t, ok := o.(*simulator.Task); ok && t.Info.Entity != nil {
		if e, ok := w.s.reg.Get(*t.Info.Entity).(mo.Entity); ok {
			t.Info.EntityName = e.Entity().Name
		}
		w.s.settleTask(t)
	}
	if e, ok := o.(mo.Entity); ok && len(e.Entity().AvailableField) == 0 {
		e.Entity().AvailableField = fieldsFor(w.s.reg.CustomFieldsManager().Field, o.Reference().Type)
	}
}

func (w *watcher) UpdateObject(_ *simulator.Context, o mo.Reference, changes []types.PropertyChange) {
	switch o.Reference().Type {
	case "Task":
		if t, ok := w.s.reg.Get(o.Reference()).(*simulator.Task); ok && t.Info.Error != nil {
			if text := messageOf(t.Info.Error.Fault); text != "" {
				t.Info.Error.LocalizedMessage = text
			}
		}
		return
	case "VirtualMachine":
	default:
		return
	}
	for _, c := range changes {
		if name, ok := c.Val.(string); ok && c.Name == "name" { // given last when a machine is made
			if vm, ok := w.s.reg.Get(o.Reference()).(*simulator.VirtualMachine); ok && vm.Config != nil && vm.Config.SwapPlacement == "" {
				settleDevices(w.s, vm, nil)
				settleAllocation(vm.Config)
			}
			if finish, ok := w.s.imports.LoadAndDelete(name); ok {
				finish.(func(*simulator.VirtualMachine))(w.s.reg.Get(o.Reference()).(*simulator.VirtualMachine))
			}
		}
		if state, ok := c.Val.(types.VirtualMachinePowerState); ok && c.Name == "runtime.powerState" {
			if vm, ok := w.s.reg.Get(o.Reference()).(*simulator.VirtualMachine); ok {
				w.s.powerChanged(vm, state)
			}
		}
	}
}

func (w *watcher) RemoveObject(_ *simulator.Context, r ref) {
	w.s.tags.forget(r)
	w.s.authz.forget(r)
}

// complete fills in properties that the simulator leaves empty and a client of vCenter relies on.
func (s *sim) complete(ctx *simulator.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range ctx.Map.All("") {
		switch o := e.(type) {
		case *simulator.HostSystem:
			completeHost(ctx, o)
		case *simulator.ClusterComputeResource:
			completeCluster(o)
			forgetDeleted(ctx, o)
		case *simulator.DistributedVirtualSwitch:
			completeDVS(ctx, o)
		case *simulator.VirtualApp:
			completeVApp(ctx, o)
		case *simulator.StoragePod:
			completePod(o)
		}
	}
	cleanFolders(ctx)
}
