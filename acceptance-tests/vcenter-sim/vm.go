package main

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

type xVM struct{ *simulator.VirtualMachine }

func (v *xVM) RenameTask(ctx *simulator.Context, req *types.Rename_Task) soap.HasFault {
	return rename(ctx, v.VirtualMachine, req, func(name string) { v.Config.Name, v.Summary.Config.Name = name, name })
}

// storage vMotion must move config.files and the disk backings
func (v *xVM) RelocateVMTask(ctx *simulator.Context, req *types.RelocateVM_Task) soap.HasFault {
	r := v.VirtualMachine.RelocateVMTask(ctx, req)
	if b, ok := r.(*methods.RelocateVM_TaskBody); ok && b.Res != nil && req.Spec.Datastore != nil {
		t := ctx.Map.Get(b.Res.Returnval).(*simulator.Task)
		t.Wait()
		if ds, ok := ctx.Map.Get(*req.Spec.Datastore).(*simulator.Datastore); ok && t.Info.Error == nil {
			re := regexp.MustCompile(`^\[[^\]]*\]`)
			fix := func(s *string) { *s = re.ReplaceAllString(*s, "["+ds.Name+"]") }
			f := &v.Config.Files
			for _, s := range []*string{&f.VmPathName, &f.SnapshotDirectory, &f.SuspendDirectory, &f.LogDirectory, &v.Summary.Config.VmPathName} {
				fix(s)
			}
			for _, d := range v.Config.Hardware.Device {
				if disk, ok := d.(*types.VirtualDisk); ok {
					if bk, ok := disk.Backing.(types.BaseVirtualDeviceFileBackingInfo); ok {
						i := bk.GetVirtualDeviceFileBackingInfo()
						ref := ds.Self
						i.Datastore = &ref
						fix(&i.FileName)
					}
				}
			}
			v.Datastore = []types.ManagedObjectReference{ds.Self}
		}
	}
	return r
}

// EnvironmentBrowser: hardware version of the VM that owns the browser
type xEnv struct{ *simulator.EnvironmentBrowser }

func (b *xEnv) QueryConfigOption(ctx *simulator.Context, req *types.QueryConfigOption) soap.HasFault {
	r := b.EnvironmentBrowser.QueryConfigOption(req)
	if x, ok := r.(*methods.QueryConfigOptionBody); ok && x.Res != nil && x.Res.Returnval != nil {
		o := *x.Res.Returnval
		ver := o.Version
		for _, e := range ctx.Map.All("VirtualMachine") {
			if vm, ok := e.(*simulator.VirtualMachine); ok && vm.EnvironmentBrowser == b.Self && vm.Config != nil {
				ver = vm.Config.Version
			}
		}
		n, _ := strconv.Atoi(strings.TrimPrefix(ver, "vmx-"))
		o.Version = ver
		o.HardwareOptions.HwVersion = int32(n)
		x.Res.Returnval = &o
	}
	return r
}
