data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_compute_cluster" "c1" {
  name          = "c1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_virtual_machine" "web_1" {
  name          = "web-1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

# Without `virtual_machine_ids`, so that several configurations can add members.
resource "vsphere_compute_cluster_vm_group" "licensed" {
  name               = "licensed"
  compute_cluster_id = data.vsphere_compute_cluster.c1.id
}

resource "vsphere_compute_cluster_vm_group_member" "web_1" {
  compute_cluster_id = data.vsphere_compute_cluster.c1.id
  vm_group_name      = vsphere_compute_cluster_vm_group.licensed.name
  virtual_machine_id = data.vsphere_virtual_machine.web_1.id
}
