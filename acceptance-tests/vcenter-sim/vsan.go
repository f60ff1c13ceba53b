package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vsan"
	vsanmethods "github.com/vmware/govmomi/vsan/methods"
	vsantypes "github.com/vmware/govmomi/vsan/types"
)

// vsanClusters are the vSAN settings of clusters and their witness hosts.
type vsanClusters struct {
	authz   *authz
	mu      sync.Mutex
	config  map[ref]*vsantypes.VsanConfigInfoEx
	witness map[ref]vsantypes.VimClusterVSANWitnessHostInfo
}

type vsanConfigSystem struct {
	ref
	all *vsanClusters
}

type vsanStretchedSystem struct {
	ref
	all *vsanClusters
}

func (s *vsanConfigSystem) Reference() ref    { return s.ref }
func (s *vsanStretchedSystem) Reference() ref { return s.ref }

// registerVsan puts these objects in the place of the simulator's own.
func registerVsan(s *simulator.Service, authz *authz) {
	all := &vsanClusters{authz: authz, config: map[ref]*vsantypes.VsanConfigInfoEx{}, witness: map[ref]vsantypes.VimClusterVSANWitnessHostInfo{}}
	x := simulator.NewRegistry()
	x.Namespace, x.Path = vsan.Namespace, vsan.Path
	x.Put(&vsanConfigSystem{vsan.VsanVcClusterConfigSystemInstance, all})
	x.Put(&vsanStretchedSystem{vsan.VsanVcStretchedClusterSystem, all})
	s.RegisterSDK(x)
}

// serveVsan names the types that the simulator's decoder needs and a client may leave out, because they are those of
// the schema.
func serveVsan(next http.Handler, w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	b = bytes.ReplaceAll(b, []byte("<vsanClusterConfig>"), []byte(`<vsanClusterConfig xsi:type="vsan:VsanClusterConfigInfo">`))
	r.Body = io.NopCloser(bytes.NewReader(b))
	r.ContentLength = int64(len(b))
	next.ServeHTTP(w, r)
}

// vsanCluster is a cluster, by a context of the vSAN service.
func vsanCluster(ctx *simulator.Context, r ref) *simulator.ClusterComputeResource {
	c, _ := ctx.For(vim25.Path).Map.Get(r).(*simulator.ClusterComputeResource)
	return c
}

// may is the check before a change of a cluster.
func (a *vsanClusters) may(ctx *simulator.Context, cluster ref, privilege string) *soap.Fault {
	list := []need{{cluster, privilege}}
	a.authz.ask(ctx.Session.UserAgent, list)
	if !a.authz.sim.enforce {
		return nil
	}
	if bad := a.authz.check(caller(ctx), list); bad != nil {
		return fault(bad)
	}
	return nil
}

// configOf are the settings of a cluster; a.mu is held.
func (a *vsanClusters) configOf(cluster ref) *vsantypes.VsanConfigInfoEx {
	if a.config[cluster] == nil {
		c := &vsantypes.VsanConfigInfoEx{}
		c.Enabled, c.VsanEsaEnabled = bp(false), bp(false)
		c.DefaultConfig = &types.VsanClusterConfigInfoHostDefaultInfo{AutoClaimStorage: bp(false)}
		a.config[cluster] = c
	}
	return a.config[cluster]
}

func (s *vsanConfigSystem) VsanClusterGetConfig(ctx *simulator.Context, req *vsantypes.VsanClusterGetConfig) soap.HasFault {
	b := &vsanmethods.VsanClusterGetConfigBody{}
	if vsanCluster(ctx, req.Cluster) == nil {
		b.Fault_ = fault(&types.ManagedObjectNotFound{Obj: req.Cluster})
		return b
	}
	s.all.mu.Lock()
	defer s.all.mu.Unlock()
	b.Res = &vsantypes.VsanClusterGetConfigResponse{Returnval: *s.all.configOf(req.Cluster)}
	return b
}

func isTrue(b *bool) bool { return b != nil && *b }

