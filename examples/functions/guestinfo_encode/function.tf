locals {
  user_data = <<-YAML
    #cloud-config
    packages:
      - nginx
  YAML
}

output "extra_config" {
  value = {
    "guestinfo.userdata"          = provider::vsphere::guestinfo_encode(local.user_data, "gzip+base64")
    "guestinfo.userdata.encoding" = "gzip+base64"
  }
}
