package main

import (
	"testing"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vsan"
	vsanmethods "github.com/vmware/govmomi/vsan/methods"
	vsantypes "github.com/vmware/govmomi/vsan/types"
)

type vsanWorld struct {
	*world
	vsan    *vsan.Client
	cluster *object.ClusterComputeResource
}

func newVsanWorld(t *testing.T) *vsanWorld {
	w := newWorld(t)
	c, err := vsan.NewClient(w.ctx, w.client.Client)
	w.ok(err)
	cluster, err := w.finder.ClusterComputeResource(w.ctx, "DC0_C0")
	w.ok(err)
	return &vsanWorld{w, c, cluster}
}

func (w *vsanWorld) set(spec vsantypes.VimVsanReconfigSpec) error {
	spec.Modify = true
	return w.wait(w.vsan.VsanClusterReconfig(w.ctx, w.cluster.Reference(), spec))
}

func (w *vsanWorld) enable(on bool) error {
	return w.set(vsantypes.VimVsanReconfigSpec{VsanClusterConfig: &vsantypes.VsanClusterConfigInfo{Enabled: bp(on)}})
}

func (w *vsanWorld) domains() map[string]int {
	cfg, err := w.cluster.Configuration(w.ctx)
	w.ok(err)
	out := map[string]int{}
	for _, h := range cfg.VsanHostConfig {
		out[h.FaultDomainInfo.Name]++
	}
	return out
}

func TestVsanSettings(t *testing.T) {
	w := newVsanWorld(t)
	w.ok(w.enable(true))
	w.ok(w.set(vsantypes.VimVsanReconfigSpec{
		DataEfficiencyConfig:          &vsantypes.VsanDataEfficiencyConfig{DedupEnabled: true, CompressionEnabled: bp(true)},
		DataInTransitEncryptionConfig: &vsantypes.VsanDataInTransitEncryptionConfig{Enabled: bp(true)},
	}))
	cfg, err := w.vsan.VsanClusterGetConfig(w.ctx, w.cluster.Reference())
	w.ok(err)
	equal(w.world, *cfg.Enabled, true)
	equal(w.world, cfg.DataEfficiencyConfig.DedupEnabled, true)
	equal(w.world, cfg.DataInTransitEncryptionConfig.RekeyInterval, int32(1440))
	equal(w.world, w.domains(), map[string]int{"": 3})
	fails[types.VsanFault](w.world, w.set(vsantypes.VimVsanReconfigSpec{DataEfficiencyConfig: &vsantypes.VsanDataEfficiencyConfig{DedupEnabled: true}}))
	ds := w.store("LocalDS_0").Reference()
	fails[types.VsanFault](w.world, w.set(vsantypes.VimVsanReconfigSpec{
		DatastoreConfig: &vsantypes.VsanAdvancedDatastoreConfig{RemoteDatastores: []ref{ds}},
	}))
	w.ok(w.wait(w.cluster.Reconfigure(w.ctx, &types.ClusterConfigSpecEx{DasConfig: &types.ClusterDasConfigInfo{Enabled: bp(true)}}, true)))
	fails[types.CannotReconfigureVsanWhenHaEnabled](w.world, w.enable(false))
}

