"""The names that `go env` knows in each release, and what they are when nobody sets them."""

# What go.env took over from the go command in this release.
GO_ENV_SINCE = 21
BUILT_IN = {"GOPROXY": "https://proxy.golang.org,direct", "GOSUMDB": "sum.golang.org"}

# What GOROOT/go.env of an official toolchain says.
GO_ENV = {**BUILT_IN, "GOTOOLCHAIN": "auto"}

# name → (default, first minor release that prints it). Taken from the environment, the
# user's file or go.env, in this order (cmd/go/internal/cfg, envcmd.MkEnv).
PLAIN = {
    "AR": ("ar", 0),
    "GO111MODULE": ("", 0),
    "GOAUTH": ("netrc", 24),
    "GOCACHEPROG": ("", 24),
    "GOEXPERIMENT": ("", 0),
    "GOFIPS140": ("off", 24),
    "GOFLAGS": ("", 0),
    "GOINSECURE": ("", 0),
    "GOPRIVATE": ("", 0),
    "GOPROXY": ("", 0),
    "GOSUMDB": ("", 0),
    "GOTMPDIR": ("", 0),
    "GOTOOLCHAIN": ("", 21),
    "GOVCS": ("", 0),
}

# Printed as the operating system's environment has them; the files do not count.
OS_ONLY = {"GODEBUG": 23, "GOPACKAGESDRIVER": 27}

# GOARCH → (variable, default, first minor release that prints it) (cfg.GetArchEnv).
ARCHITECTURES = {
    "386": ("GO386", "sse2", 0),
    "amd64": ("GOAMD64", "v1", 0),
    "arm": ("GOARM", "7", 0),
    "arm64": ("GOARM64", "v8.0", 23),
    "mips": ("GOMIPS", "hardfloat", 0),
    "mipsle": ("GOMIPS", "hardfloat", 0),
    "mips64": ("GOMIPS64", "hardfloat", 0),
    "mips64le": ("GOMIPS64", "hardfloat", 0),
    "ppc64": ("GOPPC64", "power8", 0),
    "ppc64le": ("GOPPC64", "power8", 0),
    "riscv64": ("GORISCV64", "rva20u64", 23),
    "wasm": ("GOWASM", "", 0),
}

# Names whose asking makes `go env` run the C compiler (envcmd.ExtraEnvVarsCostly), with their defaults.
COSTLY = {
    "CGO_CFLAGS": "-O2 -g",
    "CGO_CPPFLAGS": "",
    "CGO_CXXFLAGS": "-O2 -g",
    "CGO_FFLAGS": "-O2 -g",
    "CGO_LDFLAGS": "-O2 -g",
    "PKG_CONFIG": "pkg-config",
    "GOGCCFLAGS": "",  # only the compiler knows
}

# Not listed, but printed when asked for by name (internal/cfg.KnownEnv).
KNOWN = {
    **{
        f"CGO_{flags}_{verdict}": 0
        for flags in ("CFLAGS", "CPPFLAGS", "CXXFLAGS", "FFLAGS", "LDFLAGS")
        for verdict in ("ALLOW", "DISALLOW")
    },
    "FC": 0,
    "GO386": 0,
    "GOAMD64": 0,
    "GOARM": 0,
    "GOCACHEPROG": 0,
    "GOMIPS": 0,
    "GOMIPS64": 0,
    "GOPPC64": 0,
    "GOWASM": 0,
    "GO_EXTLINK_ENABLED": 0,
    "GOARM64": 23,
    "GORISCV64": 23,
}

# All names of every release, and those that the runtime reads; to tell a slip of the pen from a new one.
NAMES = frozenset((
    *(*GO_ENV, *PLAIN, *OS_ONLY, *COSTLY, *KNOWN, *(name for name, _, _ in ARCHITECTURES.values())),
    *("CC", "CXX", "GCCGO", "CGO_ENABLED", "GOARCH", "GOOS", "GOHOSTARCH", "GOHOSTOS", "GOEXE", "GOVERSION"),
    *("GOENV", "GOROOT", "GOPATH", "GOBIN", "GOCACHE", "GOMODCACHE", "GOMOD", "GOWORK", "GOTOOLDIR"),
    *("GONOPROXY", "GONOSUMDB", "GOTELEMETRY", "GOTELEMETRYDIR"),
    *("GOGC", "GOMEMLIMIT", "GOMAXPROCS", "GOTRACEBACK", "GOCOVERDIR"),
))  # fmt: skip
