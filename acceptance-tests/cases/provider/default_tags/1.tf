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

# A data source has all tags and custom attributes, those of the provider block too.
data "vsphere_tag_category" "backup" {
  name = "backup"
}
data "vsphere_tag" "daily" {
  name        = "daily"
  category_id = data.vsphere_tag_category.backup.id
}
data "vsphere_tag" "production" {
  name        = "production"
  category_id = data.vsphere_tag_category.environment.id
}
data "vsphere_virtual_machine" "vm" {
  name          = "DC0_H0_VM0"
  datacenter_id = "{{moid /DC0}}"
  lifecycle {
    postcondition {
      condition     = toset(self.tags) == toset([data.vsphere_tag.daily.id, data.vsphere_tag.production.id])
      error_message = "Tags of the virtual machine are missing."
    }
    postcondition {
      condition     = values(self.custom_attributes) == tolist(["today"])
      error_message = "Custom attributes of the virtual machine are missing."
    }
  }
}
