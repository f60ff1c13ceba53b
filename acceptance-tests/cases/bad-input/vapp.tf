# vApps in the wrong places
resource "vsphere_vapp_container" "folder" {
  name                    = "a"
  parent_resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  parent_folder_id        = "/DC0/vm/team"
  cpu_reservation         = 100
  cpu_limit               = 50
}

resource "vsphere_vapp_container" "shares" {
  name                    = "b"
  parent_resource_pool_id = "domain-c7"
  cpu_share_level         = "custom"
}
