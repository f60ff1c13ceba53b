package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/vmware/govmomi/simulator"
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
	return model.Load(copied)
}
