resource "vsphere_virtual_disk_image" "qcow2" {
  datacenter = "DC0"
  datastore  = "LocalDS_0"
  vmdk_path  = "images/a/qcow2.vmdk"
  source     = "files/small.qcow2"

  create_directories = true
}
resource "vsphere_virtual_disk_image" "zstd" {
  datacenter       = "DC0"
  datastore        = "LocalDS_0"
  vmdk_path        = "zstd.vmdk"
  source           = "files/zstd.qcow2"
  type             = "eagerZeroedThick"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  size             = 2
}
resource "vsphere_virtual_disk_image" "vmdk" {
  datacenter     = "DC0"
  datastore      = "LocalDS_0"
  vmdk_path      = "vmdk.vmdk"
  source         = "files/small.vmdk"
  format         = "vmdk"
  host_system_id = "{{moid /DC0/host/DC0_H0/DC0_H0}}"
}
resource "vsphere_virtual_disk_image" "raw" {
  datacenter = "DC0"
  datastore  = "LocalDS_0"
  vmdk_path  = "raw.vmdk"
  source     = "files/small.vmdk"
  format     = "raw"
  type       = "lazy"
}
