package main

import (
	"reflect"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// hostOptions are some of the advanced settings of ESXi, of each type that there is.
var hostOptions = []types.OptionValue{
	{Key: "Config.HostAgent.plugins.solo.enableMob", Value: false},
	{Key: "NFS.MaxVolumes", Value: int64(32)},
	{Key: "Syslog.global.logHost", Value: ""},
	{Key: "UserVars.SuppressShellWarning", Value: int64(0)},
}

// completeHostOptions gives a host its advanced settings, which its manager and its configuration share.
func completeHostOptions(ctx *simulator.Context, h *simulator.HostSystem) {
	if h.ConfigManager.AdvancedOption == nil {
		return
	}
	m, ok := ctx.Map.Get(*h.ConfigManager.AdvancedOption).(*simulator.OptionManager)
	if !ok {
		return
	}
	for _, o := range hostOptions {
		m.Setting = append(m.Setting, &o)
	}
	h.Config.Option = m.Setting
}

// xHostOptions: the advanced settings of a host. ESXi refuses a setting that it does not have, and a value of another type.
type xHostOptions struct {
	*simulator.OptionManager
	host *simulator.HostSystem
}

func (o *xHostOptions) UpdateOptions(req *types.UpdateOptions) soap.HasFault {
	refused := func(f types.BaseMethodFault) soap.HasFault {
		return &methods.UpdateOptionsBody{Fault_: simulator.Fault("", f)}
	}
	if bad := notConnected(o.host); bad != nil {
		return &methods.UpdateOptionsBody{Fault_: bad}
	}
	for _, change := range req.ChangedValue {
		wanted := change.GetOptionValue()
		var now *types.OptionValue
		for _, s := range o.Setting {
			if v := s.GetOptionValue(); v.Key == wanted.Key {
				now = v
			}
		}
		if now == nil {
			return refused(&types.InvalidName{Name: wanted.Key})
		}
		if reflect.TypeOf(now.Value) != reflect.TypeOf(wanted.Value) {
			return refused(&types.InvalidArgument{InvalidProperty: "changedOption.value"})
		}
	}
	return o.OptionManager.UpdateOptions(req)
}

// UpdateDnsConfig replaces the DNS configuration. A host that obtains it from DHCP takes nothing else.
func (n *xNet) UpdateDnsConfig(ctx *simulator.Context, req *types.UpdateDnsConfig) soap.HasFault {
	if bad := notConnected(n.host); bad != nil {
		return &methods.UpdateDnsConfigBody{Fault_: bad}
	}
	config := *req.Config.GetHostDnsConfig()
	if !config.Dhcp && config.HostName == "" {
		return &methods.UpdateDnsConfigBody{Fault_: simulator.Fault("", &types.InvalidArgument{InvalidProperty: "config.hostName"})}
	}
	n.NetworkInfo.DnsConfig = &config
	network := *n.host.Config.Network
	network.DnsConfig = &config
	n.host.Config.Network = &network
	return &methods.UpdateDnsConfigBody{Res: &types.UpdateDnsConfigResponse{}}
}
