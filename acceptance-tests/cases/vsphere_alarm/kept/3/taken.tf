resource "vsphere_alarm" "taken" {
  name        = "Virtual machine error"
  description = "the name of an alarm that vCenter has defined"
  entity_type = "Datacenter"
  entity_id   = "{{moid /DC0}}"

  event_expression {
    event_type_id = "a.b"
    object_type   = "VirtualMachine"
    status        = "red"
  }
}
