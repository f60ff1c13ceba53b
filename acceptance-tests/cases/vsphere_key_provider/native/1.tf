resource "vsphere_key_provider" "k" {
  name = "native1"
}

data "vsphere_key_provider" "k" {
  name = vsphere_key_provider.k.id

  lifecycle {
    postcondition {
      condition     = self.type == "native" && !self.tpm_required && !self.has_backup && self.key_id == vsphere_key_provider.k.key_id
      error_message = "the key provider differs"
    }
  }
}
