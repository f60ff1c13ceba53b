terraform {
  required_providers {
    vsphere = {
      source = "vsphere-rs/vsphere"
    }
  }
}
provider "vsphere" {
  vsphere_server           = "{{server}}"
  user                     = "{{user}}"
  password                 = "{{password}}"
  allow_unverified_ssl     = true
  default_tags             = { environment = "production", team = "web" }
  ignore_tags              = ["backup", "no such category"]
  ignore_custom_attributes = ["last-backup"]
}
data "vsphere_tag_category" "environment" {
  name = "environment"
}
data "vsphere_tag" "staging" {
  name        = "staging"
  category_id = data.vsphere_tag_category.environment.id
}
data "vsphere_custom_attribute" "owner" {
  name = "owner"
}
resource "vsphere_folder" "untagged" {
  path          = "untagged"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
}
resource "vsphere_folder" "tagged" {
  path          = "tagged"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
  tags          = [data.vsphere_tag.staging.id]
}
resource "vsphere_resource_pool" "pool" {
  name                    = "web"
  parent_resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  tags                    = []
  custom_attributes       = { (data.vsphere_custom_attribute.owner.id) = "ann" }
}
