"""
What to do about a finding: made as values, tried on a view of the target, rendered for where they are pasted.

`actions` makes them, `catalogue` knows what brings certificates and zones into which distribution, `overlay`
and `effects` show what would come of them, `trial` keeps those that help.
"""
