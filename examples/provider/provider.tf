terraform {
  required_providers {
    vsphere = {
      source = "vsphere-rs/vsphere"
    }
  }
}

# Set the password with the environment variable VSPHERE_PASSWORD.
provider "vsphere" {
  vsphere_server = "vcenter.example.com"
  user           = "terraform@vsphere.local"

  # The certificate authority that issued the vCenter certificate, if the operating system does not trust it.
  ca_file = "/etc/ssl/certs/vcenter-ca.pem"

  # Alternatively, trust only this certificate, regardless of its issuer.
  # thumbprint = "3F:7A:5C:01:9D:EE:42:B8:60:17:AC:5B:0E:91:2F:C3:7D:48:A6:E4:8B:35:D0:6C:F2:1A:93:57:BE:04:6D:29"
}
