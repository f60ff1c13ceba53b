package main

import (
	"testing"

	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"
)

func TestIPPools(t *testing.T) {
	w := newWorld(t)
	m := *w.client.ServiceContent.IpPoolManager
	pools := func() []types.IpPool {
		t.Helper()
		res, err := methods.QueryIpPools(w.ctx, w.client.Client, &types.QueryIpPools{This: m, Dc: w.dc()})
		w.ok(err)
		return res.Returnval
	}
	create := func(p types.IpPool) (int32, error) {
		res, err := methods.CreateIpPool(w.ctx, w.client.Client, &types.CreateIpPool{This: m, Dc: w.dc(), Pool: p})
		if err != nil {
			return 0, err
		}
		return res.Returnval, nil
	}
	equal(w, len(pools()), 0)
	pool := types.IpPool{Name: "web", Ipv4Config: &types.IpPoolIpPoolConfigInfo{SubnetAddress: "192.0.2.0", Netmask: "255.255.255.0", Range: "192.0.2.10#5", Dns: []string{"192.0.2.2"}, IpPoolEnabled: bp(true)}}
	id, err := create(pool)
	w.ok(err)
	_, err = create(pool)
	fails[types.DuplicateName](w, err)

	// A configuration that is not sent stays.
	update := func(p types.IpPool) {
		t.Helper()
		p.Id, p.Name = id, "web"
		_, err := methods.UpdateIpPool(w.ctx, w.client.Client, &types.UpdateIpPool{This: m, Dc: w.dc(), Pool: p})
		w.ok(err)
	}
	update(types.IpPool{})
	equal(w, pools()[0].Ipv4Config.Dns, []string{"192.0.2.2"})
	update(types.IpPool{Ipv4Config: &types.IpPoolIpPoolConfigInfo{Range: "192.0.2.20#5"}})
	equal(w, pools()[0].Ipv4Config.Dns, []string{"192.0.2.2"})
	equal(w, *pools()[0].Ipv4Config.IpPoolEnabled, true)

	// Only extensions allocate addresses.
	_, err = methods.AllocateIpv4Address(w.ctx, w.client.Client, &types.AllocateIpv4Address{This: m, Dc: w.dc(), PoolId: id, AllocationId: "a"})
	fails[types.NoPermission](w, err)
	_, err = methods.DestroyIpPool(w.ctx, w.client.Client, &types.DestroyIpPool{This: m, Dc: w.dc(), Id: id})
	w.ok(err)
	equal(w, len(pools()), 0)
}
