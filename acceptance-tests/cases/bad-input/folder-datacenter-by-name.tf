# The name of a datacenter, where its id belongs.
resource "vsphere_folder" "f" {
  path          = "team"
  type          = "vm"
  datacenter_id = "DC0"
}
