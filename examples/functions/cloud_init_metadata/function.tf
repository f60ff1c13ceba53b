locals {
  metadata = provider::vsphere::cloud_init_metadata({
    instance_id = "web-1"
    hostname    = "web-1"
    interfaces = [{
      name        = "eth0"
      mac_address = "00:50:56:00:00:0a"
      addresses   = ["10.0.0.5/24"]
      gateway4    = "10.0.0.1"
      nameservers = ["10.0.0.2"]
    }]
  })
}

output "extra_config" {
  value = {
    "guestinfo.metadata"          = provider::vsphere::guestinfo_encode(local.metadata, "base64")
    "guestinfo.metadata.encoding" = "base64"
  }
}
