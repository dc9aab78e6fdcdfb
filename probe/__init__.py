"""Will a Go program work in the container that it has just been started in?"""

__version__ = "0.2.0"
__homepage__ = "https://forge.example/startup-probe/probe"  # as [project.urls]
__documentation__ = f"{__homepage__}/tree/main/docs"
