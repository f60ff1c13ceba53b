locals {
  size        = "MEDIUM"
  count       = 3
  floating_ip = "10.11.12.14"
  no_proxy    = ["10.0.0.0/8", "192.168.0.0/16"]
  dns         = ["192.19.189.10", "192.19.189.11"]
  dns_names   = ["domain-1.test", "domain-2.test"]
  repository  = "registry.example.com/other"
  ephemeral   = data.vsphere_storage_policy.encryption.id
}
