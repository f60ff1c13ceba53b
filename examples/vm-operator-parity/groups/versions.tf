terraform {
  # 1.9 for validations that look at other variables; provider functions need 1.8.
  required_version = ">= 1.9"

  required_providers {
    vsphere = {
      source = "vsphere-rs/vsphere"
    }
  }
}
