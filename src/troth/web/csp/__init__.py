"""What browsers stopped: the rules that web servers read, the reports that come back, and their sums."""
