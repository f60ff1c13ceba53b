resource "vsphere_tag_category" "zone" {
  name             = "zone"
  cardinality      = "SINGLE"
  associable_types = ["VirtualMachine", "HostSystem"]
}

resource "vsphere_tag" "az1" {
  name        = "az1"
  category_id = vsphere_tag_category.zone.id
}

resource "vsphere_compute_policy" "p" {
  name        = "az1"
  description = "apart"
  capability  = "vm_vm_anti_affinity"
  vm_tag_id   = vsphere_tag.az1.id
}

resource "vsphere_tag_attachment" "vm" {
  tag_id      = vsphere_tag.az1.id
  object_id   = "{{moid /DC0/vm/DC0_C0_RP0_VM0}}"
  object_type = "VirtualMachine"
}

data "vsphere_compute_policy" "p" {
  id                  = vsphere_compute_policy.p.id
  virtual_machine_ids = ["{{moid /DC0/vm/DC0_C0_RP0_VM0}}", "{{moid /DC0/vm/DC0_C0_RP0_VM1}}"]
  depends_on          = [vsphere_tag_attachment.vm]

  lifecycle {
    postcondition {
      condition = self.compliance == tomap({
        "{{moid /DC0/vm/DC0_C0_RP0_VM0}}" = "COMPLIANT"
        "{{moid /DC0/vm/DC0_C0_RP0_VM1}}" = "NOT_APPLICABLE"
      })
      error_message = jsonencode(self.compliance)
    }
  }
}
