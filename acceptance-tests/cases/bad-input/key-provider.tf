# Key servers of one name, a TPM for key servers, and a port and names that cannot be.
resource "vsphere_key_provider" "twice" {
  name         = "standard1"
  tpm_required = true
  server {
    name    = "kms"
    address = "kms-a.example.com"
  }
  server {
    name    = "kms"
    address = "kms-b.example.com"
    port    = 70000
  }
}

resource "vsphere_key_provider" "passwords" {
  name = " "
  server {
    name        = "kms"
    address     = ""
    password    = "a"
    password_wo = "b"
  }
}
