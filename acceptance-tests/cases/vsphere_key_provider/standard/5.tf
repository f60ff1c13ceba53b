variable "kms_b" {
  type      = string
  sensitive = true
  ephemeral = true
}

resource "terraform_data" "default" {
  provisioner "local-exec" {
    command = "{{govc}} kms.default other"
  }
}

resource "vsphere_key_provider" "k" {
  name       = "standard1"
  depends_on = [terraform_data.default]

  server {
    name                = "kms-b"
    address             = "kms-b2.example.com"
    port                = 5697
    password_wo         = var.kms_b
    password_wo_version = "2"
  }
}
