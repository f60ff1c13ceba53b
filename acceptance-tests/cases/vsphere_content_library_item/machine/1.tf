resource "vsphere_content_library" "l" {
  name            = "images"
  storage_backing = ["{{moid /DC0/datastore/LocalDS_0}}"]
}
data "vsphere_virtual_machine" "vm" {
  name = "DC0_H0_VM0"
}
resource "vsphere_content_library_item" "ovf" {
  name        = "golden"
  description = "From a virtual machine"
  library_id  = vsphere_content_library.l.id
  source_uuid = data.vsphere_virtual_machine.vm.id
}
resource "vsphere_content_library_item" "template" {
  name        = "golden-template"
  library_id  = vsphere_content_library.l.id
  type        = "vm-template"
  source_uuid = "{{moid /DC0/vm/DC0_H0_VM0}}"
}
