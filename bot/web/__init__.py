"""What the bot shows and takes over HTTP. Imported only where an address is set for it.

serving   an address that is listened on
webhook   updates that Telegram sends by itself
health    whether all is well, for whoever watches over the process
counts    what is counted while the bot runs
metrics   the same in Prometheus' words
"""
