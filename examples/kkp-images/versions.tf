terraform {
  # 1.9 for validations that refer to other variables.
  required_version = ">= 1.9"

  required_providers {
    vsphere = {
      source = "vsphere-rs/vsphere"
    }
  }
}
