package main

import (
	"testing"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

func TestHosts(t *testing.T) {
	w := newWorld(t)
	folder := w.folder("host")
	cluster, err := w.finder.ClusterComputeResource(w.ctx, "DC0_C0")
	w.ok(err)
	spec := func(name, password, thumbprint string) types.HostConnectSpec {
		return types.HostConnectSpec{HostName: name, UserName: "root", Password: password, SslThumbprint: thumbprint}
	}
	add := func(spec types.HostConnectSpec, license string) (*object.HostSystem, error) {
		task, err := cluster.AddHost(w.ctx, spec, true, &license, nil)
		w.ok(err)
		info, err := task.WaitForResult(w.ctx)
		if err != nil {
			return nil, err
		}
		return object.NewHostSystem(w.client.Client, info.Result.(ref)), nil
	}
	fault := func(spec types.HostConnectSpec) error {
		_, err := add(spec, "")
		return err
	}
	self := fails[types.SSLVerifyFault](w, fault(spec("selfsigned1", "x", "")))
	equal(w, self.Thumbprint, hostThumbprint("selfsigned1"))
	fails[types.SSLVerifyFault](w, fault(spec("selfsigned1", "x", "AA:BB")))
	fails[types.InvalidLogin](w, fault(spec("esx1", "wrong", "")))
	fails[types.NoHost](w, fault(spec("unreachable1", "x", "")))
	fails[types.AlreadyBeingManaged](w, fault(spec("managed1", "x", "")))
	fails[types.DuplicateName](w, fault(spec("DC0_H0", "x", "")))
	_, err = add(spec("esx1", "x", ""), "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE")
	fails[types.InvalidArgument](w, err)
	host, err := add(spec("selfsigned1", "x", self.Thumbprint), "")
	w.ok(err)

	// Its managers change it while it is connected.
	read := func() mo.HostSystem {
		var h mo.HostSystem
		w.ok(host.Properties(w.ctx, host.Reference(), []string{"name", "runtime", "config", "configManager"}, &h))
		return h
	}
	h := read()
	lockdown := types.ChangeLockdownMode{This: *h.ConfigManager.HostAccessManager, Mode: types.HostLockdownModeLockdownNormal}
	_, err = methods.ChangeLockdownMode(w.ctx, w.client.Client, &lockdown)
	w.ok(err)
	equal(w, read().Config.LockdownMode, types.HostLockdownModeLockdownNormal)
	w.ok(w.wait(host.EnterMaintenanceMode(w.ctx, 0, true, nil)))
	fails[types.InvalidState](w, w.wait(host.EnterMaintenanceMode(w.ctx, 0, true, nil)))
	w.ok(w.wait(host.ExitMaintenanceMode(w.ctx, 0)))
	w.ok(w.wait(host.Disconnect(w.ctx)))
	_, err = methods.ChangeLockdownMode(w.ctx, w.client.Client, &lockdown)
	fails[types.HostNotConnected](w, err)
	fails[types.InvalidState](w, w.wait(host.EnterMaintenanceMode(w.ctx, 0, true, nil)))

	// It gets another name while it is disconnected.
	other := spec("esx2", "x", "")
	w.ok(w.wait(host.Reconnect(w.ctx, &other, nil)))
	equal(w, read().Name, "esx2")
	third := spec("esx3", "x", "")
	fails[types.InvalidState](w, w.wait(host.Reconnect(w.ctx, &third, nil)))

	// A connected host of a cluster is not removed outside maintenance mode.
	fails[types.InvalidState](w, w.wait(host.Destroy(w.ctx)))
	w.ok(w.wait(host.EnterMaintenanceMode(w.ctx, 0, true, nil)))
	w.ok(w.wait(host.Destroy(w.ctx)))
	w.deleted(host)

	task, err := folder.AddStandaloneHost(w.ctx, spec("esx4", "x", ""), true, nil, nil)
	w.ok(err)
	info, err := task.WaitForResult(w.ctx)
	w.ok(err)
	equal(w, info.Result.(ref).Type, "ComputeResource")
	hosts, err := object.NewComputeResource(w.client.Client, info.Result.(ref)).Hosts(w.ctx)
	w.ok(err)
	equal(w, len(hosts), 1)
	w.ok(w.wait(object.NewComputeResource(w.client.Client, info.Result.(ref)).Destroy(w.ctx)))
	w.deleted(hosts[0])
}
