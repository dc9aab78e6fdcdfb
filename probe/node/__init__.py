"""Every Go program of a machine: found, grouped by container, judged once for all that are alike."""
