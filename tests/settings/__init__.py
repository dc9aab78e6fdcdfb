"""Every variable that `go help environment` names, with valid, odd and absurd values, against real Go."""
