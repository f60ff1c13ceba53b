# The most recently created template with a name that starts with "ubuntu-".
data "vsphere_virtual_machine_template" "ubuntu" {
  name_regex  = "^ubuntu-"
  folder      = "/dc1/vm/templates"
  most_recent = true
}

output "template_uuid" {
  description = "The `clone.template_uuid` for virtual machines."
  value       = data.vsphere_virtual_machine_template.ubuntu.id
}

output "guest_id" {
  value = data.vsphere_virtual_machine_template.ubuntu.guest_id
}
