package main

import (
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/simulator/esx"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// HostAccessManager / HostDateTimeSystem / HostServiceSystem (one per host)
type hostAccess struct {
	mo.HostAccessManager
	host *simulator.HostSystem
}

func (h *hostAccess) ChangeLockdownMode(ctx *simulator.Context, req *types.ChangeLockdownMode) soap.HasFault {
	if bad := notConnected(h.host); bad != nil {
		return &methods.ChangeLockdownModeBody{Fault_: bad}
	}
	h.host.Config.LockdownMode, h.LockdownMode = req.Mode, req.Mode
	return &methods.ChangeLockdownModeBody{Res: &types.ChangeLockdownModeResponse{}}
}

type hostDateTime struct {
	mo.HostDateTimeSystem
	host *simulator.HostSystem
}

func (h *hostDateTime) UpdateDateTimeConfig(ctx *simulator.Context, req *types.UpdateDateTimeConfig) soap.HasFault {
	if bad := notConnected(h.host); bad != nil {
		return &methods.UpdateDateTimeConfigBody{Fault_: bad}
	}
	if req.Config.NtpConfig != nil {
		h.host.Config.DateTimeInfo.NtpConfig = req.Config.NtpConfig
		h.DateTimeInfo = *h.host.Config.DateTimeInfo
	}
	return &methods.UpdateDateTimeConfigBody{Res: &types.UpdateDateTimeConfigResponse{}}
}

func (h *hostDateTime) QueryDateTime(*types.QueryDateTime) soap.HasFault {
	return &methods.QueryDateTimeBody{Res: &types.QueryDateTimeResponse{Returnval: time.Now().UTC()}}
}

type hostServices struct {
	mo.HostServiceSystem
	host *simulator.HostSystem
}

func (h *hostServices) svc(key string, f func(*types.HostService)) *soap.Fault {
	if bad := notConnected(h.host); bad != nil {
		return bad
	}
	for i := range h.host.Config.Service.Service {
		if s := &h.host.Config.Service.Service[i]; s.Key == key {
			f(s)
			h.ServiceInfo = *h.host.Config.Service
			return nil
		}
	}
	return simulator.Fault("", &types.NotFound{})
}

func (h *hostServices) UpdateServicePolicy(req *types.UpdateServicePolicy) soap.HasFault {
	b := &methods.UpdateServicePolicyBody{Res: &types.UpdateServicePolicyResponse{}}
	b.Fault_ = h.svc(req.Id, func(s *types.HostService) { s.Policy = req.Policy })
	return b
}

func (h *hostServices) StartService(req *types.StartService) soap.HasFault {
	b := &methods.StartServiceBody{Res: &types.StartServiceResponse{}}
	b.Fault_ = h.svc(req.Id, func(s *types.HostService) { s.Running = true })
	return b
}

func (h *hostServices) StopService(req *types.StopService) soap.HasFault {
	b := &methods.StopServiceBody{Res: &types.StopServiceResponse{}}
	b.Fault_ = h.svc(req.Id, func(s *types.HostService) { s.Running = false })
	return b
}

func (h *hostServices) RestartService(req *types.RestartService) soap.HasFault {
	b := &methods.RestartServiceBody{Res: &types.RestartServiceResponse{}}
	b.Fault_ = h.svc(req.Id, func(s *types.HostService) { s.Running = true })
	return b
}

func completeHost(ctx *simulator.Context, h *simulator.HostSystem) {
	s := simOf(ctx)
	if s.hostDone[h.Self] {
		return
	}
	s.hostDone[h.Self] = true
	completeHostNetwork(ctx, h)
	completeHostOptions(ctx, h)
	s.completeStorage(ctx, h)
	if h.Name == "DC0_H0" { // one with a graphics card to share
		h.Config.SharedGpuCapabilities = []types.HostSharedGpuCapabilities{
			{Vgpu: "grid_v100-4q", DiskSnapshotSupported: true, SuspendSupported: true, MigrateSupported: true},
			{Vgpu: "grid_v100-8q", DiskSnapshotSupported: true, SuspendSupported: true, MigrateSupported: true},
			{Vgpu: "nvidia_a40-4c"},
		}
		for _, c := range h.Config.SharedGpuCapabilities {
			h.Config.SharedPassthruGpuTypes = append(h.Config.SharedPassthruGpuTypes, c.Vgpu)
		}
	}
	a := types.ManagedObjectReference{Type: "HostAccessManager", Value: "hostaccess-" + h.Self.Value}
	d := types.ManagedObjectReference{Type: "HostDateTimeSystem", Value: "datetime-" + h.Self.Value}
	svc := types.ManagedObjectReference{Type: "HostServiceSystem", Value: "services-" + h.Self.Value}
	if h.Config.DateTimeInfo == nil || h.Config.DateTimeInfo == esx.HostConfigInfo.DateTimeInfo {
		c := *esx.HostConfigInfo.DateTimeInfo
		c.NtpConfig = &types.HostNtpConfig{}
		h.Config.DateTimeInfo = &c
	}
	if h.Config.Service == nil {
		h.Config.Service = &types.HostServiceInfo{}
	}
	ctx.Map.Put(&hostAccess{mo.HostAccessManager{Self: a, LockdownMode: h.Config.LockdownMode}, h})
	ctx.Map.Put(&hostDateTime{mo.HostDateTimeSystem{Self: d, DateTimeInfo: *h.Config.DateTimeInfo}, h})
	hs := mo.HostServiceSystem{ServiceInfo: *h.Config.Service}
	hs.Self = svc
	ctx.Map.Put(&hostServices{hs, h})
	v := types.ManagedObjectReference{Type: "HostVsanSystem", Value: "vsan-" + h.Self.Value}
	hv := &hostVsan{host: h}
	hv.Self = v
	hv.Config.HostSystem = &h.Self
	hv.Config.Enabled = bp(false)
	hv.Config.StorageInfo = &types.VsanHostConfigInfoStorageInfo{AutoClaimStorage: bp(false)}
	ctx.Map.Put(hv)
	h.ConfigManager.VsanSystem = &v
	h.ConfigManager.HostAccessManager, h.ConfigManager.DateTimeSystem, h.ConfigManager.ServiceSystem = &a, &d, &svc
}

type xHost struct{ *simulator.HostSystem }
