package main

import (
	"slices"
	"strconv"
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/types"
)

// morePrivileges are on a vCenter and not among those of the simulator's Admin role.
var morePrivileges = []string{"VirtualMachine.Config.Unlock"}

// privilegesSince says which privileges an older vCenter does not have: a name is a prefix.
// The versions are those of the features the privileges belong to; they are close, not verified one by one.
var privilegesSince = map[string]string{
	"Cns.":                  "6.7.0",
	"Namespaces.":           "7.0.0",
	"SupervisorServices.":   "7.0.0",
	"Trust.":                "7.0.0",
	"Infraprofile.":         "7.0.0",
	"Nsx.":                  "7.0.0",
	"VcLifecycle.":          "7.0.0",
	"VcIdentityProviders.":  "7.0.0",
	"VcIntegrity.lifecycle": "7.0.0",
	"vStats.":               "7.0.0",
	"InventoryService.Tagging.ObjectAttachable": "7.0.0",
	"VirtualMachineClasses.":                    "7.0.0",
	"ComputePolicy.":                            "7.0.0",
	"Host.Config.GuestStore":                    "7.0.2",
	"VirtualMachine.Interact.SuspendToMemory":   "7.0.2",
	"VirtualMachine.DataSets.":                  "8.0.0",
	"Zone.":                                     "8.0.0",
	"VcIntegrity.ClusterConfiguration.":         "8.0.0",
	"Host.Entropy.":                             "8.0.0",
	"Observability.":                            "8.0.0",
	"FoundationLoadBalancers.":                  "9.0.0",
	"VmResourceProfiles.":                       "9.0.0",
	"DirectPathProfileManager.":                 "9.0.0",
	"VcIntegrity.systemVM.":                     "9.0.0",
}

// onParent holds the privileges that are checked on the parent of the object: creating and removing what the parent
// contains.
var onParent = []string{
	"Datacenter.Create", "Datacenter.Delete", "Datacenter.Move", "Folder.Create", "Folder.Delete", "Folder.Move",
	"Host.Inventory.AddStandaloneHost", "Host.Inventory.CreateCluster", "Resource.CreatePool", "Resource.DeletePool",
	"VirtualMachine.Inventory.Create", "VirtualMachine.Inventory.CreateFromExisting", "VirtualMachine.Inventory.Delete",
	"VirtualMachine.Inventory.Register", "VirtualMachine.Inventory.Unregister",
}

// privilegeList is AuthorizationManager.privilegeList for a version; the simulator leaves the property empty.
func privilegeList(roles []types.AuthorizationRole, version string) []types.AuthorizationPrivilege {
	ids := append(slices.Clone(object.AuthorizationRoleList(roles).ByName("Admin").Privilege), morePrivileges...)
	slices.Sort(ids)
	var list []types.AuthorizationPrivilege
	for _, id := range slices.Compact(ids) {
		if !versionAtLeast(version, privilegeSince(id)) {
			continue
		}
		i := strings.LastIndex(id, ".")
		list = append(list, types.AuthorizationPrivilege{
			PrivId: id, PrivGroupName: id[:i], Name: id[i+1:], OnParent: slices.Contains(onParent, id),
		})
	}
	return list
}

func privilegeSince(id string) string {
	for name, version := range privilegesSince {
		if strings.HasPrefix(id, name) {
			return version
		}
	}
	return ""
}

// versionAtLeast compares dotted versions number by number.
func versionAtLeast(have, want string) bool {
	if want == "" {
		return true
	}
	h, w := strings.Split(have, "."), strings.Split(want, ".")
	for i := range w {
		a, b := 0, 0
		if i < len(h) {
			a, _ = strconv.Atoi(h[i])
		}
		b, _ = strconv.Atoi(w[i])
		if a != b {
			return a > b
		}
	}
	return true
}