func (s *vsanConfigSystem) VsanClusterReconfig(ctx *simulator.Context, req *vsantypes.VsanClusterReconfig) soap.HasFault {
	b := &vsanmethods.VsanClusterReconfigBody{}
	c := vsanCluster(ctx, req.Cluster)
	if c == nil {
		b.Fault_ = fault(&types.ManagedObjectNotFound{Obj: req.Cluster})
		return b
	}
	if b.Fault_ = s.all.may(ctx, c.Self, "Host.Inventory.EditCluster"); b.Fault_ != nil {
		return b
	}
	b.Res = &vsantypes.VsanClusterReconfigResponse{Returnval: task(ctx, c, "vsanClusterReconfig", func() (types.AnyType, types.BaseMethodFault) {
		s.all.mu.Lock()
		defer s.all.mu.Unlock()
		old := s.all.configOf(c.Self)
		now := *old
		if bad := reconfigVsan(ctx.For(vim25.Path), c, &now, &req.VsanReconfigSpec); bad != nil {
			return nil, bad
		}
		s.all.config[c.Self] = &now
		if isTrue(now.Enabled) != isTrue(old.Enabled) {
			enableVsanHosts(ctx.For(vim25.Path), c, isTrue(now.Enabled))
		}
		return nil, nil
	})}
	return b
}

// reconfigVsan checks and makes a change of the settings of a cluster.
func reconfigVsan(ctx *simulator.Context, c *simulator.ClusterComputeResource, now *vsantypes.VsanConfigInfoEx, spec *vsantypes.VimVsanReconfigSpec) types.BaseMethodFault {
	if spec.VsanClusterConfig != nil {
		want := spec.VsanClusterConfig.GetVsanClusterConfigInfo()
		was := isTrue(now.Enabled)
		if want.Enabled != nil {
			if cfg := c.ConfigurationEx.(*types.ClusterConfigInfoEx); was != *want.Enabled && isTrue(cfg.DasConfig.Enabled) {
				return &types.CannotReconfigureVsanWhenHaEnabled{}
			}
			now.Enabled = want.Enabled
		}
		if want.VsanEsaEnabled != nil {
			if was && isTrue(now.Enabled) && *want.VsanEsaEnabled != isTrue(now.VsanEsaEnabled) {
				return &types.InvalidState{}
			}
			now.VsanEsaEnabled = want.VsanEsaEnabled
		}
		d := *now.DefaultConfig
		if isTrue(now.Enabled) && d.Uuid == "" {
			d.Uuid = uuid.NewString()
		}
		now.DefaultConfig = &d
		if !isTrue(now.Enabled) {
			now.VsanEsaEnabled = bp(false)
		}
	}
	if isTrue(now.VsanEsaEnabled) && !isTrue(now.Enabled) {
		return &types.InvalidState{}
	}
	if e := spec.DataEfficiencyConfig; e != nil {
		if e.DedupEnabled && !isTrue(e.CompressionEnabled) || isTrue(now.VsanEsaEnabled) {
			return &types.VsanFault{}
		}
		now.DataEfficiencyConfig = e
	}
	if p := spec.PerfsvcConfig; p != nil {
		if (isTrue(p.DiagnosticMode) || isTrue(p.VerboseMode)) && (!p.Enabled || !isTrue(now.Enabled)) {
			return &types.VsanFault{}
		}
		now.PerfsvcConfig = p
	}
	if spec.UnmapConfig != nil {
		now.UnmapConfig = spec.UnmapConfig
	}
	if e := spec.DataInTransitEncryptionConfig; e != nil {
		d := *e
		if old := now.DataInTransitEncryptionConfig; old != nil && d.RekeyInterval == 0 {
			d.RekeyInterval = old.RekeyInterval
		}
		if isTrue(d.Enabled) && d.RekeyInterval == 0 {
			d.RekeyInterval = 1440
		}
		now.DataInTransitEncryptionConfig = &d
	}
	if spec.DatastoreConfig != nil {
		if remote, ok := spec.DatastoreConfig.(*vsantypes.VsanAdvancedDatastoreConfig); ok {
			for _, ds := range remote.RemoteDatastores {
				if ctx.Map.Get(ds) == nil {
					return &types.ManagedObjectNotFound{Obj: ds}
				}
			}
		}
		now.DatastoreConfig = spec.DatastoreConfig
	}
	if remote, ok := now.DatastoreConfig.(*vsantypes.VsanAdvancedDatastoreConfig); ok && len(remote.RemoteDatastores) > 0 {
		if e := now.DataInTransitEncryptionConfig; e != nil && isTrue(e.Enabled) {
			return &types.VsanFault{}
		}
	}
	return nil
}

