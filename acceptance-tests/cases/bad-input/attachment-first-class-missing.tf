# command: apply
# A first class disk that does not exist.
resource "vsphere_virtual_disk_attachment" "d" {
  virtual_machine_id  = "{{moid /DC0/vm/DC0_C0_RP0_VM0}}"
  first_class_disk_id = "6c3b8f0e-6a9c-4a0b-9d3c-0f7f5f6f2a11"
  datastore_id        = "{{moid /DC0/datastore/LocalDS_0}}"
}
