data "vsphere_about" "this" {}

check "version" {
  assert {
    condition     = tonumber(split(".", data.vsphere_about.this.api_version)[0]) >= 7
    error_message = "${data.vsphere_about.this.full_name} is too old. vSphere 7.0 or later is required."
  }
}