// enableVsanHosts turns vSAN on or off on the hosts of a cluster. The cluster lists them from then on.
func enableVsanHosts(ctx *simulator.Context, c *simulator.ClusterComputeResource, on bool) {
	cfg := c.ConfigurationEx.(*types.ClusterConfigInfoEx)
	if cfg.VsanConfigInfo == nil {
		cfg.VsanConfigInfo = &types.VsanClusterConfigInfo{}
	}
	cfg.VsanConfigInfo.Enabled = bp(on)
	completeVsanHosts(c)
	for i := range cfg.VsanHostConfig {
		h := &cfg.VsanHostConfig[i]
		h.Enabled = bp(on)
		if v := vsanOf(ctx, *h.HostSystem); v != nil {
			v.Config.Enabled = bp(on)
		}
	}
}

// completeVsanHosts lists the hosts of a cluster that has, or has had, vSAN.
func completeVsanHosts(c *simulator.ClusterComputeResource) {
	cfg, ok := c.ConfigurationEx.(*types.ClusterConfigInfoEx)
	if !ok || cfg.VsanConfigInfo == nil {
		return
	}
	cfg.VsanHostConfig = slices.DeleteFunc(cfg.VsanHostConfig, func(h types.VsanHostConfigInfo) bool {
		return !slices.Contains(c.Host, *h.HostSystem)
	})
	for _, host := range c.Host {
		if !slices.ContainsFunc(cfg.VsanHostConfig, func(h types.VsanHostConfigInfo) bool { return *h.HostSystem == host }) {
			cfg.VsanHostConfig = append(cfg.VsanHostConfig, types.VsanHostConfigInfo{
				Enabled: cfg.VsanConfigInfo.Enabled, HostSystem: &host, FaultDomainInfo: &types.VsanHostFaultDomainInfo{},
			})
		}
	}
}

// setFaultDomains makes the changes of hosts in a specification of a cluster.
func setFaultDomains(c *simulator.ClusterComputeResource, specs []types.VsanHostConfigInfo) types.BaseMethodFault {
	if len(specs) == 0 {
		return nil
	}
	completeVsanHosts(c)
	cfg := c.ConfigurationEx.(*types.ClusterConfigInfoEx)
	for _, spec := range specs {
		i := slices.IndexFunc(cfg.VsanHostConfig, func(h types.VsanHostConfigInfo) bool {
			return spec.HostSystem != nil && *h.HostSystem == *spec.HostSystem
		})
		if i < 0 {
			return &types.InvalidArgument{InvalidProperty: "vsanHostConfigSpec"}
		}
		if spec.FaultDomainInfo != nil {
			cfg.VsanHostConfig[i].FaultDomainInfo = spec.FaultDomainInfo
		}
	}
	return nil
}

// Stretched clusters

func (s *vsanStretchedSystem) VSANVcGetWitnessHosts(ctx *simulator.Context, req *vsantypes.VSANVcGetWitnessHosts) soap.HasFault {
	b := &vsanmethods.VSANVcGetWitnessHostsBody{}
	if vsanCluster(ctx, req.Cluster) == nil {
		b.Fault_ = fault(&types.ManagedObjectNotFound{Obj: req.Cluster})
		return b
	}
	b.Res = &vsantypes.VSANVcGetWitnessHostsResponse{}
	s.all.mu.Lock()
	defer s.all.mu.Unlock()
	if w, ok := s.all.witness[req.Cluster]; ok {
		b.Res.Returnval = append(b.Res.Returnval, w)
	}
	return b
}

// change runs a change of a stretched cluster as a task on it.
func (s *vsanStretchedSystem) change(ctx *simulator.Context, cluster ref, name, privilege string, f func(*simulator.Context, *simulator.ClusterComputeResource) types.BaseMethodFault) (ref, *soap.Fault) {
	c := vsanCluster(ctx, cluster)
	if c == nil {
		return ref{}, fault(&types.ManagedObjectNotFound{Obj: cluster})
	}
	if bad := s.all.may(ctx, cluster, privilege); bad != nil {
		return ref{}, bad
	}
	return task(ctx, c, name, func() (types.AnyType, types.BaseMethodFault) {
		s.all.mu.Lock()
		defer s.all.mu.Unlock()
		if !isTrue(s.all.configOf(cluster).Enabled) {
			return nil, &types.InvalidState{}
		}
		completeVsanHosts(c)
		return nil, f(ctx.For(vim25.Path), c)
	}), nil
}

