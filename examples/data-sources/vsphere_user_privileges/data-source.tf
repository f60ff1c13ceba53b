data "vsphere_folder" "web" {
  path = "/dc1/vm/web"
}

data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_datastore" "ssd1" {
  name          = "ssd1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

# The effective privileges of the deployment user, including those of the groups of the user.
data "vsphere_user_privileges" "deploy" {
  user       = "deploy-web@vsphere.local"
  privileges = ["Datastore.AllocateSpace", "VirtualMachine.Inventory.Create"]

  entity {
    entity_id = data.vsphere_folder.web.id
  }

  entity {
    entity_id   = data.vsphere_datastore.ssd1.id
    entity_type = "Datastore"
  }
}

check "deploy_account" {
  assert {
    condition     = data.vsphere_user_privileges.deploy.complete
    error_message = "Privileges that the deployment user lacks, by entity: ${jsonencode(data.vsphere_user_privileges.deploy.missing)}."
  }
}
