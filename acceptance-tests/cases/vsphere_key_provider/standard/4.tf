variable "kms_b" {
  type      = string
  sensitive = true
  ephemeral = true
}

resource "vsphere_key_provider" "k" {
  name = "standard1"

  server {
    name                = "kms-b"
    address             = "kms-b.example.com"
    port                = 5697
    password_wo         = var.kms_b
    password_wo_version = "2"
  }
}
