data "vsphere_license" "evaluation" {
  license_key = "00000-00000-00000-00000-00000"
}

output "units" {
  value = "${data.vsphere_license.evaluation.used} of ${data.vsphere_license.evaluation.total}"
}
