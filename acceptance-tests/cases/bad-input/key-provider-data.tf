# setup: kms.add -n kms-a -a kms-a.example.com gold
# A key provider that does not exist, and no default
data "vsphere_key_provider" "named" {
  name = "golf"
}

data "vsphere_key_provider" "default" {}
