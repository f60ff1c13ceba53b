resource "vsphere_virtual_disk" "data" {
  datacenter         = "dc1"
  datastore          = "ssd1"
  vmdk_path          = "disks/data.vmdk"
  size               = 40
  type               = "thin"
  create_directories = true
}
