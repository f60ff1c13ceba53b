# setup: kms.add -N native1
# Key providers that do not exist or are not backed up, and no default one.
resource "vsphere_virtual_machine" "missing" {
  name             = "web1"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"
  encryption {
    key_provider_id = "native2"
  }
}

resource "vsphere_virtual_machine" "no_backup" {
  name             = "web2"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"
  encryption {
    key_provider_id = "native1"
  }
}

resource "vsphere_virtual_machine" "no_default" {
  name             = "web3"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"
  encryption {}
}

resource "vsphere_virtual_machine" "no_default_for_vtpm" {
  name             = "web4"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"
  firmware         = "efi"
  vtpm {}
}
