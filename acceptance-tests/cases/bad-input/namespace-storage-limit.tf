# A limit of a policy that the namespace does not use, and one below 1.
# command: validate
resource "vsphere_namespace" "n" {
  name             = "team"
  supervisor       = "3a1f9d2e-8a44-4d0e-9a3e-0f1d2c3b4a59"
  storage_policies = ["gold"]
  storage_limits   = { gold = -1, silver = 1024 }
}
