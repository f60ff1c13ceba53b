resource "vsphere_virtual_machine" "vm" {
  delete_checks   = { backup = "not archived yet" }
  replace_trigger = "2"
}
