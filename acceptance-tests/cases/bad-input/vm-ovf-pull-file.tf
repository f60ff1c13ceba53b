# A file on this computer cannot be pulled
# command: validate
resource "vsphere_virtual_machine" "vm" {
  name             = "web"
  resource_pool_id = "resgroup-8"
  datastore_id     = "datastore-14"
  ovf_deploy {
    local_ovf_path = "small.ova"
    pull_from_url  = true
  }
}
