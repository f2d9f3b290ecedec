"""What sounds are taken from: noise packs, voices of other speakers, generators."""
