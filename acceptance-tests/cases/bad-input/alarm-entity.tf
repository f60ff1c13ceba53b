# An entity that does not exist.
resource "vsphere_alarm" "a" {
  name        = "a"
  description = "b"
  entity_id   = "datacenter-99"
  entity_type = "Datacenter"

  event_expression {
    event_type_id = "a.b"
    object_type   = "HostSystem"
    status        = "red"
  }
}
