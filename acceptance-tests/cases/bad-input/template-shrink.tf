# A disk that is smaller than that of the source
# command: apply
# setup: vm.create -ds LocalDS_0 -pool /DC0/host/DC0_C0/Resources -net "VM Network" -disk.controller pvscsi -disk 3GB -g ubuntu64Guest -on=false -link=false builder
resource "vsphere_virtual_machine_template" "t" {
  name             = "worker"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"
  clone {
    template_uuid = "{{moid /DC0/vm/builder}}"
  }
  disk {
    size = 2
  }
  disk {
    size = 2
  }
}
