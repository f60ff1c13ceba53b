resource "terraform_data" "first" {}

# The list of policies is requested here, before the new one is created.
data "vsphere_storage_policy" "vsan" {
  name       = "vSAN Default Storage Policy"
  depends_on = [terraform_data.first]
}

resource "terraform_data" "create" {
  input = data.vsphere_storage_policy.vsan.id
  provisioner "local-exec" {
    command = "{{govc}} storage.policy.create -category region -tag eu gold"
  }
  provisioner "local-exec" {
    when    = destroy
    command = "{{govc}} storage.policy.rm gold"
  }
}

data "vsphere_storage_policy" "gold" {
  name       = "gold"
  depends_on = [terraform_data.create]
}

output "gold" {
  value = data.vsphere_storage_policy.gold.id
}
