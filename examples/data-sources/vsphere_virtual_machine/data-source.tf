data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_virtual_machine" "template" {
  name          = "templates/ubuntu-24.04"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

output "smallest_disk" {
  description = "The minimum size of the first disk of a clone, in GiB."
  value       = data.vsphere_virtual_machine.template.disks[0].size
}
