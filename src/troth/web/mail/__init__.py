"""Mail that leaves by SMTP while the one who caused it waits; nothing is queued and nothing is kept."""
