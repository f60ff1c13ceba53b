resource "vsphere_folder" "team" {
  path          = "team"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
}
locals {
  memory = provider::vsphere::mib("1.5Gi")
  metadata = provider::vsphere::cloud_init_metadata({
    instance_id = vsphere_folder.team.id
    hostname    = "web-1"
    interfaces  = [{ name = "eth0", dhcp4 = true }, { name = "eth1", addresses = ["10.0.0.5/24"] }]
  })
  packed = provider::vsphere::guestinfo_encode(local.metadata, "gzip+base64")
}
output "id" {
  value = jsondecode(provider::vsphere::guestinfo_decode(local.packed, "gzip+base64")).instance-id
  precondition {
    condition     = jsondecode(local.metadata).network.ethernets.eth1.addresses == ["10.0.0.5/24"]
    error_message = local.metadata
  }
  precondition {
    condition     = local.memory == 1536
    error_message = "1.5Gi"
  }
  precondition {
    condition     = provider::vsphere::is_dns_label(vsphere_folder.team.id) && !provider::vsphere::is_dns_label("${vsphere_folder.team.id}_")
    error_message = vsphere_folder.team.path
  }
  precondition {
    condition     = provider::vsphere::is_dns_subdomain("${vsphere_folder.team.id}.example.com")
    error_message = vsphere_folder.team.id
  }
}
