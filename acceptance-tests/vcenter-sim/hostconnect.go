package main

import (
	"crypto/sha1"
	"fmt"
	"slices"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// hostThumbprint is the thumbprint of the certificate of a host that has signed it itself.
func hostThumbprint(name string) string {
	sum := sha1.Sum([]byte(name))
	parts := make([]string, len(sum))
	for i, b := range sum {
		parts[i] = fmt.Sprintf("%02X", b)
	}
	return strings.Join(parts, ":")
}

// connectFault returns what keeps vCenter from connecting to a host. There are no hosts behind the simulator: the beginning
// of the name says what is special about one (see README.md), and "wrong" is a wrong password.
func connectFault(spec *types.HostConnectSpec) types.BaseMethodFault {
	name := strings.ToLower(spec.HostName)
	switch {
	case name == "" || strings.HasPrefix(name, "unreachable"):
		return &types.NoHost{Name: spec.HostName}
	case strings.HasPrefix(name, "selfsigned") && !strings.EqualFold(spec.SslThumbprint, hostThumbprint(name)):
		return &types.SSLVerifyFault{SelfSigned: true, Thumbprint: hostThumbprint(name)}
	case spec.Password == "wrong":
		return &types.InvalidLogin{}
	case strings.HasPrefix(name, "managed") && !spec.Force:
		return &types.AlreadyBeingManaged{IpAddress: "192.0.2.10"}
	}
	return nil
}

// addFault returns what keeps a host from being added.
func addFault(ctx *simulator.Context, spec *types.HostConnectSpec, license string) types.BaseMethodFault {
	for _, e := range ctx.Map.All("HostSystem") {
		if e.Entity().Name == spec.HostName {
			return &types.DuplicateName{Name: spec.HostName, Object: e.Reference()}
		}
	}
	lm, ok := ctx.Map.Get(*ctx.Map.Get(serviceInstance).(*simulator.ServiceInstance).Content.LicenseManager).(*simulator.LicenseManager)
	if license != "" && ok && (&xLicenses{lm}).index(license) < 0 {
		return &types.InvalidArgument{InvalidProperty: "license"}
	}
	return connectFault(spec)
}

var serviceInstance = ref{Type: "ServiceInstance", Value: "ServiceInstance"}

// assignLicense gives a new host its license.
func assignLicense(ctx *simulator.Context, host ref, license string) {
	lm, ok := ctx.Map.Get(*ctx.Map.Get(serviceInstance).(*simulator.ServiceInstance).Content.LicenseManager).(*simulator.LicenseManager)
	if license == "" || !ok || lm.LicenseAssignmentManager == nil {
		return
	}
	if m, ok := ctx.Map.Get(*lm.LicenseAssignmentManager).(*simulator.LicenseAssignmentManager); ok {
		m.UpdateAssignedLicense(ctx, &types.UpdateAssignedLicense{Entity: host.Value, LicenseKey: license})
	}
}

// AddHostTask: the simulator accepts a name twice, any certificate and password, and ignores the license.
func (c *xCluster) AddHostTask(ctx *simulator.Context, req *types.AddHost_Task) soap.HasFault {
	if bad := addFault(ctx, &req.Spec, req.License); bad != nil {
		id := task(ctx, c.ClusterComputeResource, "addHost", func() (types.AnyType, types.BaseMethodFault) { return nil, bad })
		return &methods.AddHost_TaskBody{Res: &types.AddHost_TaskResponse{Returnval: id}}
	}
	body := c.ClusterComputeResource.AddHostTask(ctx, req)
	if added, ok := body.(*methods.AddHost_TaskBody); ok && added.Res != nil && req.License != "" {
		t := ctx.Map.Get(added.Res.Returnval).(*simulator.Task)
		t.Wait()
		if host, ok := t.Info.Result.(ref); ok {
			assignLicense(ctx, host, req.License)
		}
	}
	return body
}

// AddStandaloneHostTask returns the new compute resource, as the API reference says; the simulator returns the host.
func (f *xFolder) AddStandaloneHostTask(ctx *simulator.Context, req *types.AddStandaloneHost_Task) soap.HasFault {
	if !slices.Contains(f.ChildType, "ComputeResource") {
		return &methods.AddStandaloneHost_TaskBody{Fault_: fault(&types.NotSupported{})}
	}
	id := task(ctx, f.Folder, "addStandaloneHost", func() (types.AnyType, types.BaseMethodFault) {
		if bad := addFault(ctx, &req.Spec, req.License); bad != nil {
			return nil, bad
		}
		host, bad := simulator.CreateStandaloneHost(ctx, f.Folder, req.Spec)
		if bad != nil {
			return nil, bad
		}
		if req.AddConnected {
			host.Runtime.ConnectionState = types.HostSystemConnectionStateConnected
		}
		assignLicense(ctx, host.Self, req.License)
		return *host.Parent, nil
	})
	return &methods.AddStandaloneHost_TaskBody{Res: &types.AddStandaloneHost_TaskResponse{Returnval: id}}
}

// connected reports whether vCenter can change a host.
func connected(h *simulator.HostSystem) bool {
	return h.Runtime.ConnectionState == types.HostSystemConnectionStateConnected
}

// failed is a task of a host that fails.
func failed(ctx *simulator.Context, h *simulator.HostSystem, name string, bad types.BaseMethodFault) ref {
	return task(ctx, h, name, func() (types.AnyType, types.BaseMethodFault) { return nil, bad })
}

// EnterMaintenanceModeTask: a host that is in it already, or disconnected, is in an invalid state.
func (h *xHost) EnterMaintenanceModeTask(ctx *simulator.Context, req *types.EnterMaintenanceMode_Task) soap.HasFault {
	if h.Runtime.InMaintenanceMode || !connected(h.HostSystem) {
		id := failed(ctx, h.HostSystem, "enterMaintenanceMode", &types.InvalidState{})
		return &methods.EnterMaintenanceMode_TaskBody{Res: &types.EnterMaintenanceMode_TaskResponse{Returnval: id}}
	}
	return h.HostSystem.EnterMaintenanceModeTask(ctx, req)
}

func (h *xHost) ExitMaintenanceModeTask(ctx *simulator.Context, req *types.ExitMaintenanceMode_Task) soap.HasFault {
	if !h.Runtime.InMaintenanceMode || !connected(h.HostSystem) {
		id := failed(ctx, h.HostSystem, "exitMaintenanceMode", &types.InvalidState{})
		return &methods.ExitMaintenanceMode_TaskBody{Res: &types.ExitMaintenanceMode_TaskResponse{Returnval: id}}
	}
	return h.HostSystem.ExitMaintenanceModeTask(ctx, req)
}

// ReconnectHostTask connects to the host with other parameters. Its name is the address by which it is reached; another one
// needs a host that is disconnected.
func (h *xHost) ReconnectHostTask(ctx *simulator.Context, req *types.ReconnectHost_Task) soap.HasFault {
	id := task(ctx, h.HostSystem, "reconnectHost", func() (types.AnyType, types.BaseMethodFault) {
		if s := req.CnxSpec; s != nil {
			renamed := s.HostName != "" && s.HostName != h.Name
			if renamed && connected(h.HostSystem) {
				return nil, &types.InvalidState{}
			}
			spec := *s
			if spec.HostName == "" {
				spec.HostName = h.Name
			}
			spec.Force = true
			if bad := connectFault(&spec); bad != nil {
				return nil, bad
			}
			if renamed {
				ctx.Update(h.HostSystem, []types.PropertyChange{{Name: "name", Val: s.HostName}, {Name: "summary.config.name", Val: s.HostName}})
				if c, ok := ctx.Map.Get(*h.Parent).(*mo.ComputeResource); ok {
					ctx.Update(c, []types.PropertyChange{{Name: "name", Val: s.HostName}})
				}
			}
		}
		ctx.Update(h.HostSystem, []types.PropertyChange{{Name: "runtime.connectionState", Val: types.HostSystemConnectionStateConnected}})
		return nil, nil
	})
	return &methods.ReconnectHost_TaskBody{Res: &types.ReconnectHost_TaskResponse{Returnval: id}}
}

// DestroyTask of a host in a cluster: it has to be in maintenance mode or disconnected, and its virtual machines leave the
// inventory with it.
func (h *xHost) DestroyTask(ctx *simulator.Context, req *types.Destroy_Task) soap.HasFault {
	if c, ok := ctx.Map.Get(*h.Parent).(*simulator.ClusterComputeResource); ok {
		if connected(h.HostSystem) && !h.Runtime.InMaintenanceMode {
			id := failed(ctx, h.HostSystem, "destroy", &types.InvalidState{})
			return &methods.Destroy_TaskBody{Res: &types.Destroy_TaskResponse{Returnval: id}}
		}
		forgetMachines(ctx, []ref{h.Self})
		h.Vm = nil
		defer simulator.RemoveReference(&c.Host, h.Self)
	}
	return h.HostSystem.DestroyTask(ctx, req)
}

// notConnected is the fault of a manager of a host that vCenter does not reach.
func notConnected(h *simulator.HostSystem) *soap.Fault {
	if connected(h) {
		return nil
	}
	return fault(&types.HostNotConnected{})
}
