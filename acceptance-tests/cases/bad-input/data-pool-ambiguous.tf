# A name that several pools have.
data "vsphere_resource_pool" "p" {
  name          = "Resources"
  datacenter_id = "{{moid /DC0}}"
}
