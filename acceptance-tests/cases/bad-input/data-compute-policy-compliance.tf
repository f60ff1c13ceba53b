# The name of a virtual machine where an ID is expected.
# command: validate
# only warns
data "vsphere_compute_policy" "p" {
  name                = "az1"
  virtual_machine_ids = ["web-1"]
}
