# setup: folder.create -pod /DC0/datastore/ssd
# A rule about one virtual machine, and a rule of a datastore cluster that does not exist.
resource "vsphere_datastore_cluster_vm_anti_affinity_rule" "one" {
  datastore_cluster_id = "{{moid /DC0/datastore/ssd}}"
  name                 = "apart"
  virtual_machine_ids  = ["{{moid /DC0/vm/DC0_C0_RP0_VM0}}"]
}
resource "vsphere_datastore_cluster_vm_anti_affinity_rule" "absent" {
  datastore_cluster_id = "group-p999"
  name                 = "apart"
  virtual_machine_ids  = ["{{moid /DC0/vm/DC0_C0_RP0_VM0}}", "{{moid /DC0/vm/DC0_C0_RP0_VM1}}"]
}
