"""What people ask for: the life of a request, its clock, and the reasons given. Pure: a request is what its acts
made of it."""
