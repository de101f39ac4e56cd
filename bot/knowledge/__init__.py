"""What the documents say: `folder.load` reads a knowledge folder into a frozen `Knowledge`."""
