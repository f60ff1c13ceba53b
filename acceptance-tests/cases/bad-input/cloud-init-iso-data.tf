# only warns
# command: validate
resource "vsphere_cloud_init_iso" "web" {
  datastore = "LocalDS_0"
  path      = "web.iso"
  user_data = "packages: [nginx]"
}
