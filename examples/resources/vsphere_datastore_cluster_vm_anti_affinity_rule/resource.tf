data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_datastore_cluster" "ssd" {
  name          = "ssd"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_virtual_machine" "web" {
  for_each      = toset(["web-1", "web-2"])
  name          = each.key
  datacenter_id = data.vsphere_datacenter.dc1.id
}

# A datastore failure affects at most one of the virtual machines. The rule is created only if there are at least 2.
resource "vsphere_datastore_cluster_vm_anti_affinity_rule" "web" {
  count                = length(data.vsphere_virtual_machine.web) > 1 ? 1 : 0
  name                 = "web-apart"
  datastore_cluster_id = data.vsphere_datastore_cluster.ssd.id
  virtual_machine_ids  = [for vm in data.vsphere_virtual_machine.web : vm.id]
}
