package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// load makes the inventory of a dump of a vCenter, as `govc object.save` writes it. The simulator knows distributed
// switches under another name and leaves out those that it does not know.
func load(model *simulator.Model, dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.xml"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("there is no dump of a vCenter in %s", dir)
	}
	copied, err := os.MkdirTemp("", "vcenter-sim-dump")
	if err != nil {
		return err
	}
	defer os.RemoveAll(copied)
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		return err
	}
	for _, file := range files {
		name := filepath.Base(file)
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		text = bytes.ReplaceAll(text, []byte("VmwareDistributedVirtualSwitch"), []byte("DistributedVirtualSwitch"))
		to := strings.Replace(name, "VmwareDistributedVirtualSwitch", "DistributedVirtualSwitch", 1)
		if to != name {
			if err := os.Remove(filepath.Join(copied, name)); err != nil {
				return err
			}
		}
		if err := os.WriteFile(filepath.Join(copied, to), text, 0o600); err != nil {
			return err
		}
	}
	if err := model.Load(copied); err != nil {
		return err
	}
	addSnapshots(model.Map())
	return nil
}

// addSnapshots makes the snapshots that virtual machines list: a dump has them in the machines alone.
func addSnapshots(reg *simulator.Registry) {
	for _, e := range reg.All("VirtualMachine") {
		vm, ok := e.(*simulator.VirtualMachine)
		if !ok || vm.Snapshot == nil {
			continue
		}
		var add func([]types.VirtualMachineSnapshotTree) []ref
		add = func(trees []types.VirtualMachineSnapshotTree) []ref {
			var refs []ref
			for _, tree := range trees {
				refs = append(refs, tree.Snapshot)
				below := add(tree.ChildSnapshotList)
				if reg.Get(tree.Snapshot) != nil {
					continue
				}
				s := &simulator.VirtualMachineSnapshot{}
				s.Self, s.Vm, s.ChildSnapshot = tree.Snapshot, vm.Self, below
				if vm.Config != nil {
					s.Config = *vm.Config
				}
				reg.Put(s)
			}
			return refs
		}
		vm.RootSnapshot = add(vm.Snapshot.RootSnapshotList)
	}
}
