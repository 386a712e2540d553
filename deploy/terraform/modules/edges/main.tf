terraform {
  required_providers {
    digitalocean = {
      source = "digitalocean/digitalocean"
    }
  }
}

data "digitalocean_ssh_key" "operator" {
  for_each = toset(var.ssh_key_names)

  name = each.value
}

locals {
  edges = { for number in range(1, var.edge_count + 1) : "${var.name}-${number}" => number }
  tag   = "${var.name}-edge"

  addresses = var.load_balancer ? tomap({ balancer = digitalocean_loadbalancer.pop[0].ip }) : tomap({
    for name in keys(local.edges) : name => digitalocean_droplet.edge[name].ipv4_address
  })
}

resource "digitalocean_tag" "edge" {
  name = local.tag
}

resource "digitalocean_droplet" "edge" {
  for_each = local.edges

  name              = each.key
  region            = var.region
  size              = var.size
  image             = "debian-12-x64"
  vpc_uuid          = var.vpc_id
  ipv6              = true
  monitoring        = true
  graceful_shutdown = true
  ssh_keys          = [for key in data.digitalocean_ssh_key.operator : key.id]
  tags              = [digitalocean_tag.edge.name]

  user_data = templatefile("${path.module}/cloud-init.yaml.tftpl", {
    name         = each.key
    pop          = var.pop
    image        = var.image
    cache_memory = var.cache_memory
    cache_disk   = var.cache_disk
    origin_url   = var.origin_url
    s3_endpoint  = var.s3_endpoint
    s3_region    = var.s3_region
    access_key   = var.access_key
    secret_key   = var.secret_key
    trusted      = var.vpc_range
    proxied      = var.load_balancer ? "accept" : "off"
  })

  lifecycle {
    # A new one is there before the old one goes; versions are rolled out by Ansible and not by new machines.
    create_before_destroy = true
    ignore_changes        = [user_data, image]
  }
}

resource "digitalocean_firewall" "edge" {
  name = local.tag
  tags = [digitalocean_tag.edge.name]

  inbound_rule {
    protocol         = "tcp"
    port_range       = "80"
    source_addresses = ["0.0.0.0/0", "::/0"]
  }

  inbound_rule {
    protocol         = "tcp"
    port_range       = "443"
    source_addresses = ["0.0.0.0/0", "::/0"]
  }

  # Siblings ask each other, and Prometheus reads metrics, on the private network only.
  inbound_rule {
    protocol         = "tcp"
    port_range       = "8080-8082"
    source_addresses = [var.vpc_range]
  }

  dynamic "inbound_rule" {
    for_each = length(var.operators) > 0 ? ["22"] : []

    content {
      protocol         = "tcp"
      port_range       = inbound_rule.value
      source_addresses = var.operators
    }
  }

  outbound_rule {
    protocol              = "tcp"
    port_range            = "1-65535"
    destination_addresses = ["0.0.0.0/0", "::/0"]
  }

  outbound_rule {
    protocol              = "udp"
    port_range            = "1-65535"
    destination_addresses = ["0.0.0.0/0", "::/0"]
  }

  outbound_rule {
    protocol              = "icmp"
    destination_addresses = ["0.0.0.0/0", "::/0"]
  }
}

resource "digitalocean_loadbalancer" "pop" {
  count = var.load_balancer ? 1 : 0

  name                  = var.name
  region                = var.region
  vpc_uuid              = var.vpc_id
  droplet_tag           = digitalocean_tag.edge.name
  size_unit             = 2
  enable_proxy_protocol = true

  forwarding_rule {
    entry_protocol  = "tcp"
    entry_port      = 80
    target_protocol = "tcp"
    target_port     = 80
  }

  forwarding_rule {
    entry_protocol  = "tcp"
    entry_port      = 443
    target_protocol = "tcp"
    target_port     = 443
  }

  healthcheck {
    protocol               = "http"
    port                   = 8081
    path                   = "/readyz"
    check_interval_seconds = 5
    unhealthy_threshold    = 2
    healthy_threshold      = 2
  }
}

# Each edge by its own name, so that players can be sent to it.
resource "digitalocean_record" "edge" {
  for_each = local.edges

  domain = var.domain
  type   = "A"
  name   = each.key
  value  = digitalocean_droplet.edge[each.key].ipv4_address
  ttl    = 60
}

resource "digitalocean_record" "edge_ipv6" {
  for_each = local.edges

  domain = var.domain
  type   = "AAAA"
  name   = each.key
  value  = digitalocean_droplet.edge[each.key].ipv6_address
  ttl    = 60
}

# The PoP by one name: its balancer, or all of its edges in turn.
resource "digitalocean_record" "pop" {
  for_each = local.addresses

  domain = var.domain
  type   = "A"
  name   = var.pop
  value  = each.value
  ttl    = 60
}
