package main

import (
	"testing"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

func TestSnapshotsOfADump(t *testing.T) {
	w := newWorld(t)
	vm := w.sim.reg.Get(w.vm().Reference()).(*simulator.VirtualMachine)
	snapshot := func(id string) ref { return ref{Type: "VirtualMachineSnapshot", Value: id} }
	tree := func(id string, below ...types.VirtualMachineSnapshotTree) types.VirtualMachineSnapshotTree {
		return types.VirtualMachineSnapshotTree{Snapshot: snapshot(id), Vm: vm.Self, ChildSnapshotList: below}
	}
	vm.Snapshot = &types.VirtualMachineSnapshotInfo{
		RootSnapshotList: []types.VirtualMachineSnapshotTree{tree("snapshot-1", tree("snapshot-2"))},
	}
	addSnapshots(w.sim.reg)
	addSnapshots(w.sim.reg) // those that are there stay
	first := w.sim.reg.Get(snapshot("snapshot-1")).(*simulator.VirtualMachineSnapshot)
	equal(w, first.Vm, vm.Self)
	equal(w, first.ChildSnapshot[0], snapshot("snapshot-2"))
	equal(w, w.sim.reg.Get(snapshot("snapshot-2")) != nil, true)
	equal(w, vm.RootSnapshot[0], snapshot("snapshot-1"))
}
