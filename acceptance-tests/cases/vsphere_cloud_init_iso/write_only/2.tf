resource "vsphere_cloud_init_iso" "web" {
  datacenter           = "DC0"
  datastore            = "LocalDS_0"
  path                 = "web.iso"
  user_data_wo         = "#cloud-config\npassword: hunter2-two\n"
  user_data_wo_version = "2"
}
