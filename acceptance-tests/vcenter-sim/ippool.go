package main

import (
	"slices"
	"strings"
	"sync"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// ipPools are the IP pools by datacenter; those of govmomi's simulator belong to all of them, and one exists from the start.
type ipPools struct {
	sync.Mutex
	of   map[ref][]types.IpPool
	last int32
}

type xIPPools struct {
	*simulator.IpPoolManager
	pools *ipPools
}

// checked returns the fault of a pool: of its name, and of its ranges.
func (m *xIPPools) checked(ctx *simulator.Context, dc ref, p *types.IpPool) types.BaseMethodFault {
	if ctx.Map.Get(dc) == nil {
		return &types.ManagedObjectNotFound{Obj: dc}
	}
	if p.Name == "" {
		return invalidArgument("pool.name")
	}
	for _, other := range m.pools.of[dc] {
		if other.Name == p.Name && other.Id != p.Id {
			return &types.DuplicateName{Name: p.Name, Object: dc}
		}
	}
	for i := range p.NetworkAssociation {
		a := &p.NetworkAssociation[i]
		if a.Network == nil || ctx.Map.Get(*a.Network) == nil {
			return invalidArgument("pool.networkAssociation")
		}
	}
	for _, c := range []*types.IpPoolIpPoolConfigInfo{p.Ipv4Config, p.Ipv6Config} {
		if c == nil || c.Range == "" {
			continue
		}
		for r := range strings.SplitSeq(c.Range, ",") {
			if strings.Count(r, "#") != 1 {
				return invalidArgument("pool.range")
			}
		}
	}
	return nil
}

func configOr(now, change *types.IpPoolIpPoolConfigInfo) *types.IpPoolIpPoolConfigInfo {
	if now == nil {
		now = &types.IpPoolIpPoolConfigInfo{IpPoolEnabled: bp(false), DhcpServerAvailable: bp(false)}
	}
	if change == nil {
		return now
	}
	to := *change
	if len(to.Dns) == 0 {
		to.Dns = now.Dns
	} else if slices.Equal(to.Dns, []string{""}) {
		to.Dns = nil
	}
	if to.IpPoolEnabled == nil {
		to.IpPoolEnabled = now.IpPoolEnabled
	}
	if to.DhcpServerAvailable == nil {
		to.DhcpServerAvailable = now.DhcpServerAvailable
	}
	return &to
}

func (m *xIPPools) QueryIpPools(ctx *simulator.Context, req *types.QueryIpPools) soap.HasFault {
	m.pools.Lock()
	defer m.pools.Unlock()
	body := &methods.QueryIpPoolsBody{}
	if ctx.Map.Get(req.Dc) == nil {
		body.Fault_ = simulator.Fault("", &types.ManagedObjectNotFound{Obj: req.Dc})
		return body
	}
	body.Res = &types.QueryIpPoolsResponse{Returnval: slices.Clone(m.pools.of[req.Dc])}
	return body
}

func (m *xIPPools) CreateIpPool(ctx *simulator.Context, req *types.CreateIpPool) soap.HasFault {
	m.pools.Lock()
	defer m.pools.Unlock()
	body := &methods.CreateIpPoolBody{}
	p := req.Pool
	p.Id = 0
	if f := m.checked(ctx, req.Dc, &p); f != nil {
		body.Fault_ = simulator.Fault("", f)
		return body
	}
	m.pools.last++
	p.Id = m.pools.last
	p.Ipv4Config, p.Ipv6Config = configOr(nil, p.Ipv4Config), configOr(nil, p.Ipv6Config)
	m.pools.of[req.Dc] = append(m.pools.of[req.Dc], p)
	body.Res = &types.CreateIpPoolResponse{Returnval: p.Id}
	return body
}

func (m *xIPPools) UpdateIpPool(ctx *simulator.Context, req *types.UpdateIpPool) soap.HasFault {
	m.pools.Lock()
	defer m.pools.Unlock()
	body := &methods.UpdateIpPoolBody{}
	all := m.pools.of[req.Dc]
	i := slices.IndexFunc(all, func(p types.IpPool) bool { return p.Id == req.Pool.Id })
	if i < 0 {
		body.Fault_ = simulator.Fault("", invalidArgument("pool.id"))
		return body
	}
	p := req.Pool
	if f := m.checked(ctx, req.Dc, &p); f != nil {
		body.Fault_ = simulator.Fault("", f)
		return body
	}
	p.Ipv4Config, p.Ipv6Config = configOr(all[i].Ipv4Config, p.Ipv4Config), configOr(all[i].Ipv6Config, p.Ipv6Config)
	all[i] = p
	body.Res = &types.UpdateIpPoolResponse{}
	return body
}

func (m *xIPPools) DestroyIpPool(ctx *simulator.Context, req *types.DestroyIpPool) soap.HasFault {
	m.pools.Lock()
	defer m.pools.Unlock()
	body := &methods.DestroyIpPoolBody{}
	all := m.pools.of[req.Dc]
	i := slices.IndexFunc(all, func(p types.IpPool) bool { return p.Id == req.Id })
	if i < 0 {
		body.Fault_ = simulator.Fault("", invalidArgument("id"))
		return body
	}
	if all[i].AllocatedIpv4Addresses+all[i].AllocatedIpv6Addresses > 0 && !req.Force {
		body.Fault_ = simulator.Fault("", &types.InvalidState{})
		return body
	}
	m.pools.of[req.Dc] = slices.Delete(all, i, i+1)
	body.Res = &types.DestroyIpPoolResponse{}
	return body
}

// AllocateIpv4Address is for extensions of vCenter only, and so is AllocateIpv6Address.
func (m *xIPPools) AllocateIpv4Address(*simulator.Context, *types.AllocateIpv4Address) soap.HasFault {
	return &methods.AllocateIpv4AddressBody{Fault_: simulator.Fault("", &types.NoPermission{})}
}

func (m *xIPPools) AllocateIpv6Address(*simulator.Context, *types.AllocateIpv6Address) soap.HasFault {
	return &methods.AllocateIpv6AddressBody{Fault_: simulator.Fault("", &types.NoPermission{})}
}
