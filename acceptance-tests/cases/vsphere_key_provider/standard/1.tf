resource "vsphere_key_provider" "k" {
  name    = "standard1"
  default = true

  server {
    name     = "kms-a"
    address  = "kms-a.example.com"
    username = "vcenter"
    password = "Hunter2-kms-a!"
  }
}
