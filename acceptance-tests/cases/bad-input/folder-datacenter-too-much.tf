# A folder of datacenters in a datacenter.
resource "vsphere_folder" "f" {
  path          = "bench"
  type          = "datacenter"
  datacenter_id = "{{moid /DC0}}"
}
