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

# Restart the virtual machine first after a host failure.
resource "vsphere_ha_vm_override" "web_1" {
  compute_cluster_id         = data.vsphere_compute_cluster.c1.id
  virtual_machine_id         = data.vsphere_virtual_machine.web_1.id
  ha_vm_restart_priority     = "highest"
  ha_host_isolation_response = "powerOff"
}