// faultDomains are the hosts of a cluster by the name of their fault domain, which may be empty.
func faultDomains(c *simulator.ClusterComputeResource) map[string][]ref {
	out := map[string][]ref{}
	for _, h := range c.ConfigurationEx.(*types.ClusterConfigInfoEx).VsanHostConfig {
		out[h.FaultDomainInfo.Name] = append(out[h.FaultDomainInfo.Name], *h.HostSystem)
	}
	return out
}

// addWitness checks the sites of a cluster and gives it a witness host.
func (s *vsanStretchedSystem) addWitness(ctx *simulator.Context, c *simulator.ClusterComputeResource, host ref, preferred string) types.BaseMethodFault {
	if _, ok := s.all.witness[c.Self]; ok {
		return &types.InvalidState{}
	}
	domains := faultDomains(c)
	if len(domains) != 2 || len(domains[""]) > 0 || len(domains[preferred]) == 0 {
		return &types.InvalidArgument{InvalidProperty: "preferredFd"}
	}
	h, ok := ctx.Map.Get(host).(*simulator.HostSystem)
	if !ok || slices.Contains(c.Host, host) {
		return &types.InvalidArgument{InvalidProperty: "witnessHost"}
	}
	s.all.witness[c.Self] = vsantypes.VimClusterVSANWitnessHostInfo{
		NodeUuid: uuid.NewString(), PreferredFdName: preferred, PreferredFdUuid: uuid.NewString(),
		UnicastAgentAddr: "10.10.10.1", Host: &h.Self, MetadataMode: bp(false),
	}
	return nil
}

func (s *vsanStretchedSystem) VSANVcConvertToStretchedCluster(ctx *simulator.Context, req *vsantypes.VSANVcConvertToStretchedCluster) soap.HasFault {
	b := &vsanmethods.VSANVcConvertToStretchedClusterBody{}
	id, bad := s.change(ctx, req.Cluster, "convertToStretchedCluster", "Host.Inventory.EditCluster", func(ctx *simulator.Context, c *simulator.ClusterComputeResource) types.BaseMethodFault {
		if _, ok := s.all.witness[c.Self]; ok {
			return &types.InvalidState{}
		}
		cfg := c.ConfigurationEx.(*types.ClusterConfigInfoEx)
		before := slices.Clone(cfg.VsanHostConfig)
		d := req.FaultDomainConfig
		var specs []types.VsanHostConfigInfo
		for _, site := range []struct {
			name  string
			hosts []ref
		}{{d.FirstFdName, d.FirstFdHosts}, {d.SecondFdName, d.SecondFdHosts}} {
			for _, h := range site.hosts {
				specs = append(specs, types.VsanHostConfigInfo{HostSystem: &h, FaultDomainInfo: &types.VsanHostFaultDomainInfo{Name: site.name}})
			}
		}
		fault := setFaultDomains(c, specs)
		if fault == nil {
			fault = s.addWitness(ctx, c, req.WitnessHost, req.PreferredFd)
		}
		if fault != nil {
			cfg.VsanHostConfig = before
		}
		return fault
	})
	b.Fault_ = bad
	if bad == nil {
		b.Res = &vsantypes.VSANVcConvertToStretchedClusterResponse{Returnval: id}
	}
	return b
}

func (s *vsanStretchedSystem) VSANVcAddWitnessHost(ctx *simulator.Context, req *vsantypes.VSANVcAddWitnessHost) soap.HasFault {
	b := &vsanmethods.VSANVcAddWitnessHostBody{}
	id, bad := s.change(ctx, req.Cluster, "addWitnessHost", "Host.Inventory.AddHostToCluster", func(ctx *simulator.Context, c *simulator.ClusterComputeResource) types.BaseMethodFault {
		return s.addWitness(ctx, c, req.WitnessHost, req.PreferredFd)
	})
	b.Fault_ = bad
	if bad == nil {
		b.Res = &vsantypes.VSANVcAddWitnessHostResponse{Returnval: id}
	}
	return b
}

