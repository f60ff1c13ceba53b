# command: apply
# setup: kms.add -n kms-a -a kms-a.example.com taken
# The name of a key provider that exists
resource "vsphere_key_provider" "k" {
  name = "taken"
}
