# Neither a name nor an id.
# command: validate
data "vsphere_virtual_machine" "vm" {
  datacenter_id = "datacenter-3"
}
