# nothing is left
