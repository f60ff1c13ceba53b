data "vsphere_virtual_machine" "vm" {
  count = 3
  name  = "/DC0/vm/DC0_C0_RP0_VM${count.index}"
}

resource "vsphere_datastore_cluster" "p" {
  name          = "ssd"
  datacenter_id = "{{moid /DC0}}"
}

resource "vsphere_datastore_cluster_vm_anti_affinity_rule" "r" {
  datastore_cluster_id = vsphere_datastore_cluster.p.id
  name                 = "apart"
  virtual_machine_ids  = [data.vsphere_virtual_machine.vm[0].id, data.vsphere_virtual_machine.vm[1].id]
}

resource "vsphere_datastore_cluster_vm_anti_affinity_rule" "others" {
  count                = 5
  datastore_cluster_id = vsphere_datastore_cluster.p.id
  name                 = "other-${count.index}"
  virtual_machine_ids  = [data.vsphere_virtual_machine.vm[1].id, data.vsphere_virtual_machine.vm[2].id]
}

resource "vsphere_storage_drs_vm_override" "o" {
  datastore_cluster_id = vsphere_datastore_cluster.p.id
  virtual_machine_id   = data.vsphere_virtual_machine.vm[0].id
  sdrs_enabled         = true
}
