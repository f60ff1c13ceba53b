package main

import (
	"testing"

	"github.com/vmware/govmomi/crypto"
	"github.com/vmware/govmomi/vim25/types"
)

func TestEncryption(t *testing.T) {
	w := newWorld(t)
	m, err := crypto.GetManagerKmip(w.client.Client)
	w.ok(err)
	vm := w.vm()
	change := func(c types.BaseCryptoSpec) error {
		t.Helper()
		return w.reconfigure(vm, types.VirtualMachineConfigSpec{Crypto: c})
	}
	key := func() *types.CryptoKeyId {
		t.Helper()
		return w.read(vm).Config.KeyId
	}
	of := func(provider string) types.CryptoKeyId {
		return types.CryptoKeyId{ProviderId: &types.KeyProviderId{Id: provider}}
	}
	w.ok(w.wait(vm.PowerOff(w.ctx)))

	// A key provider that does not exist, and no default one.
	fails[types.InvalidArgument](w, change(&types.CryptoSpecEncrypt{CryptoKeyId: of("gold")}))
	fails[types.InvalidArgument](w, change(&types.CryptoSpecEncrypt{}))
	equal(w, key() == nil, true)

	add := func(id, server string) {
		t.Helper()
		w.ok(m.RegisterKmipServer(w.ctx, types.KmipServerSpec{ClusterId: types.KeyProviderId{Id: id}, Info: types.KmipServerInfo{Name: server, ProxyPort: -1}}))
	}
	add("gold", "a")
	add("silver", "b")
	all, err := m.ListKmipServers(w.ctx, nil)
	w.ok(err)
	equal(w, all[0].Servers[0].ProxyPort, int32(0))

	// What is left to vCenter is generated, and is one key for all that one call encrypts.
	disk := w.disks(vm)[0]
	edit := func(c types.BaseCryptoSpec) []types.BaseVirtualDeviceConfigSpec {
		return []types.BaseVirtualDeviceConfigSpec{&types.VirtualDeviceConfigSpec{
			Operation: types.VirtualDeviceConfigSpecOperationEdit, Device: disk,
			Backing: &types.VirtualDeviceConfigSpecBackingSpec{Crypto: c},
		}}
	}
	both := types.VirtualMachineConfigSpec{Crypto: &types.CryptoSpecEncrypt{CryptoKeyId: of("gold")}, DeviceChange: edit(&types.CryptoSpecEncrypt{CryptoKeyId: of("gold")})}
	// A disk alone is not encrypted.
	fails[types.InvalidState](w, w.reconfigure(vm, types.VirtualMachineConfigSpec{DeviceChange: both.DeviceChange}))
	w.ok(w.reconfigure(vm, both))
	equal(w, key().ProviderId.Id, "gold")
	of1 := w.disks(vm)[0].Backing.(*types.VirtualDiskFlatVer2BackingInfo).KeyId
	equal(w, of1.KeyId, key().KeyId)

	// Another key.
	old := key().KeyId
	w.ok(change(&types.CryptoSpecShallowRecrypt{NewKeyId: of("silver")}))
	equal(w, key().ProviderId.Id, "silver")
	equal(w, key().KeyId != old, true)
	w.ok(change(&types.CryptoSpecDecrypt{}))
	equal(w, key() == nil, true)
}
