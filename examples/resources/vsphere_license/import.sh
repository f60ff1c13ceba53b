# By the license key.
terraform import vsphere_license.production 452CQ-2EK54-K8742-00000-00000
