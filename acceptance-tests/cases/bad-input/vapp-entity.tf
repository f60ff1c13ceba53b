# A member of something else
resource "vsphere_vapp_entity" "e" {
  target_id    = "host-12"
  container_id = "resgroup-8"
}
