name          = "eddy"
domain        = "video.example"
registry_tier = "basic"
operators     = ["198.51.100.7/32"]
ssh_key_names = ["operator"]
bucket_region = "fra1"

pops = {
  # Grows and shrinks with its viewers.
  fra = {
    region   = "fra1"
    ip_range = "10.20.0.0/20"
    cluster = {
      operators = ["198.51.100.7/32"]
      pools = {
        edges = { size = "c-8", min_nodes = 2, max_nodes = 8 }
        bulk  = { size = "c-16", min_nodes = 2, max_nodes = 12, dedicated = true }
      }
    }
  }

  # Three machines that stay.
  nyc = {
    region   = "nyc3"
    ip_range = "10.21.0.0/20"
    droplets = {
      count        = 3
      size         = "c-8"
      image_tag    = "0.1.0"
      cache_memory = "8GiB"
      cache_disk   = "80GiB"
    }
  }
}
