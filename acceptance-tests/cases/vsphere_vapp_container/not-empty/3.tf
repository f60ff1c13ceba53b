resource "vsphere_folder" "other" {
  path = "other"
  type = "datacenter"
}
