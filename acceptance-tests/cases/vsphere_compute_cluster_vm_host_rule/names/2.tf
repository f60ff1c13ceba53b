data "vsphere_host" "h" {
  count         = 3
  name          = "DC0_C0_H${count.index}"
  datacenter_id = "{{moid /DC0}}"
}

data "vsphere_virtual_machine" "vm" {
  count = 2
  name  = "/DC0/vm/DC0_C0_RP0_VM${count.index}"
}

resource "vsphere_compute_cluster_host_group" "rack1" {
  compute_cluster_id = "{{moid /DC0/host/DC0_C0}}"
  name               = "rack1"
  host_system_ids    = [data.vsphere_host.h[0].id]
}

resource "vsphere_compute_cluster_vm_group" "web" {
  compute_cluster_id  = "{{moid /DC0/host/DC0_C0}}"
  name                = "web"
  virtual_machine_ids = [data.vsphere_virtual_machine.vm[0].id]
}

resource "vsphere_compute_cluster_vm_affinity_rule" "r" {
  compute_cluster_id  = "{{moid /DC0/host/DC0_C0}}"
  name                = "together"
  virtual_machine_ids = [data.vsphere_virtual_machine.vm[0].id, data.vsphere_virtual_machine.vm[1].id]
}

resource "vsphere_compute_cluster_vm_host_rule" "r" {
  compute_cluster_id       = "{{moid /DC0/host/DC0_C0}}"
  name                     = "on"
  vm_group_name            = "rack1"
  affinity_host_group_name = "rak1"
}
