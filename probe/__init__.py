"""Will a Go program work in the container that it has just been started in?"""

__version__ = "0.1.0"
