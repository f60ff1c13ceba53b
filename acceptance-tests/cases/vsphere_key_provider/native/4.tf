resource "vsphere_key_provider" "k" {
  name         = "native1"
  default      = true
  tpm_required = true
}
