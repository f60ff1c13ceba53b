locals {
  web = provider::vsphere::parse_path("/dc1/vm/web/production")
}

data "vsphere_datacenter" "this" {
  name = local.web.datacenter # dc1
}

data "vsphere_folder" "parent" {
  path = local.web.parent # /dc1/vm/web
}

resource "vsphere_folder" "staging" {
  path          = "${local.web.folder}/staging" # web/staging
  type          = local.web.type                # vm
  datacenter_id = data.vsphere_datacenter.this.id
}