func TestVsanStretchedCluster(t *testing.T) {
	w := newVsanWorld(t)
	w.ok(w.enable(true))
	hosts, err := w.cluster.Hosts(w.ctx)
	w.ok(err)
	alone, err := w.finder.HostSystem(w.ctx, "DC0_H0")
	w.ok(err)
	req := vsantypes.VSANVcConvertToStretchedCluster{
		This: vsan.VsanVcStretchedClusterSystem, Cluster: w.cluster.Reference(), WitnessHost: alone.Reference(), PreferredFd: "a",
		FaultDomainConfig: vsantypes.VimClusterVSANStretchedClusterFaultDomainConfig{
			FirstFdName: "a", FirstFdHosts: []ref{hosts[0].Reference()},
			SecondFdName: "b", SecondFdHosts: []ref{hosts[1].Reference()},
		},
	}
	convert := func() error {
		res, err := vsanmethods.VSANVcConvertToStretchedCluster(w.ctx, w.vsan, &req)
		w.ok(err)
		return w.wait(object.NewTask(w.client.Client, res.Returnval), nil)
	}
	witness := func() []vsantypes.VimClusterVSANWitnessHostInfo {
		res, err := vsanmethods.VSANVcGetWitnessHosts(w.ctx, w.vsan, &vsantypes.VSANVcGetWitnessHosts{This: req.This, Cluster: req.Cluster})
		w.ok(err)
		return res.Returnval
	}
	// A host without a fault domain.
	fails[types.InvalidArgument](w.world, convert())
	equal(w.world, w.domains(), map[string]int{"": 3})
	req.FaultDomainConfig.SecondFdHosts = append(req.FaultDomainConfig.SecondFdHosts, hosts[2].Reference())
	w.ok(convert())
	equal(w.world, w.domains(), map[string]int{"a": 1, "b": 2})
	equal(w.world, witness()[0].Host.Value, alone.Reference().Value)
	fails[types.InvalidState](w.world, convert())
	res, err := vsanmethods.VSANVcRemoveWitnessHost(w.ctx, w.vsan, &vsantypes.VSANVcRemoveWitnessHost{This: req.This, Cluster: req.Cluster})
	w.ok(err)
	w.ok(w.wait(object.NewTask(w.client.Client, res.Returnval), nil))
	equal(w.world, len(witness()), 0)
	equal(w.world, w.domains(), map[string]int{"a": 1, "b": 2})
}

func TestVsanDiskGroups(t *testing.T) {
	w := newVsanWorld(t)
	added := w.wait(w.cluster.AddHost(w.ctx, types.HostConnectSpec{HostName: "vsan1", UserName: "u", Password: "p"}, true, nil, nil))
	w.ok(added)
	host, err := w.finder.HostSystem(w.ctx, "vsan1")
	w.ok(err)
	system, err := host.ConfigManager().VsanSystem(w.ctx)
	w.ok(err)
	disk := func(name string) types.HostScsiDisk {
		return types.HostScsiDisk{ScsiLun: types.ScsiLun{HostDevice: types.HostDevice{DeviceName: name}, CanonicalName: name}}
	}
	task := func(r ref) *types.LocalizedMethodFault {
		info, err := object.NewTask(w.client.Client, r).WaitForResult(w.ctx, nil)
		w.ok(err)
		for _, m := range info.Result.(types.ArrayOfVsanHostDiskMapResult).VsanHostDiskMapResult {
			return m.Error
		}
		return nil
	}
	initialize := func(cache string, capacity ...string) *types.LocalizedMethodFault {
		m := types.VsanHostDiskMapping{Ssd: disk(cache)}
		for _, c := range capacity {
			m.NonSsd = append(m.NonSsd, disk(c))
		}
		res, err := methods.InitializeDisks_Task(w.ctx, w.client.Client, &types.InitializeDisks_Task{This: system.Reference(), Mapping: []types.VsanHostDiskMapping{m}})
		w.ok(err)
		return task(res.Returnval)
	}
	capacity := func() (sizes []int) {
		var p mo.HostVsanSystem
		w.ok(system.Properties(w.ctx, system.Reference(), nil, &p))
		for _, m := range p.Config.StorageInfo.DiskMapping {
			sizes = append(sizes, len(m.NonSsd))
		}
		return sizes
	}
	name := func(n int) string { return vsanDisks("vsan")[n].name }
	if f := initialize("mpx.vmhba0:C0:T2:L0", name(1)); f == nil {
		t.Error("a disk with partitions was used")
	}
	equal(w.world, len(capacity()), 0)
	equal(w.world, initialize(name(0), name(1)) == nil, true)
	equal(w.world, initialize(name(0), name(2), name(3)) == nil, true)
	equal(w.world, capacity(), []int{3})
	remove, err := methods.RemoveDisk_Task(w.ctx, w.client.Client, &types.RemoveDisk_Task{This: system.Reference(), Disk: []types.HostScsiDisk{disk(name(1))}})
	w.ok(err)
	equal(w.world, task(remove.Returnval) == nil, true)
	equal(w.world, capacity(), []int{2})
	group, err := methods.RemoveDiskMapping_Task(w.ctx, w.client.Client, &types.RemoveDiskMapping_Task{This: system.Reference(), Mapping: []types.VsanHostDiskMapping{{Ssd: disk(name(0))}}})
	w.ok(err)
	equal(w.world, task(group.Returnval) == nil, true)
	equal(w.world, initialize(name(0), name(1)) == nil, true)
}
