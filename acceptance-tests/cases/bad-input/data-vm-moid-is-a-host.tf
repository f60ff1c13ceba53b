# The id of something else.
# command: validate
data "vsphere_virtual_machine" "vm" {
  moid = "host-21"
}
