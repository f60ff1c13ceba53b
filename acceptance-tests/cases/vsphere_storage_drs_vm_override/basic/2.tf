data "vsphere_virtual_machine" "vm" {
  count = 2
  name  = "/DC0/vm/DC0_C0_RP0_VM${count.index}"
}

resource "vsphere_datastore_cluster" "p" {
  name          = "ssd"
  datacenter_id = "{{moid /DC0}}"
}

resource "vsphere_storage_drs_vm_override" "o" {
  datastore_cluster_id  = vsphere_datastore_cluster.p.id
  virtual_machine_id    = data.vsphere_virtual_machine.vm[0].id
  sdrs_automation_level = "automated"
}

resource "vsphere_storage_drs_vm_override" "moid" {
  datastore_cluster_id   = vsphere_datastore_cluster.p.id
  virtual_machine_id     = data.vsphere_virtual_machine.vm[1].moid
  sdrs_automation_level  = "manual"
  sdrs_intra_vm_affinity = "1"
}
