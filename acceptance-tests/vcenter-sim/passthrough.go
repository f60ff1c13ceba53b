package main

import (
	"fmt"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// Classes of PCI devices that the simulated hosts pass through: network and display adapters.
const (
	classNetwork = 0x0200
	classDisplay = 0x0300
)

// QueryConfigTarget adds what a host passes through: the simulator leaves it out.
func (b *xEnv) QueryConfigTarget(ctx *simulator.Context, req *types.QueryConfigTarget) soap.HasFault {
	r := b.EnvironmentBrowser.QueryConfigTarget(ctx, req)
	body, ok := r.(*methods.QueryConfigTargetBody)
	if !ok || body.Res == nil || body.Res.Returnval == nil {
		return r
	}
	if req.Host == nil { // of all hosts
		target := *body.Res.Returnval
		for _, h := range b.hosts(ctx) {
			if host, ok := ctx.Map.Get(h).(*simulator.HostSystem); ok {
				target.VendorDeviceGroupInfo = append(target.VendorDeviceGroupInfo, vendorGroups(host)...)
			}
		}
		body.Res.Returnval = &target
		return r
	}
	host, ok := ctx.Map.Get(*req.Host).(*simulator.HostSystem)
	if !ok || host.Hardware == nil {
		return r
	}
	target := *body.Res.Returnval
	target.PciPassthrough = nil
	for _, d := range host.Hardware.PciDevice {
		if d.ClassId == classNetwork || d.ClassId == classDisplay {
			target.PciPassthrough = append(target.PciPassthrough, &types.VirtualMachinePciPassthroughInfo{
				VirtualMachineTargetInfo: types.VirtualMachineTargetInfo{Name: d.Id},
				PciDevice:                d,
				// vCenter's is not the UUID of the hardware, but one per host all the same.
				SystemId: fmt.Sprintf("system-%s", req.Host.Value),
			})
		}
	}
	target.VendorDeviceGroupInfo = vendorGroups(host)
	if host.Config != nil {
		for _, profile := range host.Config.SharedPassthruGpuTypes {
			target.SharedGpuPassthroughTypes = append(target.SharedGpuPassthroughTypes,
				types.VirtualMachinePciSharedGpuPassthroughInfo{Vgpu: profile})
		}
	}
	body.Res.Returnval = &target
	return r
}
