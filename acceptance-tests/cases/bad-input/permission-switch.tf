# A distributed switch that lies directly below the datacenter.
# only warns
resource "vsphere_entity_permission" "a" {
  entity_id     = "{{moid /DC0/network/DVS0}}"
  user_or_group = "VSPHERE.LOCAL\\Users"
  is_group      = true
  role_id       = "-2"
}