func (s *vsanStretchedSystem) VSANVcRemoveWitnessHost(ctx *simulator.Context, req *vsantypes.VSANVcRemoveWitnessHost) soap.HasFault {
	b := &vsanmethods.VSANVcRemoveWitnessHostBody{}
	id, bad := s.change(ctx, req.Cluster, "removeWitnessHost", "Host.Inventory.RemoveHostFromCluster", func(_ *simulator.Context, c *simulator.ClusterComputeResource) types.BaseMethodFault {
		w, ok := s.all.witness[c.Self]
		if !ok || req.WitnessHost != nil && *req.WitnessHost != *w.Host {
			return &types.InvalidArgument{InvalidProperty: "witnessHost"}
		}
		delete(s.all.witness, c.Self)
		return nil
	})
	b.Fault_ = bad
	if bad == nil {
		b.Res = &vsantypes.VSANVcRemoveWitnessHostResponse{Returnval: id}
	}
	return b
}

func (s *vsanStretchedSystem) VSANVcSetPreferredFaultDomain(ctx *simulator.Context, req *vsantypes.VSANVcSetPreferredFaultDomain) soap.HasFault {
	b := &vsanmethods.VSANVcSetPreferredFaultDomainBody{}
	id, bad := s.change(ctx, req.Cluster, "setPreferredFaultDomain", "Host.Inventory.EditCluster", func(_ *simulator.Context, c *simulator.ClusterComputeResource) types.BaseMethodFault {
		w, ok := s.all.witness[c.Self]
		if !ok || len(faultDomains(c)[req.PreferredFd]) == 0 {
			return &types.InvalidState{}
		}
		w.PreferredFdName, w.PreferredFdUuid = req.PreferredFd, uuid.NewString()
		s.all.witness[c.Self] = w
		return nil
	})
	b.Fault_ = bad
	if bad == nil {
		b.Res = &vsantypes.VSANVcSetPreferredFaultDomainResponse{Returnval: id}
	}
	return b
}

// Disk groups

// hostVsan is the vSAN system of a host.
type hostVsan struct {
	mo.HostVsanSystem
	host *simulator.HostSystem
}

func vsanOf(ctx *simulator.Context, host ref) *hostVsan {
	h, ok := ctx.Map.Get(host).(*simulator.HostSystem)
	if !ok || h.ConfigManager.VsanSystem == nil {
		return nil
	}
	v, _ := ctx.Map.Get(*h.ConfigManager.VsanSystem).(*hostVsan)
	return v
}

// vsanDisks are the local disks that hosts have for vSAN whose name begins with "vsan": one for the cache, and three.
func vsanDisks(host string) []*scsiDisk {
	if !strings.HasPrefix(host, "vsan") {
		return nil
	}
	var out []*scsiDisk
	for n := range 4 {
		out = append(out, &scsiDisk{name: fmt.Sprintf("mpx.vmhba1:C0:T%d:L0", n), size: int64(n+1) * 100 * gib, local: true})
	}
	return out
}

// claim gives a disk to vSAN, which only takes empty ones. s.mu is held.
func (v *hostVsan) claim(s *sim, name string) (*scsiDisk, types.BaseMethodFault) {
	d := findDisk(s.disksOf(v.host.Self), func(d *scsiDisk) bool { return d.name == name })
	problem := types.VsanDiskFault{Device: name}
	switch {
	case d == nil:
		return nil, &problem
	case len(d.partitions) > 0 || d.datastore != nil:
		return nil, &types.DiskHasPartitions{VsanDiskFault: problem}
	}
	return d, nil
}

// disks runs a change of disks as a task, which succeeds whatever becomes of each mapping.
func (v *hostVsan) disks(ctx *simulator.Context, name string, mappings []types.VsanHostDiskMapping, f func(*sim, types.VsanHostDiskMapping) types.BaseMethodFault) ref {
	s := simOf(ctx)
	return task(ctx, v.host, name, func() (types.AnyType, types.BaseMethodFault) {
		s.mu.Lock()
		defer s.mu.Unlock()
		var out types.ArrayOfVsanHostDiskMapResult
		for _, m := range mappings {
			result := types.VsanHostDiskMapResult{Mapping: m}
			if bad := f(s, m); bad != nil {
				result.Error = &types.LocalizedMethodFault{Fault: bad, LocalizedMessage: messageOf(bad)}
			}
			out.VsanHostDiskMapResult = append(out.VsanHostDiskMapResult, result)
		}
		return out, nil
	})
}

// group is the disk group with a cache disk.
func (v *hostVsan) group(cache string) int {
	return slices.IndexFunc(v.Config.StorageInfo.DiskMapping, func(m types.VsanHostDiskMapping) bool { return m.Ssd.CanonicalName == cache })
}

