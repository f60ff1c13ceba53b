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

# Exclude the virtual machine from DRS.
resource "vsphere_drs_vm_override" "web_1" {
  compute_cluster_id = data.vsphere_compute_cluster.c1.id
  virtual_machine_id = data.vsphere_virtual_machine.web_1.id
  drs_enabled        = false
}
