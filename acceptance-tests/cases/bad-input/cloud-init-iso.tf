# command: validate
resource "vsphere_cloud_init_iso" "path" {
  datastore = "LocalDS_0"
  path      = "web.img"
  user_data = "#cloud-config\n"
}
resource "vsphere_cloud_init_iso" "none" {
  datastore = "LocalDS_0"
  path      = "web.iso"
}
