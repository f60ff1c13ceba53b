resource "vsphere_virtual_disk" "d" {
  datacenter = "DC0"
  datastore  = "LocalDS_0"
  vmdk_path  = "d.vmdk"
  size       = 1
  type       = "thin"
}
resource "vsphere_virtual_disk_attachment" "d" {
  virtual_machine_id  = "{{moid /DC0/vm/DC0_C0_RP0_VM0}}"
  path                = vsphere_virtual_disk.d.path
  require_powered_off = true
}
