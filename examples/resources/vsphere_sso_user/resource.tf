variable "infra_password" {
  type      = string
  sensitive = true
  ephemeral = true
  default   = "Change-me-1st!"
}

resource "vsphere_sso_user" "infra" {
  name        = "infra-cluster1"
  description = "Infrastructure of cluster1"

  # The password is stored in neither the plan nor the state. To set a new password, change the version as well.
  password_wo         = var.infra_password
  password_wo_version = "1"
}
