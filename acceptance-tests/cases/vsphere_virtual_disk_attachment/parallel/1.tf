resource "vsphere_virtual_disk" "d" {
  count      = 10
  datacenter = "DC0"
  datastore  = "LocalDS_0"
  vmdk_path  = "d${count.index}.vmdk"
  size       = 1
  type       = "thin"
}
resource "vsphere_virtual_disk_attachment" "d" {
  count              = 10
  virtual_machine_id = "{{moid /DC0/vm/DC0_C0_RP0_VM0}}"
  path               = vsphere_virtual_disk.d[count.index].path
}
output "units" {
  value = length(distinct(vsphere_virtual_disk_attachment.d[*].unit_number))
  precondition {
    condition     = length(distinct(vsphere_virtual_disk_attachment.d[*].unit_number)) == 10
    error_message = "Two have the same unit."
  }
}
