data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_virtual_machine" "template" {
  name          = "templates/ubuntu-24.04"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

output "smallest_disk" {
  description = "A clone's first disk must be at least this big, in GiB."
  value       = data.vsphere_virtual_machine.template.disks[0].size
}
