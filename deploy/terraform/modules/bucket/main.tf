terraform {
  required_providers {
    digitalocean = {
      source = "digitalocean/digitalocean"
    }
  }
}

resource "digitalocean_spaces_bucket" "videos" {
  name   = var.name
  region = var.region
  acl    = "private"

  # What was overwritten or deleted by mistake can be brought back for a month.
  versioning {
    enabled = true
  }

  lifecycle_rule {
    id                                     = "leftovers"
    enabled                                = true
    abort_incomplete_multipart_upload_days = 1

    noncurrent_version_expiration {
      days = 30
    }
  }

  # Live streams remove what has left their playlists; this takes what a crash left behind.
  lifecycle_rule {
    id      = "live"
    enabled = true
    prefix  = "published/live/"

    expiration {
      days = 3
    }

    noncurrent_version_expiration {
      days = 1
    }
  }
}

resource "digitalocean_spaces_bucket_cors_configuration" "pages" {
  count = length(var.cors_origins) > 0 ? 1 : 0

  bucket = digitalocean_spaces_bucket.videos.name
  region = var.region

  cors_rule {
    allowed_methods = ["GET", "HEAD"]
    allowed_origins = var.cors_origins
    allowed_headers = ["Range", "If-Range", "If-None-Match"]
    expose_headers  = ["Content-Range", "Content-Length", "ETag"]
    max_age_seconds = 86400
  }
}

# Edges read, the origin writes; neither may touch another bucket.
resource "digitalocean_spaces_key" "read" {
  name = "${var.name}-read"

  grant {
    bucket     = digitalocean_spaces_bucket.videos.name
    permission = "read"
  }
}

resource "digitalocean_spaces_key" "write" {
  name = "${var.name}-write"

  grant {
    bucket     = digitalocean_spaces_bucket.videos.name
    permission = "readwrite"
  }
}
