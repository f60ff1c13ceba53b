variable "infra_password" {
  type      = string
  sensitive = true
  ephemeral = true
  default   = "Change-me-1st!"
}

resource "vsphere_sso_user" "infra" {
  name        = "infra-cluster1"
  description = "Infrastructure of cluster1"

  # In neither plan nor state. Another version sets the present password.
  password_wo         = var.infra_password
  password_wo_version = "1"
}
