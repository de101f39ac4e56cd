"""What is announced, and what becomes of it: decisions without a clock, a network or a store."""