func (v *hostVsan) InitializeDisksTask(ctx *simulator.Context, req *types.InitializeDisks_Task) soap.HasFault {
	id := v.disks(ctx, "initializeDisks", req.Mapping, func(s *sim, m types.VsanHostDiskMapping) types.BaseMethodFault {
		i := v.group(m.Ssd.CanonicalName)
		var taken []*scsiDisk
		names := []string{}
		if i < 0 {
			names = append(names, m.Ssd.CanonicalName)
		}
		for _, d := range m.NonSsd {
			names = append(names, d.CanonicalName)
		}
		for _, name := range names {
			d, bad := v.claim(s, name)
			if bad != nil {
				return bad
			}
			taken = append(taken, d)
		}
		if len(m.NonSsd) == 0 {
			return &types.VsanIncompatibleDiskMapping{}
		}
		for _, d := range taken {
			d.partitions = []types.HostDiskPartitionAttributes{partition(1, firstSector, firstSector+8191, "vsan"), partition(2, firstSector+8192, d.sectors()-tableSectors, "virsto")}
		}
		if i < 0 {
			v.Config.StorageInfo.DiskMapping = append(v.Config.StorageInfo.DiskMapping, m)
			return nil
		}
		g := &v.Config.StorageInfo.DiskMapping[i]
		g.NonSsd = append(slices.Clone(g.NonSsd), m.NonSsd...)
		return nil
	})
	return &methods.InitializeDisks_TaskBody{Res: &types.InitializeDisks_TaskResponse{Returnval: id}}
}

// leave empties disks that leave vSAN. s.mu is held.
func (v *hostVsan) leave(s *sim, names ...string) {
	for _, name := range names {
		if d := findDisk(s.disksOf(v.host.Self), func(d *scsiDisk) bool { return d.name == name }); d != nil {
			d.partitions = nil
		}
	}
}

func (v *hostVsan) RemoveDiskMappingTask(ctx *simulator.Context, req *types.RemoveDiskMapping_Task) soap.HasFault {
	id := v.disks(ctx, "removeDiskMapping", req.Mapping, func(s *sim, m types.VsanHostDiskMapping) types.BaseMethodFault {
		i := v.group(m.Ssd.CanonicalName)
		if i < 0 {
			return &types.VsanDiskFault{Device: m.Ssd.CanonicalName}
		}
		g := v.Config.StorageInfo.DiskMapping[i]
		v.leave(s, g.Ssd.CanonicalName)
		for _, d := range g.NonSsd {
			v.leave(s, d.CanonicalName)
		}
		v.Config.StorageInfo.DiskMapping = slices.Delete(slices.Clone(v.Config.StorageInfo.DiskMapping), i, i+1)
		return nil
	})
	return &methods.RemoveDiskMapping_TaskBody{Res: &types.RemoveDiskMapping_TaskResponse{Returnval: id}}
}

func (v *hostVsan) RemoveDiskTask(ctx *simulator.Context, req *types.RemoveDisk_Task) soap.HasFault {
	single := types.VsanHostDiskMapping{NonSsd: req.Disk}
	id := v.disks(ctx, "removeDisk", []types.VsanHostDiskMapping{single}, func(s *sim, m types.VsanHostDiskMapping) types.BaseMethodFault {
		for _, d := range m.NonSsd {
			same := func(o types.HostScsiDisk) bool { return o.CanonicalName == d.CanonicalName }
			i := slices.IndexFunc(v.Config.StorageInfo.DiskMapping, func(g types.VsanHostDiskMapping) bool { return slices.ContainsFunc(g.NonSsd, same) })
			if i < 0 {
				return &types.VsanDiskFault{Device: d.CanonicalName}
			}
			g := &v.Config.StorageInfo.DiskMapping[i]
			if len(g.NonSsd) == 1 {
				return &types.DiskIsLastRemainingNonSSD{VsanDiskFault: types.VsanDiskFault{Device: d.CanonicalName}}
			}
			g.NonSsd = slices.DeleteFunc(slices.Clone(g.NonSsd), same)
			v.leave(s, d.CanonicalName)
		}
		return nil
	})
	return &methods.RemoveDisk_TaskBody{Res: &types.RemoveDisk_TaskResponse{Returnval: id}}
}
