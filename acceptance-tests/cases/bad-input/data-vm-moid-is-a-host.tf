# The id of something else.
# command: validate
# only warns
data "vsphere_virtual_machine" "vm" {
  moid = "host-21"
}
