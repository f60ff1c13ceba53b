data "vsphere_virtual_machine" "web" {
  name = "web-1"
}

resource "vsphere_virtual_disk" "data" {
  datacenter = "dc1"
  datastore  = "ssd1"
  vmdk_path  = "data.vmdk"
  size       = 40
  type       = "thin"
}

# The disk is kept when the virtual machine is destroyed. Changing `virtual_machine_id` moves the disk to another
# virtual machine.
resource "vsphere_virtual_disk_attachment" "data" {
  virtual_machine_id = data.vsphere_virtual_machine.web.id
  path               = vsphere_virtual_disk.data.path
}
