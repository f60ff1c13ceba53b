# A type that there is not.
resource "vsphere_folder" "f" {
  path          = "bench"
  type          = "pool"
  datacenter_id = "{{moid /DC0}}"
}
