data "vsphere_virtual_machine_templates" "ubuntu" {
  name_regex = "^ubuntu-"
  folder     = "/dc1/vm/templates"
}

output "templates" {
  description = "The inventory paths of the templates."
  value       = data.vsphere_virtual_machine_templates.ubuntu.templates[*].path
}
