resource "vsphere_namespace" "n" {
  name       = "team"
  supervisor = uuidv5("oid", "{{moid /DC0/host/DC0_C0}}")

  timeouts {
    create = "10s"
  }
}
