"""The site that people see: Django, synchronous, under granian. Nothing on its pages comes from elsewhere."""
