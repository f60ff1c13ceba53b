data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_compute_cluster" "c1" {
  name          = "c1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_datastore" "ssd1" {
  name          = "ssd1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_network" "web" {
  name          = "web"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_virtual_machine" "windows" {
  name          = "windows-2022"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

# A clone of a Windows template that is customized with a Sysprep answer file in `windows_sysprep_text`, instead of
# `windows_options`.
resource "vsphere_virtual_machine" "kiosk" {
  name             = "kiosk-1"
  resource_pool_id = data.vsphere_compute_cluster.c1.resource_pool_id
  datastore_id     = data.vsphere_datastore.ssd1.id
  num_cpus         = 2
  memory           = 8192
  guest_id         = data.vsphere_virtual_machine.windows.guest_id
  firmware         = data.vsphere_virtual_machine.windows.firmware

  wait_for_guest_net_timeout = 0

  network_interface {
    network_id = data.vsphere_network.web.id
  }

  disk {
    label = "system"
    size  = 60
  }

  clone {
    template_uuid = data.vsphere_virtual_machine.windows.id

    customize {
      timeout = 30 # Sysprep can take a long time.

      windows_sysprep_text = <<-EOT
        <?xml version="1.0" encoding="utf-8"?>
        <unattend xmlns="urn:schemas-microsoft-com:unattend">
          <settings pass="specialize">
            <component name="Microsoft-Windows-Shell-Setup" processorArchitecture="amd64"
                       publicKeyToken="31bf3856ad364e35" language="neutral" versionScope="nonSxS">
              <ComputerName>kiosk-1</ComputerName>
            </component>
          </settings>
        </unattend>
      EOT

      network_interface {}
    }
  }
}
