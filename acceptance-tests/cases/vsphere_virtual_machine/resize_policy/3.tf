resource "vsphere_virtual_machine" "vm" {
  video_card {
    num_displays       = 2
    total_video_memory = 16
  }
}
