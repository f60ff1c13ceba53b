# The newest template of a series.
data "vsphere_virtual_machine_template" "ubuntu" {
  name_regex  = "^ubuntu-"
  folder      = "/dc1/vm/templates"
  most_recent = true
}

output "template_uuid" {
  description = "The `clone.template_uuid` of virtual machines."
  value       = data.vsphere_virtual_machine_template.ubuntu.id
}

output "guest_id" {
  value = data.vsphere_virtual_machine_template.ubuntu.guest_id
}
