"""The program before the program: check, then become it, and leave no trace."""
