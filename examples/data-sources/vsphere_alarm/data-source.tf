# A predefined alarm of vCenter, on the root folder.
data "vsphere_alarm" "host_error" {
  name        = "Host error"
  entity_type = "Folder"
  entity_id   = "group-d1"
}

output "host_error_enabled" {
  value = data.vsphere_alarm.host_error.enabled
}
