package main

import (
	"github.com/google/uuid"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// keyProvider returns a key provider by its id, or the default one.
func keyProvider(ctx *simulator.Context, id string) *types.KmipClusterInfo {
	m := ctx.Map.CryptoManager()
	if m == nil {
		return nil
	}
	for i := range m.KmipServers {
		p := &m.KmipServers[i]
		if p.ClusterId.Id == id || (id == "" && p.UseAsDefault) {
			return p
		}
	}
	return nil
}

// keyOf completes a key: without a provider it is one of the default provider, and without an id it is generated. A native
// key provider has one key only, and is of no use before it was backed up.
func keyOf(ctx *simulator.Context, key *types.CryptoKeyId) types.BaseMethodFault {
	id := ""
	if key.ProviderId != nil {
		id = key.ProviderId.Id
	}
	p := keyProvider(ctx, id)
	if p == nil {
		return invalidArgument("configSpec.crypto")
	}
	native := p.ManagementType == string(types.KmipClusterInfoKmsManagementTypeNativeProvider)
	if native && (p.HasBackup == nil || !*p.HasBackup) {
		return &types.GenericVmConfigFault{Reason: "The key provider " + p.ClusterId.Id + " has not been backed up."}
	}
	key.ProviderId = &types.KeyProviderId{Id: p.ClusterId.Id}
	switch {
	case key.KeyId != "":
	case native:
		if p.KeyId == "" {
			p.KeyId = uuid.NewString()
		}
		key.KeyId = p.KeyId
	default:
		key.KeyId = uuid.NewString()
	}
	return nil
}

// cryptoKeys lists the keys in the cryptographic changes of a specification.
func cryptoKeys(spec *types.VirtualMachineConfigSpec) []*types.CryptoKeyId {
	var keys []*types.CryptoKeyId
	add := func(c types.BaseCryptoSpec) {
		switch c := c.(type) {
		case *types.CryptoSpecEncrypt:
			keys = append(keys, &c.CryptoKeyId)
		case *types.CryptoSpecShallowRecrypt:
			keys = append(keys, &c.NewKeyId)
		case *types.CryptoSpecDeepRecrypt:
			keys = append(keys, &c.NewKeyId)
		}
	}
	add(spec.Crypto)
	for _, c := range spec.DeviceChange {
		if b := c.GetVirtualDeviceConfigSpec().Backing; b != nil {
			add(b.Crypto)
		}
	}
	return keys
}

// completeKeys completes the keys of a specification. What one specification leaves to vCenter becomes one key per provider.
func completeKeys(ctx *simulator.Context, vm *simulator.VirtualMachine, spec *types.VirtualMachineConfigSpec) types.BaseMethodFault {
	made := map[string]string{}
	for _, key := range cryptoKeys(spec) {
		asked, id := key.KeyId, ""
		if key.ProviderId != nil {
			id = key.ProviderId.Id
		}
		if asked == "" {
			key.KeyId = made[id]
		}
		if bad := keyOf(ctx, key); bad != nil {
			return bad
		}
		if asked == "" {
			made[id] = key.KeyId
		}
	}
	// An encrypted disk needs an encrypted home.
	for _, c := range spec.DeviceChange {
		b := c.GetVirtualDeviceConfigSpec().Backing
		if b == nil {
			continue
		}
		if _, ok := b.Crypto.(*types.CryptoSpecEncrypt); ok && spec.Crypto == nil && (vm == nil || vm.Config.KeyId == nil) {
			return &types.InvalidState{}
		}
	}
	return nil
}

// cryptoNeeds are the privileges that cryptographic changes of a machine ask for.
func (n *vmNeeds) cryptoNeeds(on ref, c types.BaseCryptoSpec) {
	switch c.(type) {
	case *types.CryptoSpecEncrypt:
		n.add(on, "Cryptographer.Encrypt")
	case *types.CryptoSpecShallowRecrypt, *types.CryptoSpecDeepRecrypt:
		n.add(on, "Cryptographer.Recrypt")
	case *types.CryptoSpecDecrypt:
		n.add(on, "Cryptographer.Decrypt")
	}
}

// xCrypto is the manager of key providers.
type xCrypto struct {
	*simulator.CryptoManagerKmip
}

// ListKmipServers: vCenter generates the key of a native key provider with it.
func (m *xCrypto) ListKmipServers(ctx *simulator.Context, req *types.ListKmipServers) soap.HasFault {
	for i := range m.KmipServers {
		p := &m.KmipServers[i]
		if p.KeyId == "" && p.ManagementType == string(types.KmipClusterInfoKmsManagementTypeNativeProvider) {
			p.KeyId = uuid.NewString()
		}
	}
	return m.CryptoManagerKmip.ListKmipServers(ctx, req)
}

// UpdateKmipServer: what is not sent stays; an empty text and a negative port delete.
func (m *xCrypto) UpdateKmipServer(ctx *simulator.Context, req *types.UpdateKmipServer) soap.HasFault {
	plainServer(&req.Server.Info)
	return m.CryptoManagerKmip.UpdateKmipServer(ctx, req)
}

func (m *xCrypto) RegisterKmipServer(ctx *simulator.Context, req *types.RegisterKmipServer) soap.HasFault {
	plainServer(&req.Server.Info)
	return m.CryptoManagerKmip.RegisterKmipServer(ctx, req)
}

func plainServer(info *types.KmipServerInfo) {
	if info.ProxyPort < 0 {
		info.ProxyPort = 0
	}
}
