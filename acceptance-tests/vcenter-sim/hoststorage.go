package main

import (
	"fmt"
	"os"
	"slices"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/simulator/esx"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

const (
	sector      = 512
	firstSector = 2048
	gib         = int64(1) << 30
	// What a partition table at the end of a disk needs.
	tableSectors = 34
)

// scsiDisk is a SCSI disk, with what is on it. All hosts of a datacenter have a shared one.
type scsiDisk struct {
	name       string
	size       int64
	grown      int64 // the size after an enlargement of the LUN, which a host sees when it scans for disks
	local      bool
	boot       bool   // has the system of the host
	late       bool   // a host only finds it when it scans for disks
	volume     string // label of a copy of a VMFS volume that is not mounted
	partitions []types.HostDiskPartitionAttributes
	datastore  *ref
}

func (d *scsiDisk) path() string { return "/vmfs/devices/disks/" + d.name }

func (d *scsiDisk) uuid() string {
	id := uuid.NewSHA1(uuid.NameSpaceURL, []byte(d.name))
	return fmt.Sprintf("%x", id[:])
}

func (d *scsiDisk) sectors() int64 { return d.size / sector }

func partition(number int32, start, end int64, typ string) types.HostDiskPartitionAttributes {
	return types.HostDiskPartitionAttributes{Partition: number, StartSector: start, EndSector: end, Type: typ}
}

// newDisks are the disks of a host: the local ones (one with the system, an empty one, and one with the file systems of other
// operating systems), and those of a storage array: four empty ones, of which a host finds the last one when it scans for
// disks, and sees that the third one has become larger, and one with a copy of a VMFS volume.
func newDisks(shared bool) []*scsiDisk {
	naa := func(n int) string { return fmt.Sprintf("naa.600508b1001c%020d", n) }
	if shared {
		return []*scsiDisk{
			{name: naa(1), size: 100 * gib},
			{name: naa(2), size: 200 * gib},
			{name: naa(3), size: 300 * gib, grown: 360 * gib},
			{name: naa(4), size: 400 * gib, late: true},
			{name: naa(5), size: 500 * gib, volume: "old-datastore", partitions: []types.HostDiskPartitionAttributes{
				partition(1, firstSector, 500*gib/sector-tableSectors, "vmfs"),
			}},
		}
	}
	return []*scsiDisk{
		{name: "mpx.vmhba0:C0:T0:L0", size: 32 * gib, local: true, boot: true, partitions: []types.HostDiskPartitionAttributes{
			partition(1, 64, 204863, "systemPartition"), partition(5, 208896, 8595455, "linuxNative"),
			partition(7, 8597504, 32*gib/sector-tableSectors, "vmfsl"),
		}},
		{name: "mpx.vmhba0:C0:T1:L0", size: 64 * gib, local: true},
		{name: "mpx.vmhba0:C0:T2:L0", size: 64 * gib, local: true, partitions: []types.HostDiskPartitionAttributes{
			partition(1, firstSector, 41945087, "ntfs"), partition(2, 41945088, 83888127, "linuxNative"),
		}},
	}
}

func (d *scsiDisk) lun() *types.HostScsiDisk {
	prefix := "02"
	if d.local {
		prefix = "00"
	}
	id := prefix + d.uuid()[2:]
	return &types.HostScsiDisk{
		ScsiLun: types.ScsiLun{
			HostDevice: types.HostDevice{DeviceName: d.path(), DeviceType: "disk"},
			Key:        "key-vim.host.ScsiDisk-" + id, Uuid: id,
			CanonicalName: d.name, DisplayName: "VMware Disk (" + d.name + ")", LunType: "disk",
			Vendor: "VMware", Model: "Virtual disk", Revision: "2.0", OperationalState: []string{"ok"},
			VStorageSupport: "vStorageUnsupported",
		},
		Capacity:   types.HostDiskDimensionsLba{BlockSize: sector, Block: d.sectors()},
		DevicePath: d.path(), Ssd: bp(true), LocalDisk: bp(d.local), ScsiDiskType: "native512",
	}
}

// disksOf are the disks that a host has found.
func (s *sim) disksOf(host ref) []*scsiDisk { return s.hostDisks[host] }

func findDisk(disks []*scsiDisk, fits func(*scsiDisk) bool) *scsiDisk {
	if i := slices.IndexFunc(disks, fits); i >= 0 {
		return disks[i]
	}
	return nil
}

// completeStorage gives a host its disks; the simulator's hosts share one description of theirs.
func (s *sim) completeStorage(ctx *simulator.Context, h *simulator.HostSystem) {
	if s.load != "" || h.ConfigManager.StorageSystem == nil || h.Config == nil {
		return
	}
	dc := datacenterOf(ctx, h.Self)
	if s.sharedDisks[dc] == nil {
		s.sharedDisks[dc] = newDisks(true)
	}
	found := append(newDisks(false), vsanDisks(h.Name)...)
	for _, d := range s.sharedDisks[dc] {
		if !d.late {
			found = append(found, d)
		}
	}
	s.hostDisks[h.Self] = found
	s.storeDisks(ctx, h)
}

// storeDisks writes the disks of a host into its properties.
func (s *sim) storeDisks(ctx *simulator.Context, h *simulator.HostSystem) {
	system, ok := ctx.Map.Get(*h.ConfigManager.StorageSystem).(*simulator.HostStorageSystem)
	if !ok {
		return
	}
	info := esx.HostStorageDeviceInfo
	if old := system.StorageDeviceInfo; old != nil {
		info.HostBusAdapter = old.HostBusAdapter
	}
	info.ScsiLun = []types.BaseScsiLun{esx.HostStorageDeviceInfo.ScsiLun[0]} // a CD-ROM drive
	for _, d := range s.disksOf(h.Self) {
		info.ScsiLun = append(info.ScsiLun, d.lun())
	}
	system.StorageDeviceInfo, h.Config.StorageDevice = &info, &info
}

// HostStorageSystem: the disks of a host and their partitions.
type xStorage struct {
	*simulator.HostStorageSystem
	host *simulator.HostSystem
}

// RescanAllHba finds the disks that the host does not have yet. The simulator's own exchanges the host's adapters.
func (x *xStorage) RescanAllHba(ctx *simulator.Context, _ *types.RescanAllHba) soap.HasFault {
	s := simOf(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.sharedDisks[datacenterOf(ctx, x.host.Self)] {
		if !slices.Contains(s.hostDisks[x.host.Self], d) {
			s.hostDisks[x.host.Self] = append(s.hostDisks[x.host.Self], d)
		}
		d.size = max(d.size, d.grown)
	}
	s.storeDisks(ctx, x.host)
	return &methods.RescanAllHbaBody{Res: &types.RescanAllHbaResponse{}}
}

func (x *xStorage) RetrieveDiskPartitionInfo(ctx *simulator.Context, req *types.RetrieveDiskPartitionInfo) soap.HasFault {
	s := simOf(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	res := &types.RetrieveDiskPartitionInfoResponse{}
	for _, p := range req.DevicePath {
		d := findDisk(s.disksOf(x.host.Self), func(d *scsiDisk) bool { return d.path() == p })
		if d == nil {
			return &methods.RetrieveDiskPartitionInfoBody{Fault_: fault(&types.NotFound{})}
		}
		res.Returnval = append(res.Returnval, types.HostDiskPartitionInfo{
			DeviceName: d.path(),
			Spec:       types.HostDiskPartitionSpec{PartitionFormat: "gpt", TotalSectors: d.sectors(), Partition: d.partitions},
			Layout:     d.layout(d.partitions),
		})
	}
	return &methods.RetrieveDiskPartitionInfoBody{Res: res}
}

func lba(block int64) types.HostDiskDimensionsLba {
	return types.HostDiskDimensionsLba{BlockSize: sector, Block: block}
}

func (d *scsiDisk) layout(partitions []types.HostDiskPartitionAttributes) types.HostDiskPartitionLayout {
	total := lba(d.sectors())
	out := types.HostDiskPartitionLayout{Total: &total}
	for _, p := range partitions {
		out.Partition = append(out.Partition, types.HostDiskPartitionBlockRange{
			Partition: p.Partition, Type: p.Type, Start: lba(p.StartSector), End: lba(p.EndSector),
		})
	}
	return out
}

// whole is the partition that a datastore on the whole disk has.
func (d *scsiDisk) whole() types.HostDiskPartitionSpec {
	return types.HostDiskPartitionSpec{
		PartitionFormat: "gpt", TotalSectors: d.sectors(),
		Partition: []types.HostDiskPartitionAttributes{partition(1, firstSector, d.sectors()-tableSectors, "vmfs")},
	}
}

func (d *scsiDisk) single(spec types.HostDiskPartitionSpec) types.VmfsDatastoreSingleExtentOption {
	layout := d.layout(spec.Partition)
	return types.VmfsDatastoreSingleExtentOption{
		VmfsDatastoreBaseOption: types.VmfsDatastoreBaseOption{Layout: layout, PartitionFormatChange: bp(false)},
		VmfsExtent:              layout.Partition[len(layout.Partition)-1],
	}
}

// options are what a disk can be used for: all of it, and the free space behind its partitions.
func (d *scsiDisk) options(make func(types.HostDiskPartitionSpec) types.BaseVmfsDatastoreSpec) []types.VmfsDatastoreOption {
	var out []types.VmfsDatastoreOption
	whole := d.whole()
	if n := len(d.partitions); n > 0 && d.partitions[n-1].EndSector+firstSector < whole.Partition[0].EndSector {
		last := d.partitions[n-1]
		rest := whole
		rest.Partition = append(slices.Clone(d.partitions), partition(last.Partition+1, last.EndSector+1, whole.Partition[0].EndSector, "vmfs"))
		info := d.single(rest)
		out = append(out, types.VmfsDatastoreOption{Info: &info, Spec: make(rest)})
	}
	all := types.VmfsDatastoreAllExtentOption{VmfsDatastoreSingleExtentOption: d.single(whole)}
	return append(out, types.VmfsDatastoreOption{Info: &all, Spec: make(whole)})
}

func extentOf(d *scsiDisk, spec types.HostDiskPartitionSpec) types.HostScsiDiskPartition {
	return types.HostScsiDiskPartition{DiskName: d.name, Partition: spec.Partition[len(spec.Partition)-1].Partition}
}

// free is a disk of the host that no datastore has.
func (x *xDS) free(s *sim, fits func(*scsiDisk) bool) (*scsiDisk, types.BaseMethodFault) {
	d := findDisk(s.disksOf(x.host.Self), fits)
	if d == nil {
		return nil, &types.NotFound{}
	}
	if d.boot || d.datastore != nil {
		return nil, &types.HostConfigFault{}
	}
	return d, nil
}

func (x *xDS) QueryAvailableDisksForVmfs(ctx *simulator.Context, _ *types.QueryAvailableDisksForVmfs) soap.HasFault {
	s := simOf(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	res := &types.QueryAvailableDisksForVmfsResponse{}
	for _, d := range s.disksOf(x.host.Self) {
		if !d.boot && d.datastore == nil {
			res.Returnval = append(res.Returnval, *d.lun())
		}
	}
	return &methods.QueryAvailableDisksForVmfsBody{Res: res}
}

func (x *xDS) QueryVmfsDatastoreCreateOptions(ctx *simulator.Context, req *types.QueryVmfsDatastoreCreateOptions) soap.HasFault {
	s := simOf(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	b := &methods.QueryVmfsDatastoreCreateOptionsBody{}
	d, bad := x.free(s, func(d *scsiDisk) bool { return d.path() == req.DevicePath })
	if bad != nil {
		b.Fault_ = fault(bad)
		return b
	}
	major := req.VmfsMajorVersion
	if major == 0 {
		major = 6
	}
	b.Res = &types.QueryVmfsDatastoreCreateOptionsResponse{Returnval: d.options(func(p types.HostDiskPartitionSpec) types.BaseVmfsDatastoreSpec {
		return &types.VmfsDatastoreCreateSpec{
			VmfsDatastoreSpec: types.VmfsDatastoreSpec{DiskUuid: d.lun().Uuid},
			Partition:         p,
			Vmfs:              types.HostVmfsSpec{Extent: extentOf(d, p), BlockSizeMb: 1, MajorVersion: major},
		}
	})}
	return b
}

// vmfsOf is a VMFS datastore that the host has mounted, with its volume.
func (x *xDS) vmfsOf(ctx *simulator.Context, r ref) (*simulator.Datastore, *types.HostVmfsVolume) {
	ds, ok := ctx.Map.Get(r).(*simulator.Datastore)
	if !ok || !mountedOn(ds, x.host.Self) {
		return nil, nil
	}
	info, ok := ds.Info.(*types.VmfsDatastoreInfo)
	if !ok {
		return nil, nil
	}
	return ds, info.Vmfs
}

func (x *xDS) QueryVmfsDatastoreExtendOptions(ctx *simulator.Context, req *types.QueryVmfsDatastoreExtendOptions) soap.HasFault {
	s := simOf(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	b := &methods.QueryVmfsDatastoreExtendOptionsBody{}
	if ds, _ := x.vmfsOf(ctx, req.Datastore); ds == nil {
		b.Fault_ = fault(&types.NotFound{})
		return b
	}
	d, bad := x.free(s, func(d *scsiDisk) bool { return d.path() == req.DevicePath })
	if bad != nil {
		b.Fault_ = fault(bad)
		return b
	}
	b.Res = &types.QueryVmfsDatastoreExtendOptionsResponse{Returnval: d.options(func(p types.HostDiskPartitionSpec) types.BaseVmfsDatastoreSpec {
		return &types.VmfsDatastoreExtendSpec{
			VmfsDatastoreSpec: types.VmfsDatastoreSpec{DiskUuid: d.lun().Uuid},
			Partition:         p, Extent: []types.HostScsiDiskPartition{extentOf(d, p)},
		}
	})}
	return b
}

// CreateVmfsDatastore formats a partition, and mounts the datastore on all hosts that have the disk: vCenter lets the other
// hosts scan for it.
func (x *xDS) CreateVmfsDatastore(ctx *simulator.Context, req *types.CreateVmfsDatastore) soap.HasFault {
	s := simOf(ctx)
	b := &methods.CreateVmfsDatastoreBody{}
	name := req.Spec.Vmfs.VolumeName
	for _, e := range ctx.Map.All("Datastore") {
		if ds := e.(*simulator.Datastore); ds.Name == storedName(name) && datacenterOf(ctx, ds.Self) == datacenterOf(ctx, x.host.Self) {
			b.Fault_ = fault(&types.DuplicateName{Name: name, Object: ds.Self})
			return b
		}
	}
	s.mu.Lock()
	d, bad := x.free(s, func(d *scsiDisk) bool { return d.name == req.Spec.Vmfs.Extent.DiskName })
	s.mu.Unlock()
	if bad == nil && (name == "" || len(req.Spec.Partition.Partition) == 0) {
		bad = &types.InvalidArgument{InvalidProperty: "spec"}
	}
	if bad != nil {
		b.Fault_ = fault(bad)
		return b
	}
	dir, _ := os.MkdirTemp("", "vmfs")
	r := x.CreateLocalDatastore(ctx, &types.CreateLocalDatastore{This: req.This, Name: name, Path: dir})
	made, ok := r.(*methods.CreateLocalDatastoreBody)
	if !ok || made.Res == nil {
		b.Fault_ = r.Fault()
		return b
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	ds := ctx.Map.Get(made.Res.Returnval).(*simulator.Datastore)
	toRoot(ctx, ds)
	d.take(ds.Self, req.Spec.Partition)
	ds.Summary.Type = "VMFS"
	ds.Summary.Uncommitted = 0
	ds.Info = &types.VmfsDatastoreInfo{DatastoreInfo: *ds.Info.GetDatastoreInfo(), Vmfs: &types.HostVmfsVolume{
		HostFileSystemVolume: types.HostFileSystemVolume{Type: "VMFS", Name: name},
		BlockSizeMb:          1, BlockSize: 1024, MajorVersion: req.Spec.Vmfs.MajorVersion, Version: fmt.Sprint(req.Spec.Vmfs.MajorVersion, ".82"),
		Uuid: randomID(), Local: bp(d.local), Ssd: bp(true),
	}}
	grow(s, ds, x.host.Self, req.Spec.Vmfs.Extent)
	for host, disks := range s.hostDisks {
		if host == x.host.Self || !slices.Contains(disks, d) {
			continue
		}
		if h, ok := ctx.Map.Get(host).(*simulator.HostSystem); ok {
			h.Datastore = append(h.Datastore, ds.Self)
			ds.Host = append(ds.Host, types.DatastoreHostMount{Key: host})
			mounted(ds, string(types.HostMountModeReadWrite))
		}
	}
	ds.Summary.MultipleHostAccess = bp(len(ds.Host) > 1)
	b.Res = &types.CreateVmfsDatastoreResponse{Returnval: ds.Self}
	return b
}

func (d *scsiDisk) take(ds ref, spec types.HostDiskPartitionSpec) {
	d.datastore, d.partitions, d.volume = &ds, spec.Partition, ""
}

// grow adds an extent to a datastore, and gives it the size of all its extents.
func grow(s *sim, ds *simulator.Datastore, host ref, extents ...types.HostScsiDiskPartition) {
	volume := ds.Info.(*types.VmfsDatastoreInfo).Vmfs
	volume.Extent = append(volume.Extent, extents...)
	used := ds.Summary.Capacity - ds.Summary.FreeSpace
	volume.Capacity = 0
	for _, e := range volume.Extent {
		d := findDisk(s.disksOf(host), func(d *scsiDisk) bool { return d.name == e.DiskName })
		if d == nil {
			continue
		}
		for _, p := range d.partitions {
			if p.Partition == e.Partition {
				volume.Capacity += (p.EndSector - p.StartSector + 1) * sector
			}
		}
	}
	ds.Summary.Capacity, ds.Summary.FreeSpace = volume.Capacity, volume.Capacity-used
	ds.Info.GetDatastoreInfo().FreeSpace = ds.Summary.FreeSpace
}

func (x *xDS) ExtendVmfsDatastore(ctx *simulator.Context, req *types.ExtendVmfsDatastore) soap.HasFault {
	s := simOf(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	b := &methods.ExtendVmfsDatastoreBody{}
	ds, _ := x.vmfsOf(ctx, req.Datastore)
	if ds == nil || len(req.Spec.Extent) == 0 {
		b.Fault_ = fault(&types.NotFound{})
		return b
	}
	d, bad := x.free(s, func(d *scsiDisk) bool { return d.name == req.Spec.Extent[0].DiskName })
	if bad != nil {
		b.Fault_ = fault(bad)
		return b
	}
	d.take(ds.Self, req.Spec.Partition)
	grow(s, ds, x.host.Self, req.Spec.Extent...)
	b.Res = &types.ExtendVmfsDatastoreResponse{Returnval: ds.Self}
	return b
}

// growing are the extents of a datastore whose disks have become larger than their partition, with the larger one.
func (x *xDS) growing(s *sim, volume *types.HostVmfsVolume, visit func(*scsiDisk, types.HostScsiDiskPartition, types.HostDiskPartitionSpec)) {
	for _, e := range volume.Extent {
		d := findDisk(s.disksOf(x.host.Self), func(d *scsiDisk) bool { return d.name == e.DiskName })
		if d == nil || len(d.partitions) == 0 {
			continue
		}
		spec := d.whole()
		last := len(d.partitions) - 1
		end := spec.Partition[0].EndSector
		if d.partitions[last].Partition != e.Partition || d.partitions[last].EndSector >= end {
			continue
		}
		spec.Partition = slices.Clone(d.partitions)
		spec.Partition[last].EndSector = end
		visit(d, e, spec)
	}
}

func (x *xDS) QueryVmfsDatastoreExpandOptions(ctx *simulator.Context, req *types.QueryVmfsDatastoreExpandOptions) soap.HasFault {
	s := simOf(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	ds, volume := x.vmfsOf(ctx, req.Datastore)
	if ds == nil {
		return &methods.QueryVmfsDatastoreExpandOptionsBody{Fault_: fault(&types.NotFound{})}
	}
	res := &types.QueryVmfsDatastoreExpandOptionsResponse{}
	x.growing(s, volume, func(d *scsiDisk, e types.HostScsiDiskPartition, spec types.HostDiskPartitionSpec) {
		info := d.single(spec)
		res.Returnval = append(res.Returnval, types.VmfsDatastoreOption{Info: &info, Spec: &types.VmfsDatastoreExpandSpec{
			VmfsDatastoreSpec: types.VmfsDatastoreSpec{DiskUuid: d.lun().Uuid}, Partition: spec, Extent: e,
		}})
	})
	return &methods.QueryVmfsDatastoreExpandOptionsBody{Res: res}
}

func (x *xDS) ExpandVmfsDatastore(ctx *simulator.Context, req *types.ExpandVmfsDatastore) soap.HasFault {
	s := simOf(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	ds, volume := x.vmfsOf(ctx, req.Datastore)
	if ds == nil {
		return &methods.ExpandVmfsDatastoreBody{Fault_: fault(&types.NotFound{})}
	}
	done := false
	x.growing(s, volume, func(d *scsiDisk, e types.HostScsiDiskPartition, _ types.HostDiskPartitionSpec) {
		if e == req.Spec.Extent {
			d.partitions, done = req.Spec.Partition.Partition, true
		}
	})
	if !done {
		return &methods.ExpandVmfsDatastoreBody{Fault_: fault(&types.HostConfigFault{})}
	}
	grow(s, ds, x.host.Self)
	return &methods.ExpandVmfsDatastoreBody{Res: &types.ExpandVmfsDatastoreResponse{Returnval: ds.Self}}
}

func (x *xDS) QueryUnresolvedVmfsVolumes(ctx *simulator.Context, _ *types.QueryUnresolvedVmfsVolumes) soap.HasFault {
	s := simOf(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	res := &types.QueryUnresolvedVmfsVolumesResponse{}
	for _, d := range s.disksOf(x.host.Self) {
		if d.volume == "" {
			continue
		}
		res.Returnval = append(res.Returnval, types.HostUnresolvedVmfsVolume{
			VmfsLabel: d.volume, VmfsUuid: d.uuid(), ResolveStatus: types.HostUnresolvedVmfsVolumeResolveStatus{Resolvable: true},
			Extent: []types.HostUnresolvedVmfsExtent{{
				Device: types.HostScsiDiskPartition{DiskName: d.name, Partition: 1}, DevicePath: d.path(), VmfsUuid: d.uuid(),
				IsHeadExtent: true, Reason: string(types.HostUnresolvedVmfsExtentUnresolvedReasonDiskIdMismatch),
			}},
		})
	}
	return &methods.QueryUnresolvedVmfsVolumesBody{Res: res}
}

// removeVmfs deletes a VMFS datastore from all hosts, and its partitions.
func (x *xDS) removeVmfs(ctx *simulator.Context, ds *simulator.Datastore) types.BaseMethodFault {
	if len(ds.Vm) > 0 {
		return &types.ResourceInUse{Type: ds.Self.Type, Name: ds.Name}
	}
	for _, m := range ds.Host {
		if h, ok := ctx.Map.Get(m.Key).(*simulator.HostSystem); ok {
			simulator.RemoveReference(&h.Datastore, ds.Self)
		}
	}
	s := simOf(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range ds.Host {
		for _, d := range s.disksOf(m.Key) {
			if d.datastore != nil && *d.datastore == ds.Self {
				d.datastore, d.partitions = nil, nil
			}
		}
	}
	ds.Host = nil
	return nil
}
