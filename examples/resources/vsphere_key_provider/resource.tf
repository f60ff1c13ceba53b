# A vSphere Native Key Provider. Back it up in the vSphere Client before it is used.
resource "vsphere_key_provider" "native" {
  name    = "native1"
  default = true
}

variable "kms_password" {
  type      = string
  sensitive = true
  ephemeral = true
  default   = "Change-me-1st!"
}

# A standard key provider, with two key servers that have the same keys.
resource "vsphere_key_provider" "standard" {
  name = "standard1"

  server {
    name                = "kms-a"
    address             = "kms-a.example.com"
    username            = "vcenter"
    password_wo         = var.kms_password
    password_wo_version = "1"
  }

  server {
    name                = "kms-b"
    address             = "kms-b.example.com"
    username            = "vcenter"
    password_wo         = var.kms_password
    password_wo_version = "1"
  }
}
