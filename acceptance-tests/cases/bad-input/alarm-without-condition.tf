# An alarm needs a condition.
resource "vsphere_alarm" "a" {
  name        = "a"
  description = "b"
  entity_id   = "{{moid /DC0}}"
  entity_type = "Datacenter"
}
