# Three packages, none of them right
resource "vsphere_virtual_machine" "nowhere" {
  name             = "nowhere"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"

  ovf_deploy {
    disk_provisioning = "thn"
  }
}

resource "vsphere_virtual_machine" "twice" {
  name             = "twice"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"

  ovf_deploy {
    local_ovf_path  = "a.ova"
    remote_ovf_url  = "https://packages.example.com/a.ova"
    ovf_network_map = { nat = "VM Network" }
  }
}
