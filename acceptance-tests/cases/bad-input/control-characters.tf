# Characters that no request to vSphere can carry, in a name, a value of a map and a key.
# command: validate
resource "vsphere_folder" "f" {
  path          = "a\u0001b"
  type          = "vm"
  datacenter_id = "datacenter-2"
}
resource "vsphere_virtual_machine" "vm" {
  name             = "web"
  resource_pool_id = "resgroup-8"
  datastore_id     = "datastore-1"
  annotation       = "bell \u0007"
  extra_config = {
    "guestinfo.\u001b" = "x"
    "guestinfo.text"   = "line\n\ttab \ufffe"
  }
  disk {
    label = "disk0"
    size  = 1
  }
}
