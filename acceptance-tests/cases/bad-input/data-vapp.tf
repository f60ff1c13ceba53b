data "vsphere_vapp_container" "v" {
  name          = "shp"
  datacenter_id = "{{moid /DC0}}"
}
