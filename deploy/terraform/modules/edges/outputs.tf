output "edges" {
  description = "Names with their public and private addresses."
  value = {
    for name, edge in digitalocean_droplet.edge : name => {
      public  = edge.ipv4_address
      private = edge.ipv4_address_private
    }
  }
}
