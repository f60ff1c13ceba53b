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

resource "vsphere_compute_cluster_vm_group" "database" {
  name                = "database"
  compute_cluster_id  = data.vsphere_compute_cluster.c1.id
  virtual_machine_ids = [data.vsphere_virtual_machine.web["web-1"].id]
}

resource "vsphere_compute_cluster_vm_group" "web" {
  name                = "web"
  compute_cluster_id  = data.vsphere_compute_cluster.c1.id
  virtual_machine_ids = [data.vsphere_virtual_machine.web["web-2"].id]
}

# After a host failure, restart the database before the virtual machines that depend on it.
resource "vsphere_compute_cluster_vm_dependency_rule" "web" {
  name                     = "database-first"
  compute_cluster_id       = data.vsphere_compute_cluster.c1.id
  dependency_vm_group_name = vsphere_compute_cluster_vm_group.database.name
  vm_group_name            = vsphere_compute_cluster_vm_group.web.name
}
