data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_datastore_cluster" "ssd" {
  name          = "ssd"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_virtual_machine" "web_1" {
  name          = "web-1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

# Storage DRS does not move the disks of this virtual machine.
resource "vsphere_storage_drs_vm_override" "web_1" {
  datastore_cluster_id = data.vsphere_datastore_cluster.ssd.id
  virtual_machine_id   = data.vsphere_virtual_machine.web_1.id
  sdrs_enabled         = false
}
