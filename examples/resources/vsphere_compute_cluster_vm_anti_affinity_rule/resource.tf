data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_compute_cluster" "c1" {
  name          = "c1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_virtual_machine" "web" {
  for_each      = toset(["web-1", "web-2"])
  name          = each.key
  datacenter_id = data.vsphere_datacenter.dc1.id
}

# A host failure affects at most one of the web servers. The rule is omitted if there is only one.
resource "vsphere_compute_cluster_vm_anti_affinity_rule" "web" {
  count               = length(data.vsphere_virtual_machine.web) > 1 ? 1 : 0
  name                = "web-apart"
  mandatory           = true
  compute_cluster_id  = data.vsphere_compute_cluster.c1.id
  virtual_machine_ids = [for vm in data.vsphere_virtual_machine.web : vm.id]
}
