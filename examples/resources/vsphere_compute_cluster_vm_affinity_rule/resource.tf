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

# Keep virtual machines that communicate frequently with each other on one host.
resource "vsphere_compute_cluster_vm_affinity_rule" "web" {
  name                = "web-together"
  compute_cluster_id  = data.vsphere_compute_cluster.c1.id
  virtual_machine_ids = [for vm in data.vsphere_virtual_machine.web : vm.id]
}
