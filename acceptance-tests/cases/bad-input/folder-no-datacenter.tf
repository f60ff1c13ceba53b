# A folder of VMs in no datacenter.
resource "vsphere_folder" "f" {
  path = "bench"
  type = "vm"
}
