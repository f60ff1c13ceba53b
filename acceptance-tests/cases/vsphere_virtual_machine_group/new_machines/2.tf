resource "vsphere_virtual_machine" "vm" {
  for_each = toset(["db", "web", "web-2"])
}
