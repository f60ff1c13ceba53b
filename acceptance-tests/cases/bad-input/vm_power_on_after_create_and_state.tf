# command: validate
# Only one says whether a new virtual machine is powered on.
resource "vsphere_virtual_machine" "vm" {
  name                  = "web"
  resource_pool_id      = "resgroup-8"
  power_state           = "on"
  power_on_after_create = false
  network_interface {
    network_id = "network-7"
  }
  disk {
    label = "disk0"
    size  = 1
  }
}
