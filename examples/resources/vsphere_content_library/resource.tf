data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_datastore" "ssd1" {
  name          = "ssd1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

resource "vsphere_content_library" "images" {
  name            = "images"
  description     = "Images of all teams"
  storage_backing = [data.vsphere_datastore.ssd1.id]

  publication {
    published = true
  }
}

# A subscribed library with the same items, for example in another datacenter or another vCenter.
resource "vsphere_content_library" "copy" {
  name            = "images-copy"
  storage_backing = [data.vsphere_datastore.ssd1.id]

  subscription {
    subscription_url = vsphere_content_library.images.publication[0].publish_url
    automatic_sync   = true
  }
}
