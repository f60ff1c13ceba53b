resource "vsphere_virtual_machine" "vm" {
  vapp {
    transport = []
  }
}
