variable "kms_b" {
  type      = string
  sensitive = true
  ephemeral = true
}

resource "vsphere_key_provider" "k" {
  name    = "standard1"
  default = true

  server {
    name     = "kms-a"
    address  = "kms-a2.example.com"
    username = "vcenter"
    password = "Hunter2-kms-c!"
  }

  server {
    name                = "kms-b"
    address             = "kms-b.example.com"
    port                = 5697
    proxy_address       = "proxy.example.com"
    proxy_port          = 3128
    password_wo         = var.kms_b
    password_wo_version = "1"
  }
}
