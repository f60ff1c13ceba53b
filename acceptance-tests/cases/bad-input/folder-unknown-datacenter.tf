# A datacenter that there is not.
# command: apply
resource "vsphere_folder" "f" {
  path          = "bench"
  type          = "vm"
  datacenter_id = "datacenter-4711"
}
