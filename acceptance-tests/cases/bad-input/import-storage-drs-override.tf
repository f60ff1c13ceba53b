# setup: folder.create -pod /DC0/datastore/ssd
# A virtual machine without an override.
import {
  to = vsphere_storage_drs_vm_override.o
  id = "{\"datastore_cluster_path\": \"/DC0/datastore/ssd\", \"virtual_machine_path\": \"/DC0/vm/DC0_C0_RP0_VM0\"}"
}
resource "vsphere_storage_drs_vm_override" "o" {
  datastore_cluster_id = "{{moid /DC0/datastore/ssd}}"
  virtual_machine_id   = "{{moid /DC0/vm/DC0_C0_RP0_VM0}}"
}
